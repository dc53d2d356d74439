/**
 * The bytes of the record cache: chunks in the order in which they were begun, entries appended to the newest. A place is one
 * u32 (`ref`): chunk number << 17 | offset / 8, as in the memtable's arena. Ref 0 means nothing.
 *
 * An entry, at a multiple of 8:
 *
 *     u32  length of the engine's key
 *     u32  length of the record
 *     u32  hash of the key
 *     u32  1 when the entry was asked for since it was written or moved, else 0
 *     the engine's key, the record
 */
import { copyBytes, equalBytes, readU32, writeU32 } from '@torc/base/bytes';
import { type EngineKey, KEY_PREFIX_BYTES, writeKeyPrefix } from '../key.ts';

export const ENTRY_HEAD_BYTES = 16;
export const MAX_CHUNK_BYTES: number = 1024 * 1024;

const ALIGNMENT = 8;
const OFFSET_BITS = 17;
const OFFSET_MASK = (1 << OFFSET_BITS) - 1;
const MAX_CHUNKS = 1 << (32 - OFFSET_BITS);
const ASKED_AT = 12;
const NO_BYTES = new Uint8Array(0);

export class RecordLog {
  /** By chunk number; an unused number has no bytes. */
  readonly #chunks: Uint8Array[] = [];
  readonly #filled: number[] = [];
  readonly #unused: number[] = [];
  /** Chunk numbers, oldest first. The last is being filled. */
  readonly #order: number[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get chunks(): number {
    return this.#order.length;
  }

  get canAddChunk(): boolean {
    return this.#order.length < MAX_CHUNKS;
  }

  get oldestChunk(): number {
    return this.#order[0] as number;
  }

  chunkBytes(chunk: number): number {
    return (this.#chunks[chunk] as Uint8Array).length;
  }

  /** Whether the newest chunk has room for an entry of `length` bytes. */
  fits(length: number): boolean {
    const chunk = this.#order.at(-1);
    return chunk !== undefined && (this.#filled[chunk] as number) + length <= this.chunkBytes(chunk);
  }

  addChunk(bytes: number): void {
    const chunk = this.#unused.pop() ?? this.#chunks.length;
    this.#chunks[chunk] = new Uint8Array(bytes);
    this.#filled[chunk] = firstOffset(chunk);
    this.#order.push(chunk);
    this.#bytes += bytes;
  }

  /** Gives the oldest chunk back. Nothing in it is named by a ref any more. */
  dropOldest(): void {
    const chunk = this.#order.shift() as number;
    this.#bytes -= this.chunkBytes(chunk);
    this.#chunks[chunk] = NO_BYTES;
    this.#unused.push(chunk);
  }

  /** Makes the oldest chunk the newest, keeping its first `kept` bytes (from `firstRef` on). */
  turnOldest(kept: number): void {
    const chunk = this.#order.shift() as number;
    this.#filled[chunk] = firstOffset(chunk) + kept;
    this.#order.push(chunk);
  }

  firstRef(chunk: number): number {
    return refOf(chunk, firstOffset(chunk));
  }

  /** The ref behind the chunk's last entry. */
  endRef(chunk: number): number {
    return refOf(chunk, this.#filled[chunk] as number);
  }

  /** Writes an entry that `fits`. */
  append(key: EngineKey, hash: number, record: Uint8Array, start: number, end: number): number {
    const chunk = this.#order.at(-1) as number;
    const at = this.#filled[chunk] as number;
    const bytes = this.#chunks[chunk] as Uint8Array;
    const keyBytes = KEY_PREFIX_BYTES + key.end - key.start;
    writeU32(bytes, at, keyBytes);
    writeU32(bytes, at + 4, end - start);
    writeU32(bytes, at + 8, hash);
    writeU32(bytes, at + ASKED_AT, 0);
    writeKeyPrefix(bytes, at + ENTRY_HEAD_BYTES, key.bucket, key.position);
    copyBytes(key.bytes, key.start, key.end, bytes, at + ENTRY_HEAD_BYTES + KEY_PREFIX_BYTES);
    copyBytes(record, start, end, bytes, at + ENTRY_HEAD_BYTES + keyBytes);
    this.#filled[chunk] = at + entryBytes(keyBytes, end - start);
    return refOf(chunk, at);
  }

  /** Moves an entry down inside its chunk and clears its mark. */
  moveDown(ref: number, to: number): void {
    const bytes = this.bytesOf(ref);
    const from = offsetOf(ref);
    bytes.copyWithin(offsetOf(to), from, from + this.entryBytesAt(ref));
    bytes[offsetOf(to) + ASKED_AT] = 0;
  }

  bytesOf(ref: number): Uint8Array {
    return this.#chunks[ref >>> OFFSET_BITS] as Uint8Array;
  }

  recordAt(ref: number): number {
    const at = offsetOf(ref);
    return at + ENTRY_HEAD_BYTES + readU32(this.bytesOf(ref), at);
  }

  recordEnd(ref: number): number {
    return this.recordAt(ref) + readU32(this.bytesOf(ref), offsetOf(ref) + 4);
  }

  hashOf(ref: number): number {
    return readU32(this.bytesOf(ref), offsetOf(ref) + 8);
  }

  /** All of the entry, padding included. */
  entryBytesAt(ref: number): number {
    const bytes = this.bytesOf(ref);
    const at = offsetOf(ref);
    return entryBytes(readU32(bytes, at), readU32(bytes, at + 4));
  }

  wasAsked(ref: number): boolean {
    return this.bytesOf(ref)[offsetOf(ref) + ASKED_AT] !== 0;
  }

  markAsked(ref: number): void {
    this.bytesOf(ref)[offsetOf(ref) + ASKED_AT] = 1;
  }

  holds(ref: number, key: EngineKey): boolean {
    const bytes = this.bytesOf(ref);
    const at = offsetOf(ref);
    const keyAt = at + ENTRY_HEAD_BYTES;
    // The position follows from the key, so it need not be compared.
    if ((((bytes[keyAt] as number) << 8) | (bytes[keyAt + 1] as number)) !== key.bucket) return false;
    const keyEnd = keyAt + readU32(bytes, at);
    return equalBytes(bytes, keyAt + KEY_PREFIX_BYTES, keyEnd, key.bytes, key.start, key.end);
  }
}

/** What an entry takes, padding included. */
export function entryBytes(keyBytes: number, recordBytes: number): number {
  return (ENTRY_HEAD_BYTES + keyBytes + recordBytes + ALIGNMENT - 1) & -ALIGNMENT;
}

/** The ref `bytes` further on in the same chunk. */
export function refBehind(ref: number, bytes: number): number {
  return ref + bytes / ALIGNMENT;
}

function refOf(chunk: number, offset: number): number {
  return chunk * (1 << OFFSET_BITS) + offset / ALIGNMENT;
}

function offsetOf(ref: number): number {
  return (ref & OFFSET_MASK) * ALIGNMENT;
}

/** Chunk 0 leaves its first place out, so that no entry has ref 0. */
function firstOffset(chunk: number): number {
  return chunk === 0 ? ALIGNMENT : 0;
}
