/**
 * Records on their way out: keys wait here, are read as late as can be, and leave in pages as the other side acknowledges.
 */
import type { Channel } from './channel.ts';
import { EXCHANGE_LIMITS as LIMITS } from './limits.ts';
import type { SentRecord } from './messages.ts';
import type { LeafSource } from './source.ts';
import { Window } from './window.ts';

export class Outbox {
  readonly #channel: Channel;
  readonly #source: LeafSource;
  readonly #window = new Window();
  #keys: readonly Uint8Array[] = [];
  /** The first key that was not sent. */
  #at = 0;
  #isLoading = false;

  constructor(channel: Channel, source: LeafSource) {
    this.#channel = channel;
    this.#source = source;
  }

  /** Whether every key was sent: more may be given. */
  get isEmpty(): boolean {
    return this.#at === this.#keys.length;
  }

  /** Whether every record that was sent is durable at the other side. */
  get isAcknowledged(): boolean {
    return this.isEmpty && this.#window.records === 0;
  }

  /** Only when empty. So many keys wait at a time as one page of a list has. */
  give(keys: readonly Uint8Array[]): void {
    this.#keys = keys;
    this.#at = 0;
  }

  /** False when so many were never sent. */
  acknowledge(total: number): boolean {
    return this.#window.acknowledge(total);
  }

  /** What was asked for is there. */
  loaded(): void {
    this.#isLoading = false;
  }

  /** Sends what may be sent now. */
  pump(): void {
    while (!this.#isLoading && !this.isEmpty) {
      const page = this.#page();
      if (page.length === 0) return;
      this.#channel.recordsSent += page.length;
      this.#channel.send({ kind: 'records', records: page });
    }
  }

  /** The next records that fit into one message and the window. A key that has no record any more is passed over. */
  #page(): readonly SentRecord[] {
    const page: SentRecord[] = [];
    let pageBytes = 0;
    for (; !this.isEmpty && page.length < LIMITS.pageRecords; this.#at += 1) {
      const key = this.#keys[this.#at] as Uint8Array;
      const record = this.#source.record(key);
      if (record === undefined) continue;
      if (record === 'loading') {
        if (page.length === 0) this.#load();
        break;
      }
      const sizeBytes = key.length + record.length;
      if (!this.#window.fits(sizeBytes) || (page.length > 0 && pageBytes + sizeBytes > LIMITS.pageBytes)) break;
      this.#window.push(sizeBytes);
      pageBytes += sizeBytes;
      page.push({ key, record });
    }
    return page;
  }

  #load(): void {
    this.#isLoading = true;
    const keys = this.#keys.slice(this.#at, this.#at + LIMITS.pageRecords);
    this.#channel.load({ kind: 'records', keys });
  }
}
