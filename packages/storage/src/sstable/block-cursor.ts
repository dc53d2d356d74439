/**
 * Walks one data block both ways. Keys are put together in an array of its own; records are pointed to in the block.
 *
 * A call that answers `false` from an entry has not moved. Backwards means again from the restart point before. Every loop
 * goes forward through the bytes, so none is longer than the block.
 */
import { compareBytes, copyBytes, readU32 } from '@torc/base/bytes';
import { DamageError } from '@torc/base/errors';
import type { BlockOwner } from './block-source.ts';
import { restartCount, restartsAt, seekRestart } from './data-block.ts';
import { DataEntry } from './data-entry.ts';
import { MAX_KEY_BYTES } from './limits.ts';

const NO_BYTES = new Uint8Array(0);
const FIRST_KEY_BYTES = 256;
/** Copies of blocks up to this share one array. */
const KEEP_BYTES = 1024 * 1024;

export class BlockCursor {
  keyBytes: Uint8Array = new Uint8Array(FIRST_KEY_BYTES);
  keyEnd = 0;
  block: Uint8Array = NO_BYTES;
  /** Kind and record of the entry it is at. */
  readonly entry: DataEntry = new DataEntry();
  readonly #owner: BlockOwner;
  #offset = 0;
  #copy: Uint8Array = NO_BYTES;
  #entriesEnd = 0;
  #restarts = 0;
  /** Where the entry begins, and the last restart point at or before it. */
  #at = 0;
  #restart = 0;

  constructor(owner: BlockOwner) {
    this.#owner = owner;
  }

  /** Takes the block that stands at `offset` of the file; one that will not stay as it is, is copied. */
  load(block: Uint8Array, offset: number, stays: boolean): void {
    this.#offset = offset;
    this.block = stays ? block : this.#copied(block);
    this.#entriesEnd = restartsAt(this.block);
    if (this.#entriesEnd < 0) throw this.#damaged();
    this.#restarts = restartCount(this.block);
    if (this.#restartOffset(0) !== 0) throw this.#damaged();
  }

  first(): true {
    this.#toRestart(0);
    return true;
  }

  last(): true {
    this.#toRestart(this.#restarts - 1);
    while (this.next());
    return true;
  }

  /** To the first entry at or above the key. Afterwards, without one, it is at the last. */
  seek(key: Uint8Array, start: number, end: number): boolean {
    this.#toRestart(this.#restartBelow(key, start, end));
    while (compareBytes(this.keyBytes, 0, this.keyEnd, key, start, end) < 0) if (!this.next()) return false;
    return true;
  }

  /** To the last entry below the key. Afterwards, without one, it is at the first. */
  seekBelow(key: Uint8Array, start: number, end: number): boolean {
    this.#toRestart(this.#restartBelow(key, start, end));
    while (compareBytes(this.keyBytes, 0, this.keyEnd, key, start, end) < 0) if (!this.next()) return true;
    return this.previous();
  }

  next(): boolean {
    const at = this.entry.recordEnd;
    if (at >= this.#entriesEnd) return false;
    this.#read(at);
    if (this.#restart + 1 < this.#restarts && this.#restartOffset(this.#restart + 1) === at) this.#restart += 1;
    return true;
  }

  previous(): boolean {
    const target = this.#at;
    if (target === 0) return false;
    const restart = this.#restartOffset(this.#restart) < target ? this.#restart : this.#restart - 1;
    if (restart < 0) throw this.#damaged();
    this.#toRestart(restart);
    while (this.entry.recordEnd < target) this.#read(this.entry.recordEnd);
    if (this.entry.recordEnd !== target) throw this.#damaged();
    return true;
  }

  #restartBelow(key: Uint8Array, start: number, end: number): number {
    const restart = seekRestart(this.block, this.#entriesEnd, this.entry, key, start, end);
    if (restart < 0) throw this.#damaged();
    return restart;
  }

  #restartOffset(i: number): number {
    return readU32(this.block, this.#entriesEnd + 4 * i);
  }

  #toRestart(i: number): void {
    this.#restart = i;
    this.keyEnd = 0;
    this.#read(this.#restartOffset(i));
  }

  #read(at: number): void {
    const { entry } = this;
    if (!entry.read(this.block, at, this.#entriesEnd) || entry.shared > this.keyEnd) throw this.#damaged();
    const keyEnd = entry.shared + entry.suffixEnd - entry.suffixStart;
    if (keyEnd > MAX_KEY_BYTES) throw this.#damaged();
    if (keyEnd > this.keyBytes.length) {
      const larger = new Uint8Array(2 * keyEnd);
      copyBytes(this.keyBytes, 0, entry.shared, larger, 0);
      this.keyBytes = larger;
    }
    copyBytes(this.block, entry.suffixStart, entry.suffixEnd, this.keyBytes, entry.shared);
    this.keyEnd = keyEnd;
    this.#at = at;
  }

  #copied(block: Uint8Array): Uint8Array {
    if (block.length > KEEP_BYTES) return block.slice();
    if (block.length > this.#copy.length) this.#copy = new Uint8Array(Math.min(KEEP_BYTES, 2 * block.length));
    this.#copy.set(block);
    return this.#copy.subarray(0, block.length);
  }

  #damaged(): DamageError {
    return new DamageError(this.#owner.path, this.#offset, 'a data block does not parse');
  }
}
