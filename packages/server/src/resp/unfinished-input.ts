/**
 * What all connections together keep of commands that have not ended. Each is bounded on its own, but ten thousand times
 * that bound is no bound: beyond a total, connections that keep much are ended, and small ones go on.
 */
export const MAX_UNFINISHED_BYTES: number = 512 * 1024 * 1024;
export const SMALL_UNFINISHED_BYTES: number = 64 * 1024;

export class UnfinishedInput {
  #bytes = 0;

  /** A connection keeps `moreBytes` more (or fewer) than before, `heldBytes` now. `false`: it is to be ended. */
  admits(moreBytes: number, heldBytes: number): boolean {
    this.#bytes += moreBytes;
    return moreBytes <= 0 || heldBytes <= SMALL_UNFINISHED_BYTES || this.#bytes <= MAX_UNFINISHED_BYTES;
  }
}
