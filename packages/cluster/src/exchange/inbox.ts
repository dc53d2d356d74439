/** Records on their way in: each becomes a merge; when merges are durable the other side is told, and may send more. */
import { partitionOf } from '@torc/base/position';
import type { Channel } from './channel.ts';
import { EXCHANGE_LIMITS as LIMITS } from './limits.ts';
import type { SentRecord } from './messages.ts';
import type { SessionTerms } from './session.ts';
import { Window } from './window.ts';

export class Inbox {
  readonly #channel: Channel;
  readonly #terms: SessionTerms;
  readonly #window = new Window();
  /** By token, what is being merged. */
  readonly #merging = new Map<number, SentRecord>();
  #nextToken = 0;
  /** Durable since the last acknowledgement. */
  #durableBytes = 0;

  constructor(channel: Channel, terms: SessionTerms) {
    this.#channel = channel;
    this.#terms = terms;
  }

  /** Whether everything that came is durable. */
  get isDurable(): boolean {
    return this.#merging.size === 0;
  }

  /** False when these may not come: more than was granted, or keys of elsewhere. */
  accept(records: readonly SentRecord[]): boolean {
    for (const sent of records) {
      const { key, record } = sent;
      const position = this.#terms.source.positionOf(key);
      if (position === undefined || partitionOf(position, this.#terms.partitionBits) !== this.#terms.partition)
        return false;
      const sizeBytes = key.length + record.length;
      if (!this.#window.fits(sizeBytes)) return false;
      this.#window.push(sizeBytes);
      const token = this.#nextToken;
      this.#nextToken += 1;
      this.#merging.set(token, sent);
      this.#channel.recordsReceived += 1;
      this.#channel.merge(token, key, record);
    }
    return true;
  }

  /** The key that was merged, or `undefined` when this token was answered before. */
  merged(token: number): Uint8Array | undefined {
    const sent = this.#merging.get(token);
    if (sent === undefined) return undefined;
    this.#merging.delete(token);
    this.#durableBytes += sent.key.length + sent.record.length;
    const durable = this.#window.total - this.#merging.size;
    // Acknowledged in lumps: when nothing is left to wait for, and early enough that the sender need not stop.
    const isManyRecords = (durable - this.#window.acknowledged) * 4 >= LIMITS.windowRecords;
    if (this.isDurable || isManyRecords || this.#durableBytes * 4 >= LIMITS.windowBytes) this.#acknowledge(durable);
    return sent.key;
  }

  #acknowledge(durable: number): void {
    this.#window.acknowledge(durable);
    this.#durableBytes = 0;
    this.#channel.send({ kind: 'acknowledged', total: durable });
  }
}
