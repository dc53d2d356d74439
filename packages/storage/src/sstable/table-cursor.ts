/**
 * A cursor over one table (`../read/cursor.ts`).
 *
 * The block it is at is its own: one that was provided, or a copy of one that was in memory, which may go after the turn.
 * A move to another block is made in a second block cursor, and the two change places when it has succeeded: so a call that
 * needs the disk has moved nothing. What is provided is held until the call that needed it succeeds: so such a call gets
 * further each time, even when the source never has anything.
 */
import { assert } from '@torc/base/assert';
import { DamageError } from '@torc/base/errors';
import { AT_END, AT_ENTRY, NEEDS_DISK, type BlockWant, type Cursor, type CursorCode } from '../read/cursor.ts';
import { BlockCursor } from './block-cursor.ts';
import type { BlockSource } from './block-source.ts';
import {
  handleBytes,
  handleOffset,
  INDEX_ENTRY_BYTES,
  indexCount,
  indexEntryAt,
  indexLowerBound,
  TOP_INDEX_HANDLE,
} from './index-block.ts';
import { BLOCK_DATA, BLOCK_INDEX } from './table-format.ts';
import type { Table } from './table.ts';

/** More than any one call needs: two indexes and two data blocks. */
const MAX_HELD = 8;
const LAST = -1;

export class TableCursor implements Cursor {
  wants: BlockWant | undefined = undefined;
  readonly #table: Table;
  readonly #source: BlockSource;
  #here: BlockCursor;
  #there: BlockCursor;
  #isAtEntry = false;
  /** The place of the block that `#here` is in: partition, number in it, how many the partition has. */
  #partition = 0;
  #block = 0;
  #blocks = 0;
  /** The same of `#there`. */
  #toPartition = 0;
  #toBlock = 0;
  #toBlocks = 0;
  /** An index of its own, provided or copied. */
  #index: Uint8Array | undefined;
  #indexOffset = -1;
  /** Blocks provided to the call under way, by their offsets. */
  #held: Uint8Array[] = [];
  #heldOffsets: number[] = [];
  readonly #aim = { offset: 0, storedBytes: 0, type: 0 };
  /** Whether what `#fetch` returned last is its own, so that it does not change. */
  #stays = false;

  constructor(table: Table, source: BlockSource) {
    this.#table = table;
    this.#source = source;
    this.#here = new BlockCursor(table);
    this.#there = new BlockCursor(table);
  }

  get keyBytes(): Uint8Array {
    return this.#here.keyBytes;
  }

  get keyStart(): number {
    return 0;
  }

  get keyEnd(): number {
    return this.#here.keyEnd;
  }

  get kind(): number {
    return this.#here.entry.kind;
  }

  get recordBytes(): Uint8Array {
    return this.#here.block;
  }

  get recordStart(): number {
    return this.#here.entry.recordStart;
  }

  get recordEnd(): number {
    return this.#here.entry.recordEnd;
  }

