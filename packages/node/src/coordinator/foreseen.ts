/**
 * Keys that were told of ahead: their positions and hashes are computed once, when they are told of, and found again when
 * the command comes. They come in the same order, so finding is one comparison.
 */
import { EngineKey } from '@torc/storage/key';

const NO_BYTES = new Uint8Array(0);

export class Foreseen {
  readonly keys: EngineKey[] = [];
  #bytes: Uint8Array = NO_BYTES;
  #count = 0;
  #next = 0;

  take(db: number, bytes: Uint8Array, starts: Int32Array, ends: Int32Array, count: number): void {
    while (this.keys.length < count) this.keys.push(new EngineKey());
    for (let i = 0; i < count; i += 1) {
      (this.keys[i] as EngineKey).aim(db, bytes, starts[i] as number, ends[i] as number);
    }
    this.#bytes = bytes;
    this.#count = count;
    this.#next = 0;
  }

  /** The key if it was told of; its position, and its hash if it has been asked for, are known then. */
  find(db: number, bytes: Uint8Array, start: number, end: number): EngineKey | undefined {
    if (bytes !== this.#bytes) return undefined;
    for (; this.#next < this.#count; this.#next += 1) {
      const key = this.keys[this.#next] as EngineKey;
      if (key.start < start) continue;
      return key.start === start && key.end === end && key.bucket === db ? key : undefined;
    }
    return undefined;
  }

  clear(): void {
    this.#bytes = NO_BYTES;
    this.#count = 0;
  }
}
