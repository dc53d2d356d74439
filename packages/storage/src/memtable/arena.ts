/**
 * Bytes for entries: chunks of 1 MiB, filled from the front, never moved while an entry in them may be read in this turn.
 *
 * A place is one u32 (`ref`): chunk number << 17 | offset / 8. Ref 0 means nothing. An entry larger than a chunk gets a
 * chunk of its own. Each chunk counts its live bytes, so that one that is mostly dead can be emptied and reused.
 */
import { assert } from '@torc/base/assert';

export const CHUNK_BYTES: number = 1024 * 1024;
export const ENTRY_ALIGNMENT = 8;

const OFFSET_BITS = 17;
const OFFSET_MASK = (1 << OFFSET_BITS) - 1;
const MAX_CHUNKS = 1 << (32 - OFFSET_BITS);

/** Freed chunks kept for reuse, so that steady overwriting does not allocate. */
const SPARE_CHUNKS = 8;

const FREED = new Uint8Array(0);

export class Arena {
  readonly #chunks: Uint8Array[] = [];
  readonly #filled: number[] = [];
  readonly #live: number[] = [];
  readonly #free: number[] = [];
  readonly #spare: Uint8Array[] = [];
  #current = -1;
  #cursor = CHUNK_BYTES;
  #heldBytes = 0;
  #liveBytes = 0;

  /** Bytes taken from the runtime. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Room for `length` bytes; returns the ref. The bytes are not cleared. */
  allocate(length: number): number {
    const padded = (length + ENTRY_ALIGNMENT - 1) & -ENTRY_ALIGNMENT;
    if (padded > CHUNK_BYTES / 2) return this.#allocateAlone(padded);
    if (this.#cursor + padded > CHUNK_BYTES) this.#beginChunk();
    const offset = this.#cursor;
    this.#cursor += padded;
    this.#filled[this.#current] = this.#cursor;
    this.#live[this.#current] = (this.#live[this.#current] as number) + padded;
    this.#liveBytes += padded;
    return ((this.#current << OFFSET_BITS) | (offset / ENTRY_ALIGNMENT)) >>> 0;
  }

  bytesOf(ref: number): Uint8Array {
    return this.#chunks[ref >>> OFFSET_BITS] as Uint8Array;
  }

  offsetOf(ref: number): number {
    return (ref & OFFSET_MASK) * ENTRY_ALIGNMENT;
  }

  /** Counts `length` bytes at `ref` as dead (or, with a negative length, alive again). */
  release(ref: number, length: number): void {
    const padded = length < 0 ? -pad(-length) : pad(length);
    const chunk = ref >>> OFFSET_BITS;
    this.#live[chunk] = (this.#live[chunk] as number) - padded;
    this.#liveBytes -= padded;
  }

  /** The fullest-of-dead chunk: the one whose emptying moves least for what it frees; -1 when none is half dead. */
  worstChunk(): number {
    let worst = -1;
    let worstShare = 0.5;
    for (let chunk = 0; chunk < this.#chunks.length; chunk += 1) {
      const bytes = this.#chunks[chunk] as Uint8Array;
      if (chunk === this.#current || bytes === FREED) continue;
      const share = (this.#live[chunk] as number) / bytes.length;
      if (share < worstShare) {
        worst = chunk;
        worstShare = share;
      }
    }
    return worst;
  }

  /** The first and the end ref of what a chunk holds. */
  firstRef(chunk: number): number {
    return ((chunk << OFFSET_BITS) | (firstOffset(chunk) / ENTRY_ALIGNMENT)) >>> 0;
  }

  filledBytes(chunk: number): number {
    return this.#filled[chunk] as number;
  }

  /** Gives an emptied chunk back. */
  freeChunk(chunk: number): void {
    assert((this.#live[chunk] as number) === 0, 'a chunk is freed when nothing in it lives');
    const bytes = this.#chunks[chunk] as Uint8Array;
    this.#heldBytes -= bytes.length;
    if (bytes.length === CHUNK_BYTES && this.#spare.length < SPARE_CHUNKS) this.#spare.push(bytes);
    this.#chunks[chunk] = FREED;
    this.#free.push(chunk);
  }

  #allocateAlone(padded: number): number {
    const chunk = this.#addChunk(new Uint8Array(padded + ENTRY_ALIGNMENT));
    this.#filled[chunk] = padded + firstOffset(chunk);
    this.#live[chunk] = padded;
    this.#liveBytes += padded;
    return this.firstRef(chunk);
  }

  #beginChunk(): void {
    this.#current = this.#addChunk(this.#spare.pop() ?? new Uint8Array(CHUNK_BYTES));
    this.#cursor = firstOffset(this.#current);
    this.#filled[this.#current] = this.#cursor;
    this.#live[this.#current] = 0;
  }

  #addChunk(bytes: Uint8Array): number {
    const chunk = this.#free.pop() ?? this.#chunks.length;
    assert(chunk < MAX_CHUNKS, 'an arena addresses 32 GiB');
    this.#chunks[chunk] = bytes;
    this.#heldBytes += bytes.length;
    return chunk;
  }
}

/** Chunk 0 leaves its first place out, so that no entry has ref 0. */
function firstOffset(chunk: number): number {
  return chunk === 0 ? ENTRY_ALIGNMENT : 0;
}

function pad(length: number): number {
  return (length + ENTRY_ALIGNMENT - 1) & -ENTRY_ALIGNMENT;
}
