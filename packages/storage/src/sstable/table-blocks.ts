/**
 * All blocks of an open table in the order of the file, and the keys that each may hold: what a scrub walks, and what is
 * given up when a block is damaged.
 *
 * Nothing is believed but the top index, which checked out when the table was opened. Where an index does not check out,
 * its blocks of data cannot be named: that fact comes in place of them, with the range of the whole partition.
 */
import { compareBytes, equalBytes } from '@torc/base/bytes';
import { DamageError, DiskError } from '@torc/base/errors';
import type { Compressor } from '@torc/base/ports/compressor';
import type { KeyRange } from '../manifest/edit.ts';
import { readBlockNow, type TypedHandle } from './block-io.ts';
import {
  handleBytes,
  handleOffset,
  INDEX_ENTRY_BYTES,
  indexCount,
  indexEntryAt,
  indexEntryEnd,
  indexIsSound,
  TOP_ENTRY_BYTES,
  TOP_INDEX_HANDLE,
} from './index-block.ts';
import {
  BLOCK_DATA,
  BLOCK_FILTER,
  BLOCK_INDEX,
  BLOCK_PROPERTIES,
  BLOCK_TOP_INDEX,
  decodeTableFooter,
  TABLE_FOOTER_BYTES,
  TABLE_HEADER_BYTES,
} from './table-format.ts';
import type { Table } from './table.ts';

export interface TableBlock {
  readonly offset: number;
  readonly storedBytes: number;
  readonly type: number;
  /** The partition that it belongs to; -1 for the top index and the properties. */
  readonly partition: number;
  /** The keys that it may hold, or that cannot be found without it. */
  readonly range: KeyRange;
  /** Of an index that does not check out or cannot be read. The blocks that it lists are left out. */
  readonly damage?: DamageError | DiskError;
}

/** Reads the indexes and the footer, and no other block. A footer that does not check out is thrown. */
export function* tableBlocks(table: Table, compressor: Compressor): Generator<TableBlock, void, undefined> {
  for (let i = 0; i < table.partitions; i += 1) yield* partitionBlocks(partitionAt(table, i), table, compressor);
  const bytes = new Uint8Array(TABLE_FOOTER_BYTES);
  const footerAt = table.meta.fileBytes - TABLE_FOOTER_BYTES;
  const read = table.file.readNow(bytes, 0, bytes.length, footerAt);
  const footer = read < bytes.length ? 'the footer is cut' : decodeTableFooter(bytes, table.seed, table.meta.fileBytes);
  if (typeof footer === 'string') throw new DamageError(table.path, footerAt, footer);
  const range = rangeOfTable(table);
  yield { ...footer.topIndex, type: BLOCK_TOP_INDEX, partition: -1, range };
  yield { ...footer.properties, type: BLOCK_PROPERTIES, partition: -1, range };
}

/**
 * The keys that the block at `offset` may hold; `undefined` when no block begins there. Header, footer, top index and
 * properties stand for all of the table.
 */
export function rangeOfBlock(table: Table, offset: number, compressor: Compressor): KeyRange | undefined {
  if (offset < TABLE_HEADER_BYTES) return rangeOfTable(table);
  for (let i = 0; i < table.partitions; i += 1) {
    const partition = partitionAt(table, i);
    if (offset >= partition.index.offset + partition.index.storedBytes) continue;
    if (offset === partition.index.offset || offset === partition.filter.offset) return partition.range;
    for (const block of partitionBlocks(partition, table, compressor)) {
      // Its index is gone: any of its keys may be meant.
      if (block.damage !== undefined || block.offset === offset) return block.range;
    }
    return undefined;
  }
  return rangeOfTable(table);
}

/** From the first to the last key of the table. */
export function rangeOfTable({ meta }: Pick<Table, 'meta'>): KeyRange {
  return { from: meta.firstKey, to: behind(meta.lastKey) };
}

interface Partition {
  readonly number: number;
  readonly filter: TypedHandle;
  readonly index: TypedHandle;
  readonly separator: Uint8Array;
  readonly range: KeyRange;
}

function partitionAt(table: Table, i: number): Partition {
  const { topIndex, partitions } = table;
  const at = indexEntryAt(topIndex, partitions, i);
  const separator = separatorAt(topIndex, partitions, i, TOP_ENTRY_BYTES);
  const from = i === 0 ? table.meta.firstKey : behind(separatorAt(topIndex, partitions, i - 1, TOP_ENTRY_BYTES));
  return {
    number: i,
    filter: handleAt(topIndex, at, BLOCK_FILTER),
    index: handleAt(topIndex, at + TOP_INDEX_HANDLE, BLOCK_INDEX),
    separator,
    range: { from, to: behind(separator) },
  };
}

function* partitionBlocks(partition: Partition, table: Table, compressor: Compressor): Generator<TableBlock> {
  const { number, filter, index, range } = partition;
  const blocks = dataBlocks(partition, table, compressor);
  const isListed = Array.isArray(blocks);
  if (isListed) yield* blocks;
  if (filter.storedBytes !== 0) yield { ...filter, type: BLOCK_FILTER, partition: number, range };
  yield { ...index, type: BLOCK_INDEX, partition: number, range, ...(isListed ? {} : { damage: blocks }) };
}

/** The blocks of data that an index lists, or why they are not known. */
function dataBlocks(
  partition: Partition,
  table: Table,
  compressor: Compressor,
): TableBlock[] | DamageError | DiskError {
  const { index, range, separator, number } = partition;
  try {
    table.requireInside(index);
    const bytes = readBlockNow(table.file, table, index, compressor);
    const blocks: TableBlock[] = [];
    if (!indexIsSound(bytes, INDEX_ENTRY_BYTES)) throw damaged(table, index, 'an index does not parse');
    const count = indexCount(bytes);
    let { from } = range;
    for (let i = 0; i < count; i += 1) {
      const to = behind(separatorAt(bytes, count, i, INDEX_ENTRY_BYTES));
      const handle = handleAt(bytes, indexEntryAt(bytes, count, i), BLOCK_DATA);
      requireListed(table, index, handle);
      if (compare(from, to) >= 0) throw damaged(table, index, 'an index goes below its partition');
      blocks.push({ ...handle, type: BLOCK_DATA, partition: number, range: { from, to } });
      from = to;
    }
    const last = separatorAt(bytes, count, count - 1, INDEX_ENTRY_BYTES);
    if (!equalBytes(last, 0, last.length, separator, 0, separator.length)) {
      throw damaged(table, index, 'an index does not end where the top index says');
    }
    return blocks;
  } catch (error) {
    if (!(error instanceof DamageError || error instanceof DiskError)) throw error;
    return error;
  }
}

/** Blocks of data stand before the index that lists them. */
function requireListed(table: Table, index: TypedHandle, handle: TypedHandle): void {
  if (handle.offset + handle.storedBytes > index.offset)
    throw damaged(table, index, 'an index lists what is behind it');
  table.requireInside(handle);
}

function damaged(table: Table, { offset }: TypedHandle, detail: string): DamageError {
  return new DamageError(table.path, offset, detail);
}

function handleAt(block: Uint8Array, at: number, type: number): TypedHandle {
  return { offset: handleOffset(block, at), storedBytes: handleBytes(block, at), type };
}

function separatorAt(block: Uint8Array, count: number, i: number, entryBytes: number): Uint8Array {
  return block.slice(indexEntryAt(block, count, i) + entryBytes, indexEntryEnd(block, count, i));
}

/** The least key above `key`. */
function behind(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}

function compare(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}
