/**
 * A walk over a snapshot that is held while the node goes on: it must show, of every key, the newest write that was durable
 * when it was taken. Not a later one, whatever was flushed and merged meanwhile; none twice, none out of order.
 */
import { compareBytes } from '@torc/base/bytes';
import type { TorcNode } from '@torc/node/node';
import { bucketRange } from '@torc/node/replica/ranges';
import { RecordWalk } from '@torc/node/replica/record-walk';
import type { Snapshot } from '@torc/storage/read/snapshot';
import type { Promised } from '../checkers/key-ledger.ts';
import type { Settle } from './as-a-door.ts';

/** What a snapshot should show, by the text of the key. */
export type Expected = ReadonlyMap<string, Promised>;

export class NodeWalk {
  readonly #snapshot: Snapshot;
  readonly #walk: RecordWalk;
  readonly #expected: Expected;
  readonly #seen = new Set<string>();
  readonly #problems: string[] = [];
  #begun = false;
  #ended = false;
  #last = new Uint8Array(0);

  /** `expected` is asked when the snapshot is taken: that may have made writes durable, or refused some. */
  constructor(node: TorcNode, expected: (takenMs: number) => Expected) {
    this.#snapshot = node.engine.snapshots.take();
    this.#expected = expected(node.wallMs());
    this.#walk = new RecordWalk(node.engine, this.#snapshot, bucketRange(0));
  }

  /** Goes on for so many entries. */
  async go(entries: number, settle: Settle): Promise<void> {
    for (let left = entries; left > 0 && !this.#ended; left -= 1) {
      const more = this.#begun
        ? (this.#walk.nextNow() ?? (await settle(this.#walk.next())))
        : await settle(this.#walk.begin());
      this.#begun = true;
      if (more) this.#judge();
      else this.#ended = true;
    }
  }

  /** Walks to the end, lets the snapshot go, and says what was wrong. */
  async finish(settle: Settle): Promise<readonly string[]> {
    await this.go(Number.POSITIVE_INFINITY, settle);
    this.#snapshot.close();
    for (const [key, { attempt, mayBeForgotten }] of this.#expected) {
      if (!this.#seen.has(key) && !mayBeForgotten) {
        this.#problems.push(`a snapshot lacks ${key}, whose stamp ${attempt.stamp} was durable when it was taken`);
      }
    }
    return this.#problems;
  }

  #judge(): void {
    const { bytes, start, end } = this.#walk.key;
    const whole = bytes.slice(start - 4, end);
    if (compareBytes(this.#last, 0, this.#last.length, whole, 0, whole.length) >= 0) {
      this.#problems.push('a snapshot shows keys out of order');
    }
    this.#last = whole;
    const key = String.fromCharCode(...bytes.subarray(start, end));
    this.#seen.add(key);
    const winner = this.#walk.record().siblings[0];
    const attempt = this.#expected.get(key)?.attempt;
    if (attempt === undefined) {
      this.#problems.push(`a snapshot shows ${key}, of which nothing was durable when it was taken`);
      return;
    }
    const value = winner === undefined || winner.tombstone ? undefined : String.fromCharCode(...winner.value);
    if (winner?.dot.stamp === attempt.stamp && value === attempt.value) return;
    this.#problems.push(`a snapshot shows ${key} at ${winner?.dot.stamp}, not at ${attempt.stamp}`);
  }
}
