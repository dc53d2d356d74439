/**
 * Cursors: ordered walks over entries, forwards and backwards, without an object per entry.
 *
 * Contract:
 * - A call answers `AT_ENTRY`, `AT_END` or `NEEDS_DISK`. After `NEEDS_DISK` nothing has moved: load what `wants` names, give
 *   it to `provide`, and make the same call again. The same call with the same arguments gets further each time.
 * - At an entry the fields say where its engine's key (`key.ts`) and its record stand. They are valid until the next call.
 * - Keys are in byte order, each key once. `next` and `previous` may follow each other freely; past either end a cursor
 *   stays `AT_END` until it is sought again, and a cursor that was never sought is `AT_END`.
 *
 * A cursor over other cursors forwards the fields by getters of its own, though they repeat: getters in a base class, which
 * met every kind of cursor at one place, cost a walk about a tenth more of the processor.
 */
import type { BlockHandle, BlockOwner } from '../sstable/block-source.ts';

export const AT_END = 0;
export const AT_ENTRY = 1;
export const NEEDS_DISK = 2;

export type CursorCode = typeof AT_END | typeof AT_ENTRY | typeof NEEDS_DISK;

/** What a cursor or a lookup lacks in memory. */
export interface BlockWant {
  readonly owner: BlockOwner;
  readonly handle: BlockHandle;
}

export interface Cursor {
  readonly keyBytes: Uint8Array;
  readonly keyStart: number;
  readonly keyEnd: number;
  /** `ENTRY_WHOLE` or `ENTRY_PART` (`commit-log/entry.ts`). */
  readonly kind: number;
  readonly recordBytes: Uint8Array;
  readonly recordStart: number;
  readonly recordEnd: number;
  /** After `NEEDS_DISK`. */
  readonly wants: BlockWant | undefined;
  /** To the first entry at or above the key. */
  seek(key: Uint8Array, start: number, end: number): CursorCode;
  /** To the last entry below the key. */
  seekBelow(key: Uint8Array, start: number, end: number): CursorCode;
  next(): CursorCode;
  previous(): CursorCode;
  /** The wanted block, checked and decompressed. It stays as it is while the cursor may be at it. */
  provide(block: Uint8Array): void;
}
