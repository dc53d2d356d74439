/**
 * The open batch: entries gathered behind room for a frame's header, in one array that is reused from batch to batch.
 */
import { copyBytes } from '@torc/base/bytes';
import { ENTRY_HEADER_BYTES, writeEntryHeader } from './entry.ts';
import { FRAME_ALIGNMENT, FRAME_HEADER_BYTES } from './frame.ts';

const FIRST_BYTES = 256 * 1024;

/** An array that grew beyond this for one large batch is let go afterwards. */
const KEEP_BYTES = 4 * 1024 * 1024;

export class BatchBuffer {
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  entries = 0;
  #end = FRAME_HEADER_BYTES;

  get payloadBytes(): number {
    return this.#end - FRAME_HEADER_BYTES;
  }

  /** Appends an entry whose key and record stand one behind the other in `from`. */
  append(
    kind: number,
    change: number,
    from: Uint8Array,
    keyStart: number,
    recordStart: number,
    recordEnd: number,
  ): void {
    const at = this.#reserve(ENTRY_HEADER_BYTES + recordEnd - keyStart);
    writeEntryHeader(this.bytes, at, kind, change, recordStart - keyStart, recordEnd - recordStart);
    copyBytes(from, keyStart, recordEnd, this.bytes, at + ENTRY_HEADER_BYTES);
    this.entries += 1;
  }

  /** Appends an entry that is encoded already. */
  appendEncoded(entry: Uint8Array): void {
    const at = this.#reserve(entry.length);
    copyBytes(entry, 0, entry.length, this.bytes, at);
    this.entries += 1;
  }

  clear(): void {
    if (this.bytes.length > KEEP_BYTES) this.bytes = new Uint8Array(FIRST_BYTES);
    this.#end = FRAME_HEADER_BYTES;
    this.entries = 0;
  }

  #reserve(length: number): number {
    const at = this.#end;
    this.#end += length;
    const needed = this.#end + FRAME_ALIGNMENT;
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      copyBytes(this.bytes, 0, at, larger, 0);
      this.bytes = larger;
    }
    return at;
  }
}
