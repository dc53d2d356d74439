/**
 * The large buffers of those who read and write whole tables, used again from table to table. Left to the garbage
 * collector they would pile up: it looks at its own heap, and they lie outside.
 *
 * Whoever takes a piece gives it back once, and touches it no more. One that is not given back is only memory.
 */
import { assert } from '@torc/base/assert';

export const PIECE_BYTES: number = 512 * 1024;

/** Spare pieces; a compaction of so many runs makes none anew. */
const KEEP_PIECES = 8;

/** What an idle worker keeps at most. */
export const KEPT_PIECES_BYTES: number = KEEP_PIECES * PIECE_BYTES;

export class PieceMemory {
  readonly #spare: Uint8Array[] = [];

  get spares(): number {
    return this.#spare.length;
  }

  /** `PIECE_BYTES` bytes, whatever they are. */
  take(): Uint8Array {
    return this.#spare.pop() ?? new Uint8Array(PIECE_BYTES);
  }

  give(piece: Uint8Array): void {
    assert(piece.length === PIECE_BYTES && !this.#spare.includes(piece), 'a piece comes back whole, and once');
    if (this.#spare.length < KEEP_PIECES) this.#spare.push(piece);
  }
}
