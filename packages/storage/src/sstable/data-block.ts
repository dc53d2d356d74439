/**
 * A data block: entries in key order, then the offsets of the restart points (u32 each), then how many those are (u32).
 * At a restart point a key stands whole, so that a search can begin there.
 *
 * Builder and point search; `block-cursor.ts` walks.
 */
import { compareBytes, copyBytes, readU32, writeU32 } from '@torc/base/bytes';
import { ENTRY_PART } from '../commit-log/entry.ts';
import { ENTRY_OVERHEAD_BYTES, writeVarint, type DataEntry } from './data-entry.ts';
import { RESTART_INTERVAL } from './limits.ts';

const FIRST_BYTES = 64 * 1024;
/** An array that grew beyond this for one large entry is let go afterwards. */
const KEEP_BYTES = 8 * 1024 * 1024;

export class DataBlockBuilder {
  #bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  entries = 0;
  #end = 0;
  #restarts: number[] = [];

  /** What the block would hold if it were finished now. */
  get rawBytes(): number {
    return this.#end + 4 * this.#restarts.length + 4;
  }

  /** Makes room for an entry and returns whether it is to stand at a restart point, where nothing is shared. */
  begin(keyBytes: number, recordBytes: number): boolean {
    this.#grow(this.#end + ENTRY_OVERHEAD_BYTES + keyBytes + recordBytes + 4 * this.#restarts.length + 8);
    if (this.entries % RESTART_INTERVAL !== 0) return false;
    this.#restarts.push(this.#end);
    return true;
  }

  /** The key of the entry that was begun, but for the bytes that it shares with the one before. */
  key(shared: number, bytes: Uint8Array, start: number, end: number, kindAndRecordBytes: number): void {
    let at = writeVarint(this.#bytes, this.#end, shared);
    at = writeVarint(this.#bytes, at, end - start - shared);
    at = writeVarint(this.#bytes, at, kindAndRecordBytes);
    copyBytes(bytes, start + shared, end, this.#bytes, at);
    this.#end = at + end - start - shared;
  }

  record(bytes: Uint8Array, start: number, end: number): void {
    copyBytes(bytes, start, end, this.#bytes, this.#end);
    this.#end += end - start;
    this.entries += 1;
  }

  /** Completes the block: a view, good until the builder is used again. */
  finish(): Uint8Array {
    let at = this.#end;
    for (const restart of this.#restarts) {
      writeU32(this.#bytes, at, restart);
      at += 4;
    }
    writeU32(this.#bytes, at, this.#restarts.length);
    return this.#bytes.subarray(0, at + 4);
  }

  clear(): void {
    if (this.#bytes.length > KEEP_BYTES) this.#bytes = new Uint8Array(FIRST_BYTES);
    this.entries = 0;
    this.#end = 0;
    this.#restarts = [];
  }

  #grow(needed: number): void {
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    copyBytes(this.#bytes, 0, this.#end, larger, 0);
    this.#bytes = larger;
  }
}

/** Kind and length of a record as an entry holds them. */
export function kindAndBytes(kind: number, recordBytes: number): number {
  return recordBytes * 2 + (kind === ENTRY_PART ? 1 : 0);
}

/** Where the restart offsets begin, which is where the entries end; -1 when the block cannot be one. */
export function restartsAt(block: Uint8Array): number {
  if (block.length < 8) return -1;
  const count = readU32(block, block.length - 4);
  const at = block.length - 4 - 4 * count;
  return count >= 1 && at > 0 ? at : -1;
}

export function restartCount(block: Uint8Array): number {
  return readU32(block, block.length - 4);
}

/**
 * The last restart point whose key is at or below the key, 0 when there is none; -1 when the block is malformed.
 * `entriesEnd` is from `restartsAt`.
 */
export function seekRestart(
  block: Uint8Array,
  entriesEnd: number,
  entry: DataEntry,
  key: Uint8Array,
  start: number,
  end: number,
): number {
  let low = 0;
  let high = restartCount(block) - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const at = readU32(block, entriesEnd + 4 * middle);
    if (!entry.read(block, at, entriesEnd) || entry.shared !== 0) return -1;
    if (compareBytes(block, entry.suffixStart, entry.suffixEnd, key, start, end) <= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** 1 and the place in `entry` when the key stands in the block, 0 when it does not, -1 when the block is malformed. */
export function findInBlock(
  block: Uint8Array,
  entry: DataEntry,
  key: Uint8Array,
  start: number,
  end: number,
): -1 | 0 | 1 {
  const entriesEnd = restartsAt(block);
  if (entriesEnd < 0) return -1;
  const restart = seekRestart(block, entriesEnd, entry, key, start, end);
  if (restart < 0) return -1;
  const last = restart + 1 === restartCount(block);
  const limit = last ? entriesEnd : readU32(block, entriesEnd + 4 * restart + 4);
  if (limit > entriesEnd) return -1;
  // How much of the key the entry before begins with. It is below the key, and since `shared` is all that two keys have in
  // common, an entry that shares more is below too, and one that shares less is above.
  let matched = 0;
  for (let at = readU32(block, entriesEnd + 4 * restart); at < limit; at = entry.recordEnd) {
    if (!entry.read(block, at, limit)) return -1;
    if (entry.shared > matched) continue;
    if (entry.shared < matched) return 0;
    const { suffixStart, suffixEnd } = entry;
    const from = start + matched;
    const length = Math.min(suffixEnd - suffixStart, end - from);
    let same = 0;
    while (same < length && block[suffixStart + same] === key[from + same]) same += 1;
    if (same === end - from) return suffixStart + same === suffixEnd ? 1 : 0;
    if (suffixStart + same < suffixEnd && (block[suffixStart + same] as number) > (key[from + same] as number))
      return 0;
    matched += same;
  }
  return 0;
}
