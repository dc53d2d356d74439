/**
 * A table that is open for reading: its file, its properties and its top index, which stay in memory. All other blocks come
 * from a `BlockSource`, or are named as wanted.
 *
 * The file is whole before anything names it, so whatever does not check out is damage.
 */
import { compareBytes } from '@torc/base/bytes';
import { DamageError } from '@torc/base/errors';
import type { Compressor } from '@torc/base/ports/compressor';
import type { Disk, DiskFile } from '@torc/base/ports/disk';
import { filterIsSound, filterMayContain } from '../filter/bloom.ts';
import { readBlockNow, type TypedHandle } from './block-io.ts';
import type { BlockOwner, BlockSource } from './block-source.ts';
import { findInBlock } from './data-block.ts';
import { DataEntry } from './data-entry.ts';
import {
  handleBytes,
  handleOffset,
  INDEX_ENTRY_BYTES,
  indexCount,
  indexEntryAt,
  indexIsSound,
  indexLowerBound,
  TOP_ENTRY_BYTES,
  TOP_INDEX_HANDLE,
} from './index-block.ts';
import { decodeTableMeta } from './properties.ts';
import {
  BLOCK_DATA,
  BLOCK_FILTER,
  BLOCK_INDEX,
  BLOCK_PROPERTIES,
  BLOCK_TOP_INDEX,
  BLOCK_TRAILER_BYTES,
  decodeTableFooter,
  decodeTableHeader,
  TABLE_FOOTER_BYTES,
  TABLE_HEADER_BYTES,
} from './table-format.ts';
import { FOUND, NEEDS_DISK, NOT_HERE, type FindCode, type TableLookup } from './table-lookup.ts';
import type { TableMeta } from './table-meta.ts';

/** A handle that is aimed anew for every look into memory. */
interface Aim {
  offset: number;
  storedBytes: number;
  type: number;
}

export class Table implements BlockOwner {
  readonly number: number;
  readonly path: string;
  readonly seed: number;
  readonly meta: TableMeta;
  readonly file: DiskFile;
  readonly topIndex: Uint8Array;
  readonly #partitions: number;
  readonly #aim: Aim = { offset: 0, storedBytes: 0, type: 0 };
  readonly #entry = new DataEntry();

  private constructor(file: DiskFile, owner: BlockOwner, meta: TableMeta, topIndex: Uint8Array) {
    this.number = owner.number;
    this.path = owner.path;
    this.seed = owner.seed;
    this.meta = meta;
    this.file = file;
    this.topIndex = topIndex;
    this.#partitions = indexCount(topIndex);
  }

