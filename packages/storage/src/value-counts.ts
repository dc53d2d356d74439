/**
 * How many keys of each bucket have a value (their winner is no tombstone; expired ones count until they are forgotten).
 * Exact without reading anything: every write reads the record that it replaces, and says in the log what it changed.
 */
import { ADDS_VALUE, REMOVES_VALUE } from './commit-log/entry.ts';

export class ValueCounts {
  readonly #counts = new Map<number, number>();
  /** What the open batch changed, to take it back. */
  readonly #open = new Map<number, number>();
  #openBatch = -1;

  reset(counts: ReadonlyMap<number, number>): void {
    this.#counts.clear();
    for (const [bucket, count] of counts) this.#counts.set(bucket, count);
  }

  of(bucket: number): number {
    return this.#counts.get(bucket) ?? 0;
  }

  /** A copy of all of them. */
  all(): Map<number, number> {
    return new Map(this.#counts);
  }

  /** `change` as the log names it (`commit-log/entry.ts`). */
  count(bucket: number, change: number, batch: number): void {
    const by = change === ADDS_VALUE ? 1 : change === REMOVES_VALUE ? -1 : 0;
    if (by === 0) return;
    if (this.#openBatch !== batch) {
      this.#openBatch = batch;
      this.#open.clear();
    }
    this.#open.set(bucket, (this.#open.get(bucket) ?? 0) + by);
    this.add(bucket, by);
  }

  add(bucket: number, by: number): void {
    this.#counts.set(bucket, Math.max(0, this.of(bucket) + by));
  }

  undoBatch(batch: number): void {
    if (this.#openBatch !== batch) return;
    for (const [bucket, by] of this.#open) this.add(bucket, -by);
    this.#open.clear();
  }
}
