/**
 * One entry of a data block:
 *
 *     varint shared | varint unshared | varint recordBytes * 2 + (part ? 1 : 0) | unshared bytes of key | record
 *
 * `shared` is how many bytes the key begins with in common with the one before, never fewer; 0 at a restart point. Varints
 * have seven bits a byte, low ones first, in at most five bytes.
 */
import { ENTRY_PART, ENTRY_WHOLE } from '../commit-log/entry.ts';

/** What an entry has beside key and record, at most. */
export const ENTRY_OVERHEAD_BYTES = 15;
const MAX_VARINT_BYTES = 5;

/** Writes a u32 and returns where it ends. */
export function writeVarint(into: Uint8Array, at: number, value: number): number {
  let rest = value;
  let to = at;
  while (rest >= 0x80) {
    into[to++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  into[to++] = rest;
  return to;
}

/** Where the parts of one entry stand. One object serves a whole walk. */
export class DataEntry {
  shared = 0;
  /** Of the key, the bytes that are not shared. */
  suffixStart = 0;
  suffixEnd = 0;
  kind = 0;
  recordStart = 0;
  /** Where the next entry begins, too. */
  recordEnd = 0;
  #to = 0;

  /** Reads the entry at `at`; `false` when it does not end at or before `limit`. */
  read(bytes: Uint8Array, at: number, limit: number): boolean {
    this.#to = at;
    this.shared = this.#varint(bytes, limit);
    const unshared = this.#varint(bytes, limit);
    const record = this.#varint(bytes, limit);
    if (this.shared < 0 || unshared < 0 || record < 0) return false;
    this.suffixStart = this.#to;
    this.suffixEnd = this.#to + unshared;
    this.kind = (record & 1) === 0 ? ENTRY_WHOLE : ENTRY_PART;
    this.recordStart = this.suffixEnd;
    this.recordEnd = this.recordStart + (record >>> 1);
    return this.recordEnd <= limit;
  }

  /** A u32, or -1 when there is none. */
  #varint(bytes: Uint8Array, limit: number): number {
    const first = this.#to;
    const end = Math.min(limit, first + MAX_VARINT_BYTES);
    let value = 0;
    for (let to = first; to < end; to += 1) {
      const byte = bytes[to] as number;
      value |= (byte & 0x7f) << (7 * (to - first));
      if (byte < 0x80) {
        this.#to = to + 1;
        return value >>> 0;
      }
    }
    return -1;
  }
}
