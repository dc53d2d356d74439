/**
 * Where blocks come from. A reader asks only for what is in memory (`peek`); what is not there it names as a want, and
 * whoever drives it loads that, now or later, and calls again. So one read path serves both the turn and the pool.
 */

/** A block's place in its file: its stored bytes, trailer included. */
export interface BlockHandle {
  readonly offset: number;
  readonly storedBytes: number;
}

/** What a block belongs to, as the cache and the loader see it. */
export interface BlockOwner {
  /** The table's number: unique in a directory, never reused. */
  readonly number: number;
  readonly path: string;
  /** The seed of the file's checksums. */
  readonly seed: number;
}

export interface BlockSource {
  /** The block, checked and decompressed, if it is in memory. It stays as it is for the rest of the turn. */
  peek(owner: BlockOwner, handle: BlockHandle): Uint8Array | undefined;
}
