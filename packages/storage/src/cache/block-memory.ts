/**
 * The buffers of cached blocks, used again. Left to the garbage collector, evicted blocks would pile up to several times the
 * cache before it looks at them: they are old by then, and their bytes lie outside its heap.
 *
 * An evicted block may still be read: in this turn by whoever got it from the cache, and longer by a reader that holds the
 * memory. So a buffer waits until the turn has ended and nobody holds, and only then it is spare. What does not fit into
 * the limit meanwhile goes to the garbage collector, which is always safe. Without `turnEnded` nothing is ever used again.
 * `turnEnded` says how much left in the turn, so that the owner can choose a limit with which nothing goes that way.
 *
 * Buffers come in sizes, 16 to a doubling, so that one fits every block that is at most a sixteenth smaller.
 */
import { assert } from '@torc/base/assert';

const STEPS_BITS = 4;
const SMALLEST_BYTES = 256;
const LARGEST_BYTES = 1 << 30;

/** What a reader that ought to have held sees, when `poison` is asked for. */
const POISON = 0xdb;

export class BlockMemory {
  /** By size: buffers that nobody reads. */
  readonly #spare: Uint8Array[][] = [];
  /** Buffers that somebody may still read. */
  #waiting: Uint8Array[] = [];
  #limitBytes = 0;
  #spareBytes = 0;
  #waitingBytes = 0;
  /** Of those who left in this turn, what the limit had no room for. */
  #unkeptBytes = 0;
  #holders = 0;
  /** The size of which the last spare was dropped: the next one is of another, so that none is used up for the rest. */
  #droppedAt = 0;
  readonly #poison: boolean;

  constructor(poison: boolean) {
    this.#poison = poison;
  }

  /** Held here and in no block: at most the limit. */
  get bytes(): number {
    return this.#spareBytes + this.#waitingBytes;
  }

  resize(limitBytes: number): void {
    this.#limitBytes = limitBytes;
    this.#dropSpares(limitBytes);
    if (this.bytes > limitBytes) this.#dropWaiting();
  }

  /** A block of `length` bytes, whatever they are. */
  take(length: number): Uint8Array {
    const sizeBytes = sizeFor(length);
    const spare = this.#spare[sizeIndex(sizeBytes)]?.pop();
    if (spare === undefined) return new Uint8Array(new ArrayBuffer(sizeBytes), 0, length);
    this.#spareBytes -= sizeBytes;
    return spare.length === length ? spare : new Uint8Array(spare.buffer, 0, length);
  }

  /** Takes an evicted block back. It must come from `take`. */
  retire(block: Uint8Array): void {
    const sizeBytes = block.buffer.byteLength;
    // Spares of sizes that nobody asks for any more would keep the place for ever.
    this.#dropSpares(this.#limitBytes - sizeBytes);
    if (this.bytes + sizeBytes > this.#limitBytes) {
      this.#unkeptBytes += sizeBytes;
      return;
    }
    this.#waiting.push(block);
    this.#waitingBytes += sizeBytes;
  }

  /** From now until `release` no block that can be read now is used again. */
  hold(): void {
    this.#holders += 1;
  }

  release(): void {
    assert(this.#holders > 0, 'block memory is released as often as it was held');
    this.#holders -= 1;
  }

  /** Answers the bytes that left in the turn, kept here or not. */
  turnEnded(): number {
    const leftBytes = this.#waitingBytes + this.#unkeptBytes;
    this.#unkeptBytes = 0;
    if (this.#holders > 0 || this.#waiting.length === 0) return leftBytes;
    for (const block of this.#waiting) {
      const sizeBytes = block.buffer.byteLength;
      if (this.#poison) new Uint8Array(block.buffer).fill(POISON);
      (this.#spare[sizeIndex(sizeBytes)] ??= []).push(block);
    }
    this.#spareBytes += this.#waitingBytes;
    this.#dropWaiting();
    return leftBytes;
  }

  /** Lets spares go until all that is held here is at most `bytes`, or none is left; one of each size in turn. */
  #dropSpares(bytes: number): void {
    while (this.#spareBytes > 0 && this.bytes > bytes) {
      this.#droppedAt = (this.#droppedAt + 1) % this.#spare.length;
      const dropped = this.#spare[this.#droppedAt]?.pop();
      if (dropped !== undefined) this.#spareBytes -= dropped.buffer.byteLength;
    }
  }

  #dropWaiting(): void {
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }
}

/** The size of the buffer that a block of `length` bytes gets. */
export function sizeFor(length: number): number {
  if (length <= SMALLEST_BYTES) return SMALLEST_BYTES;
  assert(length <= LARGEST_BYTES, 'a block is at most 1 GiB');
  const step = 1 << (31 - Math.clz32(length - 1) - STEPS_BITS);
  return Math.ceil(length / step) * step;
}

function sizeIndex(sizeBytes: number): number {
  const exponent = 31 - Math.clz32(sizeBytes);
  return (exponent << STEPS_BITS) | ((sizeBytes >>> (exponent - STEPS_BITS)) & ((1 << STEPS_BITS) - 1));
}
