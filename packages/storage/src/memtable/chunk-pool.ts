/**
 * Chunks of memory that worker threads can see (SharedArrayBuffer), used again from memtable to memtable: a fresh chunk
 * costs page faults, and one that the collector has to find costs memory until it does.
 */
export const CHUNK_BYTES: number = 1024 * 1024;

export class ChunkPool {
  readonly #spare: Uint8Array<SharedArrayBuffer>[] = [];
  readonly #keepChunks: number;

  /** Keeps at most `keepBytes` for reuse. */
  constructor(keepBytes = 0) {
    this.#keepChunks = Math.floor(keepBytes / CHUNK_BYTES);
  }

  /** A chunk; its bytes are whatever was in it. */
  take(): Uint8Array<SharedArrayBuffer> {
    return this.#spare.pop() ?? new Uint8Array(new SharedArrayBuffer(CHUNK_BYTES));
  }

  /** Takes back what nobody reads any more. Chunks of other sizes are let go. */
  give(chunks: readonly Uint8Array<SharedArrayBuffer>[]): void {
    for (const chunk of chunks) {
      if (chunk.length === CHUNK_BYTES && this.#spare.length < this.#keepChunks) this.#spare.push(chunk);
    }
  }
}
