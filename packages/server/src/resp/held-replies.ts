/**
 * Which bytes of a connection's replies wait for which batch. Replies leave in order, so one that waits holds all behind it.
 *
 * At most two batches are outstanding at any time, the one in flight and the open one; so two marks are enough.
 */
import { assert } from '@torc/base/assert';

export class HeldReplies {
  #count = 0;
  readonly #batch: [number, number] = [0, 0];
  /** Where the bytes that wait for the batch begin. */
  readonly #from: [number, number] = [0, 0];
  readonly #replies: [number, number] = [0, 0];

  get any(): boolean {
    return this.#count > 0;
  }

  /** How many bytes may leave, of `end`. */
  freeBytes(end: number): number {
    return this.#count === 0 ? end : this.#from[0];
  }

  /** A reply that begins at `from` waits for `batch`; 0 means for nothing of its own. */
  hold(batch: number, from: number): void {
    if (this.#count === 0 && batch === 0) return;
    const last = this.#count - 1;
    if (last >= 0 && batch <= (this.#batch[last] as number)) {
      this.#replies[last] = (this.#replies[last] as number) + 1;
      return;
    }
    assert(this.#count < 2, 'at most two batches are outstanding');
    this.#batch[this.#count] = batch;
    this.#from[this.#count] = from;
    this.#replies[this.#count] = 1;
    this.#count += 1;
  }

  /** Every batch up to this one is durable. Returns whether that freed anything. */
  release(batch: number): boolean {
    let freed = false;
    while (this.#count > 0 && this.#batch[0] <= batch) {
      this.#batch[0] = this.#batch[1];
      this.#from[0] = this.#from[1];
      this.#replies[0] = this.#replies[1];
      this.#count -= 1;
      freed = true;
    }
    return freed;
  }

  /**
   * The open batch was refused: its replies are void. Returns how many there are and where they begin, or `undefined`;
   * the caller puts as many errors there, which wait for what is in front of them.
   */
  refuse(batch: number): { readonly from: number; readonly replies: number } | undefined {
    const last = this.#count - 1;
    if (last < 0 || this.#batch[last] !== batch) return undefined;
    const voided = { from: this.#from[last] as number, replies: this.#replies[last] as number };
    this.#count -= 1;
    if (this.#count > 0) this.#replies[0] += voided.replies;
    return voided;
  }

  /** The first `bytes` have left. */
  shift(bytes: number): void {
    this.#from[0] -= bytes;
    this.#from[1] -= bytes;
  }
}