  /** Opens the table `number` and keeps its file open. The compressor is needed during the call only. */
  static open(disk: Disk, path: string, number: number, compressor: Compressor): Table {
    const file = disk.open(path);
    try {
      return Table.#read(file, path, number, compressor);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  static #read(file: DiskFile, path: string, number: number, compressor: Compressor): Table {
    const fileBytes = file.sizeBytes();
    const footerAt = fileBytes - TABLE_FOOTER_BYTES;
    if (footerAt < TABLE_HEADER_BYTES) throw new DamageError(path, 0, 'the file is shorter than header and footer');
    const bytes = new Uint8Array(TABLE_HEADER_BYTES);
    if (file.readNow(bytes, 0, bytes.length, 0) !== bytes.length) throw new DamageError(path, 0, 'the header is cut');
    const header = decodeTableHeader(bytes);
    if (typeof header === 'string') throw new DamageError(path, 0, header);
    if (header.number !== number) throw new DamageError(path, 12, `this is table ${header.number}, not ${number}`);
    const owner = { number, path, seed: header.seed };
    if (file.readNow(bytes, 0, bytes.length, footerAt) !== bytes.length) {
      throw new DamageError(path, footerAt, 'the footer is cut');
    }
    const footer = decodeTableFooter(bytes, header.seed, fileBytes);
    if (typeof footer === 'string') throw new DamageError(path, footerAt, footer);
    const read = (handle: TypedHandle): Uint8Array => {
      if (!isInside(handle, footerAt)) throw new DamageError(path, footerAt, 'a block is not inside the file');
      return readBlockNow(file, owner, handle, compressor);
    };
    const meta = decodeTableMeta(read({ ...footer.properties, type: BLOCK_PROPERTIES }));
    if (meta === undefined || meta.number !== number || meta.fileBytes !== fileBytes) {
      throw new DamageError(path, footer.properties.offset, 'the properties are not those of this table');
    }
    const topIndex = read({ ...footer.topIndex, type: BLOCK_TOP_INDEX });
    if (!indexIsSound(topIndex, TOP_ENTRY_BYTES)) throw new DamageError(path, footer.topIndex.offset, 'the top index');
    return new Table(file, owner, meta, topIndex);
  }

  /** Memory that the table takes for as long as it is open. */
  get pinnedBytes(): number {
    return this.topIndex.length + this.meta.firstKey.length + this.meta.lastKey.length;
  }

  get partitions(): number {
    return this.#partitions;
  }

  close(): void {
    this.file.close();
  }

  /** Looks the key up. After `NEEDS_DISK` call again, with the same lookup, once the wanted block is in the source. */
  find(lookup: TableLookup, source: BlockSource): FindCode {
    const { keyBytes, keyStart, keyEnd } = lookup;
    lookup.wants = undefined;
    lookup.filterVerdict = 'none';
    lookup.found = false;
    const { firstKey } = this.meta;
    if (compareBytes(keyBytes, keyStart, keyEnd, firstKey, 0, firstKey.length) < 0) return NOT_HERE;
    const partition = this.partitionOf(keyBytes, keyStart, keyEnd);
    if (partition === this.#partitions) return NOT_HERE;
    const entryAt = indexEntryAt(this.topIndex, this.#partitions, partition);
    if (handleBytes(this.topIndex, entryAt) !== 0) {
      const filter = this.#peek(source, this.topIndex, entryAt, BLOCK_FILTER);
      if (filter === undefined) return this.#want(lookup);
      if (!filterIsSound(filter, 0, filter.length)) throw this.#damaged('a filter does not parse');
      const maybe = filterMayContain(filter, 0, filter.length, lookup.hash);
      lookup.filterVerdict = maybe ? 'maybe' : 'absent';
      if (!maybe) return NOT_HERE;
    }
    const index = this.#peek(source, this.topIndex, entryAt + TOP_INDEX_HANDLE, BLOCK_INDEX);
    if (index === undefined) return this.#want(lookup);
    const i = indexLowerBound(index, INDEX_ENTRY_BYTES, keyBytes, keyStart, keyEnd);
    const count = indexCount(index);
    // The partition's separator is that of its last block, so some block is the key's.
    if (i < 0 || i >= count) throw this.#damaged('an index does not parse');
    const block = this.#peek(source, index, indexEntryAt(index, count, i), BLOCK_DATA);
    if (block === undefined) return this.#want(lookup);
    const answer = findInBlock(block, this.#entry, keyBytes, keyStart, keyEnd);
    if (answer < 0) throw this.#damaged('a data block does not parse');
    if (answer === 0) return NOT_HERE;
    lookup.found = true;
    lookup.kind = this.#entry.kind;
    lookup.recordBytes = block;
    lookup.recordStart = this.#entry.recordStart;
    lookup.recordEnd = this.#entry.recordEnd;
    return FOUND;
  }

  /** The partition that holds the key if any does; the number of partitions when the key is above all. */
  partitionOf(key: Uint8Array, start: number, end: number): number {
    return indexLowerBound(this.topIndex, TOP_ENTRY_BYTES, key, start, end);
  }

  #peek(source: BlockSource, from: Uint8Array, at: number, type: number): Uint8Array | undefined {
    this.#aim.offset = handleOffset(from, at);
    this.#aim.storedBytes = handleBytes(from, at);
    this.#aim.type = type;
    return source.peek(this, this.#aim);
  }

  #want(lookup: TableLookup): typeof NEEDS_DISK {
    const handle = { ...this.#aim };
    this.requireInside(handle);
    lookup.wants = { owner: this, handle };
    return NEEDS_DISK;
  }

  /** A handle is believed only as far as the file reaches. */
  requireInside(handle: TypedHandle): void {
    const footerAt = this.meta.fileBytes - TABLE_FOOTER_BYTES;
    if (isInside(handle, footerAt)) return;
    throw new DamageError(this.path, handle.offset, 'a block is not inside the file');
  }

  #damaged(detail: string): DamageError {
    return new DamageError(this.path, this.#aim.offset, detail);
  }
}

function isInside(handle: TypedHandle, footerAt: number): boolean {
  const { offset, storedBytes } = handle;
  return offset >= TABLE_HEADER_BYTES && storedBytes >= BLOCK_TRAILER_BYTES && offset + storedBytes <= footerAt;
}