  seek(key: Uint8Array, start: number, end: number): CursorCode {
    const partition = this.#table.partitionOf(key, start, end);
    if (partition === this.#table.partitions) return this.#end();
    if (!this.#toKey(partition, key, start, end)) return NEEDS_DISK;
    if (this.#there.seek(key, start, end)) return this.#arrive();
    return this.#following(partition, this.#toBlock, this.#toBlocks);
  }

  seekBelow(key: Uint8Array, start: number, end: number): CursorCode {
    const partition = this.#table.partitionOf(key, start, end);
    if (partition === this.#table.partitions) return this.#preceding(partition, 0);
    if (!this.#toKey(partition, key, start, end)) return NEEDS_DISK;
    if (this.#there.seekBelow(key, start, end)) return this.#arrive();
    return this.#preceding(partition, this.#toBlock);
  }

  next(): CursorCode {
    if (!this.#isAtEntry) return AT_END;
    if (this.#here.next()) return AT_ENTRY;
    return this.#following(this.#partition, this.#block, this.#blocks);
  }

  previous(): CursorCode {
    if (!this.#isAtEntry) return AT_END;
    if (this.#here.previous()) return AT_ENTRY;
    return this.#preceding(this.#partition, this.#block);
  }

  provide(block: Uint8Array): void {
    assert(this.wants !== undefined, 'a cursor is given what it wants');
    if (this.#held.length === MAX_HELD) {
      this.#held.shift();
      this.#heldOffsets.shift();
    }
    this.#held.push(block);
    this.#heldOffsets.push(this.wants.handle.offset);
    this.wants = undefined;
  }

  /** To the first entry behind a block. */
  #following(partition: number, block: number, blocks: number): CursorCode {
    const inside = block + 1 < blocks;
    if (!inside && partition + 1 >= this.#table.partitions) return this.#end();
    if (!this.#toPlace(inside ? partition : partition + 1, inside ? block + 1 : 0)) return NEEDS_DISK;
    this.#there.first();
    return this.#arrive();
  }

  /** To the last entry before a block. */
  #preceding(partition: number, block: number): CursorCode {
    if (block === 0 && partition === 0) return this.#end();
    const inside = block > 0;
    if (!this.#toPlace(inside ? partition : partition - 1, inside ? block - 1 : LAST)) return NEEDS_DISK;
    this.#there.last();
    return this.#arrive();
  }

  /** Puts into `#there` the block that holds the key if any in the partition does; `false`: it needs the disk. */
  #toKey(partition: number, key: Uint8Array, start: number, end: number): boolean {
    const index = this.#fetchIndex(partition);
    if (index === undefined) return false;
    return this.#load(index, partition, indexLowerBound(index, INDEX_ENTRY_BYTES, key, start, end));
  }

  #toPlace(partition: number, block: number): boolean {
    let index = this.#fetchIndex(partition);
    if (index === undefined) return false;
    if (!this.#stays) {
      // A walk needs it again at the end of each block, and a source that reads ahead has it elsewhere.
      index = index.slice();
      this.#index = index;
      this.#indexOffset = this.#aim.offset;
    }
    return this.#load(index, partition, block === LAST ? indexCount(index) - 1 : block);
  }

  #load(index: Uint8Array, partition: number, block: number): boolean {
    const count = indexCount(index);
    // The partition's separator is that of its last block, so a search there finds one.
    if (block < 0 || block >= count) {
      throw new DamageError(this.#table.path, this.#aim.offset, 'an index does not parse');
    }
    const bytes = this.#fetch(index, indexEntryAt(index, count, block), BLOCK_DATA);
    if (bytes === undefined) return false;
    this.#there.load(bytes, this.#aim.offset, this.#stays);
    this.#toPartition = partition;
    this.#toBlock = block;
    this.#toBlocks = count;
    return true;
  }

  #fetchIndex(partition: number): Uint8Array | undefined {
    const top = this.#table.topIndex;
    const at = indexEntryAt(top, this.#table.partitions, partition) + TOP_INDEX_HANDLE;
    return this.#fetch(top, at, BLOCK_INDEX);
  }

  /** The block whose handle stands in `from`; when it is not to be had, it is wanted. */
  #fetch(from: Uint8Array, at: number, type: number): Uint8Array | undefined {
    const offset = handleOffset(from, at);
    this.#aim.offset = offset;
    this.#aim.storedBytes = handleBytes(from, at);
    this.#aim.type = type;
    this.#stays = true;
    if (offset === this.#indexOffset) return this.#index;
    const held = this.#heldOffsets.indexOf(offset);
    if (held >= 0) return this.#held[held];
    this.#stays = false;
    const found = this.#source.peek(this.#table, this.#aim);
    if (found !== undefined) return found;
    const handle = { ...this.#aim };
    this.#table.requireInside(handle);
    this.wants = { owner: this.#table, handle };
    return undefined;
  }

  #arrive(): typeof AT_ENTRY {
    const left = this.#here;
    this.#here = this.#there;
    this.#there = left;
    this.#isAtEntry = true;
    this.#partition = this.#toPartition;
    this.#block = this.#toBlock;
    this.#blocks = this.#toBlocks;
    this.#settle();
    return AT_ENTRY;
  }

  #end(): typeof AT_END {
    this.#isAtEntry = false;
    this.#settle();
    return AT_END;
  }

  /** A call has succeeded: of what was provided, the index of the partition stays. */
  #settle(): void {
    this.wants = undefined;
    if (this.#held.length === 0) return;
    const top = this.#table.topIndex;
    const offset = handleOffset(top, indexEntryAt(top, this.#table.partitions, this.#partition) + TOP_INDEX_HANDLE);
    const held = this.#heldOffsets.indexOf(offset);
    if (held >= 0) {
      this.#index = this.#held[held];
      this.#indexOffset = offset;
    }
    this.#held = [];
    this.#heldOffsets = [];
  }
}
