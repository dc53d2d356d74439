/**
 * Index blocks, both levels: entries of fixed-size handles and a separator, then the entries' offsets (u32 each), then how
 * many those are (u32). So any entry is reached at once, and a search makes nothing.
 *
 * A separator is at or above the last key of what its entry leads to and below the first key of what the next one leads to.
 *
 *     index:      offset u53, stored bytes u32 of a data block | separator
 *     top index:  the same of a filter (0 bytes: none), the same of an index | separator
 */
import { compareBytes, copyBytes, readU32, readU53, writeU32, writeU53 } from '@torc/base/bytes';
import type { BlockHandle } from './block-source.ts';

const HANDLE_BYTES = 12;
/** What stands before the separator. */
export const INDEX_ENTRY_BYTES: number = HANDLE_BYTES;
export const TOP_ENTRY_BYTES: number = 2 * HANDLE_BYTES;
/** Where in a top index's entry the handle of the index stands; that of the filter is at 0. */
export const TOP_INDEX_HANDLE: number = HANDLE_BYTES;

const FIRST_BYTES = 16 * 1024;

export class IndexBlockBuilder {
  #bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  #end = 0;
  #offsets: number[] = [];

  get entries(): number {
    return this.#offsets.length;
  }

  /** Begins an entry; handles and one separator follow. */
  begin(): void {
    this.#offsets.push(this.#end);
  }

  handle(handle: BlockHandle): void {
    this.#grow(HANDLE_BYTES);
    writeU53(this.#bytes, this.#end, handle.offset);
    writeU32(this.#bytes, this.#end + 8, handle.storedBytes);
    this.#end += HANDLE_BYTES;
  }

  separator(bytes: Uint8Array, start: number, end: number): void {
    this.#grow(end - start);
    copyBytes(bytes, start, end, this.#bytes, this.#end);
    this.#end += end - start;
  }

  /** Completes the block: a view, good until the builder is used again. */
  finish(): Uint8Array {
    this.#grow(4 * this.#offsets.length + 4);
    let at = this.#end;
    for (const offset of this.#offsets) {
      writeU32(this.#bytes, at, offset);
      at += 4;
    }
    writeU32(this.#bytes, at, this.#offsets.length);
    return this.#bytes.subarray(0, at + 4);
  }

  clear(): void {
    this.#end = 0;
    this.#offsets = [];
  }

  #grow(by: number): void {
    const needed = this.#end + by;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    copyBytes(this.#bytes, 0, this.#end, larger, 0);
    this.#bytes = larger;
  }
}

/** How many entries the block has; -1 when it cannot be one. */
export function indexCount(block: Uint8Array): number {
  if (block.length < 8) return -1;
  const count = readU32(block, block.length - 4);
  return count >= 1 && 4 * count + 4 < block.length ? count : -1;
}

/** Where entry `i` stands. May be anything in a malformed block: reading there gives nonsense, not a crash. */
export function indexEntryAt(block: Uint8Array, count: number, i: number): number {
  return readU32(block, block.length - 4 - 4 * (count - i));
}

/** Where entry `i` and with it its separator ends. */
export function indexEntryEnd(block: Uint8Array, count: number, i: number): number {
  return i + 1 < count ? indexEntryAt(block, count, i + 1) : block.length - 4 - 4 * count;
}

/**
 * The first entry whose separator is at or above the key, or `count`; -1 when the block is malformed. `entryBytes` is what
 * stands before a separator.
 */
export function indexLowerBound(
  block: Uint8Array,
  entryBytes: number,
  key: Uint8Array,
  start: number,
  end: number,
): number {
  const count = indexCount(block);
  if (count < 0) return -1;
  const entriesEnd = block.length - 4 - 4 * count;
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const separator = indexEntryAt(block, count, middle) + entryBytes;
    const separatorEnd = indexEntryEnd(block, count, middle);
    if (separator > separatorEnd || separatorEnd > entriesEnd) return -1;
    if (compareBytes(block, separator, separatorEnd, key, start, end) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether the entries follow each other without gap and their separators rise. */
export function indexIsSound(block: Uint8Array, entryBytes: number): boolean {
  const count = indexCount(block);
  if (count < 0 || indexEntryAt(block, count, 0) !== 0) return false;
  const entriesEnd = block.length - 4 - 4 * count;
  let before = -1;
  for (let i = 0; i < count; i += 1) {
    const at = indexEntryAt(block, count, i);
    const end = indexEntryEnd(block, count, i);
    if (at + entryBytes > end || end > entriesEnd) return false;
    if (before >= 0 && compareBytes(block, before + entryBytes, at, block, at + entryBytes, end) >= 0) return false;
    before = at;
  }
  return true;
}

/** Offset of the handle that stands at `at` in an index block. */
export function handleOffset(block: Uint8Array, at: number): number {
  return readU53(block, at);
}

export function handleBytes(block: Uint8Array, at: number): number {
  return readU32(block, at + 8);
}

/**
 * How many bytes of `next` to take as a separator between it and the `last` key before it; 0 when `last` itself is the
 * better one. One byte beyond what they share is above `last`; `next` must go on behind that, to be above the separator.
 */
export function separatorBytes(lastBytes: number, shared: number, nextBytes: number): number {
  return shared + 1 < nextBytes && shared + 1 < lastBytes ? shared + 1 : 0;
}
