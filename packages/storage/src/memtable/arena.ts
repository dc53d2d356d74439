/**
 * Bytes for entries: chunks of 1 MiB, filled from the front, never moved and never freed one by one.
 *
 * A place is one u32 (`ref`): chunk number << 17 | offset / 8. Ref 0 means nothing. An entry larger than half a chunk gets
 * a chunk of its own.
 */
import { assert } from '@torc/base/assert';
import { CHUNK_BYTES, ChunkPool } from './chunk-pool.ts';

export const ENTRY_ALIGNMENT = 8;

const OFFSET_BITS = 17;
const OFFSET_MASK = (1 << OFFSET_BITS) - 1;
const MAX_CHUNKS = 1 << (32 - OFFSET_BITS);

export class Arena {
  readonly #pool: ChunkPool;
  readonly #chunks: Uint8Array<SharedArrayBuffer>[] = [];
  /** The same bytes: one load for a number, where bytes take four. */
  readonly #words: DataView[] = [];
  readonly #filled: number[] = [];
  #current = -1;
  #cursor = CHUNK_BYTES;
  #usedBytes = 0;
  #heldBytes = 0;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
  }

  /** Bytes taken from the runtime. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Bytes given out, padding included. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Room for `length` bytes; returns the ref. The bytes are not cleared. */
  allocate(length: number): number {
    const padded = paddedBytes(length);
    this.#usedBytes += padded;
    if (padded > CHUNK_BYTES / 2) return this.#allocateAlone(padded);
    if (this.#cursor + padded > CHUNK_BYTES) this.#beginChunk();
    const offset = this.#cursor;
    this.#cursor += padded;
    return ((this.#current << OFFSET_BITS) | (offset / ENTRY_ALIGNMENT)) >>> 0;
  }

  bytesOf(ref: number): Uint8Array {
    return this.#chunks[ref >>> OFFSET_BITS] as Uint8Array;
  }

  wordsOf(ref: number): DataView {
    return this.#words[ref >>> OFFSET_BITS] as DataView;
  }

  offsetOf(ref: number): number {
    return (ref & OFFSET_MASK) * ENTRY_ALIGNMENT;
  }

  /** Every chunk with how far it is filled; the first entry of each is at `firstOffset(number)`. */
  get chunks(): readonly Uint8Array<SharedArrayBuffer>[] {
    return this.#chunks;
  }

  filledBytes(chunk: number): number {
    return chunk === this.#current ? this.#cursor : (this.#filled[chunk] as number);
  }

  /** Gives the chunks back: nobody may hold a ref any more. */
  release(): void {
    this.#pool.give(this.#chunks);
    this.#chunks.length = 0;
    this.#words.length = 0;
    this.#filled.length = 0;
    this.#current = -1;
    this.#cursor = CHUNK_BYTES;
    this.#usedBytes = 0;
    this.#heldBytes = 0;
  }

  #allocateAlone(padded: number): number {
    const chunk = this.#addChunk(new Uint8Array(new SharedArrayBuffer(padded + ENTRY_ALIGNMENT)));
    const first = firstOffset(chunk);
    this.#filled[chunk] = first + padded;
    return ((chunk << OFFSET_BITS) | (first / ENTRY_ALIGNMENT)) >>> 0;
  }

  #beginChunk(): void {
    if (this.#current >= 0) this.#filled[this.#current] = this.#cursor;
    this.#current = this.#addChunk(this.#pool.take());
    this.#cursor = firstOffset(this.#current);
  }

  #addChunk(bytes: Uint8Array<SharedArrayBuffer>): number {
    const chunk = this.#chunks.length;
    assert(chunk < MAX_CHUNKS, 'an arena addresses 32 GiB');
    this.#chunks.push(bytes);
    this.#words.push(new DataView(bytes.buffer));
    this.#heldBytes += bytes.length;
    return chunk;
  }
}

/** Chunk 0 leaves its first place out, so that no entry has ref 0. */
export function firstOffset(chunk: number): number {
  return chunk === 0 ? ENTRY_ALIGNMENT : 0;
}

export function paddedBytes(length: number): number {
  return (length + ENTRY_ALIGNMENT - 1) & -ENTRY_ALIGNMENT;
}
