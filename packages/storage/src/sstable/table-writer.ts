/**
 * Writes a table: entries in key order go in, a whole, synced file comes out. Synchronous: it runs in a worker.
 *
 *     header | partition* | top index | properties | footer
 *     partition := data block+ | filter? | index
 *
 * A block is not named in its index before the next key is known: then the separator may be shorter than the last key.
 * After a `DiskError` only `abandon` is left. Naming the file, and its directory's sync, are the caller's.
 */
import { assert } from '@torc/base/assert';
import { copyBytes } from '@torc/base/bytes';
import { DiskError } from '@torc/base/errors';
import type { Compressor } from '@torc/base/ports/compressor';
import type { Disk } from '@torc/base/ports/disk';
import type { Probe } from '@torc/base/ports/probe';
import { WINNER_BYTES } from '@torc/base/record/codec';
import { ENTRY_PART, ENTRY_WHOLE } from '../commit-log/entry.ts';
import { buildFilter } from '../filter/bloom.ts';
import { keyHash } from '../key-hash.ts';
import { KEY_PREFIX_BYTES } from '../key.ts';
import type { BlockHandle } from './block-source.ts';
import { DataBlockBuilder, kindAndBytes } from './data-block.ts';
import { IndexBlockBuilder, separatorBytes } from './index-block.ts';
import {
  MAX_BLOCK_SETTING_BYTES,
  MAX_KEY_BYTES,
  MAX_RAW_BLOCK_BYTES,
  MAX_RECORD_BYTES,
  PARTITION_LIMITS,
  type PartitionLimits,
} from './limits.ts';
import { PieceMemory } from './piece-memory.ts';
import { encodeTableMeta, tableMetaBytes } from './properties.ts';
import { addFacts, noFacts } from './table-facts.ts';
import { TableFile } from './table-file.ts';
import {
  BLOCK_DATA,
  BLOCK_FILTER,
  BLOCK_INDEX,
  BLOCK_PROPERTIES,
  BLOCK_TOP_INDEX,
  BLOCK_TRAILER_BYTES,
  MAX_TABLE_NUMBER,
  TABLE_FOOTER_BYTES,
  type TableFileId,
} from './table-format.ts';
import type { TableMeta, TableSettings } from './table-meta.ts';

export interface TableWriterPorts {
  readonly disk: Disk;
  readonly compressor: Compressor;
  readonly probe?: Probe;
  /** Where the buffer of the file comes from, and goes when it is closed. */
  readonly pieces?: PieceMemory;
}

export interface TableFileName extends TableFileId {
  /** A temporary name, which no file has. */
  readonly path: string;
}

const NO_HANDLE: BlockHandle = { offset: 0, storedBytes: 0 };

export class TableWriter {
  readonly #ports: TableWriterPorts;
  readonly #name: TableFileName;
  readonly #settings: TableSettings;
  readonly #limits: PartitionLimits;
  readonly #file: TableFile;
  readonly #data = new DataBlockBuilder();
  readonly #index = new IndexBlockBuilder();
  readonly #top = new IndexBlockBuilder();
  readonly #facts = noFacts();
  /** Of the keys of the open partition. */
  readonly #hashes: Uint32Array;
  /** A planted bug: the filter lacks a key now and then. */
  readonly #forgetsKeys: boolean;
  #partitionEntries = 0;
  #partitionBytes = 0;
  /** The last data block while no index names it. */
  #unnamed: BlockHandle | undefined;
  #firstKey = new Uint8Array(0);
  #lastKey = new Uint8Array(256);
  #lastKeyBytes = 0;
  #blocks = 0;
  #filterBytes = 0;
  #indexBytes = 0;
  #ended = false;

  constructor(
    ports: TableWriterPorts,
    file: TableFileName,
    settings: TableSettings,
    limits: PartitionLimits = PARTITION_LIMITS,
  ) {
    assert(file.number >= 1 && file.number <= MAX_TABLE_NUMBER, 'a table has a number from 1 to 2^32 - 1');
    assert(settings.blockBytes <= MAX_BLOCK_SETTING_BYTES, 'a block of a table has at most 4 MiB');
    this.#ports = ports;
    this.#name = file;
    this.#settings = settings;
    this.#limits = limits;
    this.#hashes = new Uint32Array(limits.entries);
    this.#forgetsKeys = ports.probe?.planted('filter-false-negative') ?? false;
    this.#file = new TableFile(ports.disk, file.path, file, ports.pieces ?? new PieceMemory());
  }

  /** The size of the file so far, without the block that is open. */
  get writtenBytes(): number {
    return this.#file.endBytes;
  }

  get entries(): number {
    return this.#facts.entries;
  }

  /** Adds an entry above all before it. The ranges are read during the call only. */
  add(
    kind: number,
    keyBytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    recordBytes: Uint8Array,
    recordStart: number,
    recordEnd: number,
  ): void {
    const keyLength = keyEnd - keyStart;
    const recordLength = recordEnd - recordStart;
    assert(kind === ENTRY_WHOLE || kind === ENTRY_PART, 'an entry of a table is whole or part');
    assert(keyLength >= KEY_PREFIX_BYTES && keyLength <= MAX_KEY_BYTES, "an engine's key has 6 bytes to 64 KiB and 6");
    assert(recordLength >= WINNER_BYTES && recordLength <= MAX_RECORD_BYTES, 'a record has 32 bytes to 32 MiB');
    const common = this.#sharedWithLast(keyBytes, keyStart, keyEnd);
    if (this.#unnamed !== undefined) this.#nameBlock(keyBytes, keyStart, keyLength, common);
    const whole = this.#data.begin(keyLength, recordLength);
    this.#data.key(whole ? 0 : common, keyBytes, keyStart, keyEnd, kindAndBytes(kind, recordLength));
    this.#data.record(recordBytes, recordStart, recordEnd);
    addFacts(this.#facts, kind, keyLength, recordBytes, recordStart, recordEnd);
    this.#remember(keyBytes, keyStart, keyEnd);
    const full = this.#partitionEntries >= this.#limits.entries;
    if (full || this.#data.rawBytes >= this.#settings.blockBytes) this.#closeBlock();
  }

  /** Writes the rest, syncs and closes the file. There is at least one entry. */
  finish(): TableMeta {
    assert(!this.#ended && this.#facts.entries > 0, 'a table is finished once, with entries');
    const { highStamp, highExpiryMs } = this.#facts;
    assert(
      Number.isSafeInteger(highStamp) && Number.isSafeInteger(highExpiryMs),
      'stamps and expiries are safe integers',
    );
    if (this.#data.entries > 0) this.#closeBlock();
    this.#nameLastBlock(this.#lastKey, 0, this.#lastKeyBytes, true);
    const topIndex = this.#append(BLOCK_TOP_INDEX, this.#top.finish());
    this.#indexBytes += topIndex.storedBytes;
    const meta = this.#meta();
    const bytes = encodeTableMeta(meta);
    // Never compressed: it says how large the file will be, so its own size must be known before.
    const properties = this.#file.appendBlock(BLOCK_PROPERTIES, bytes, 0, this.#ports.compressor);
    this.#file.finish(topIndex, properties);
    this.#ended = true;
    return meta;
  }

  /** Closes and removes what was written; a file that cannot be removed is left to the next start. */
  abandon(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#file.close();
    try {
      this.#ports.disk.remove(this.#name.path);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
  }

  /** How many bytes the key begins with in common with the last one. Keys rise strictly. */
  #sharedWithLast(bytes: Uint8Array, start: number, end: number): number {
    const last = this.#lastKey;
    const length = Math.min(this.#lastKeyBytes, end - start);
    let shared = 0;
    while (shared < length && last[shared] === bytes[start + shared]) shared += 1;
    const rises =
      shared < length ? (bytes[start + shared] as number) > (last[shared] as number) : end - start > this.#lastKeyBytes;
    assert(rises, 'keys of a table rise');
    return shared;
  }

  #remember(bytes: Uint8Array, start: number, end: number): void {
    if (this.#facts.entries === 1) this.#firstKey = bytes.slice(start, end);
    if (end - start > this.#lastKey.length) this.#lastKey = new Uint8Array(2 * (end - start));
    copyBytes(bytes, start, end, this.#lastKey, 0);
    this.#lastKeyBytes = end - start;
    if (this.#settings.filterBitsPerKey > 0) {
      const bucket = ((bytes[start] as number) << 8) | (bytes[start + 1] as number);
      const { hashKey0, hashKey1 } = this.#settings;
      const hash = keyHash(bucket, bytes, start + KEY_PREFIX_BYTES, end, hashKey0, hashKey1);
      this.#hashes[this.#partitionEntries] = this.#forgetsKeys && (hash & 63) === 0 ? ~hash : hash;
    }
    this.#partitionEntries += 1;
  }

  #closeBlock(): void {
    const block = this.#data.finish();
    this.#unnamed = this.#append(BLOCK_DATA, block);
    this.#data.clear();
    this.#blocks += 1;
    this.#partitionBytes += block.length;
  }

  #nameBlock(next: Uint8Array, nextStart: number, nextBytes: number, shared: number): void {
    const taken = separatorBytes(this.#lastKeyBytes, shared, nextBytes);
    const due = this.#partitionEntries >= this.#limits.entries || this.#partitionBytes >= this.#limits.dataBytes;
    if (taken > 0) this.#nameLastBlock(next, nextStart, nextStart + taken, due);
    else this.#nameLastBlock(this.#lastKey, 0, this.#lastKeyBytes, due);
  }

  /** Puts the last data block into the index under its separator, and ends the partition when that is due. */
  #nameLastBlock(separator: Uint8Array, start: number, end: number, partitionDue: boolean): void {
    this.#index.begin();
    this.#index.handle(this.#unnamed as BlockHandle);
    this.#index.separator(separator, start, end);
    this.#unnamed = undefined;
    if (!partitionDue) return;
    const filter = this.#settings.filterBitsPerKey > 0 ? this.#appendFilter() : NO_HANDLE;
    const index = this.#append(BLOCK_INDEX, this.#index.finish());
    this.#indexBytes += index.storedBytes;
    this.#top.begin();
    this.#top.handle(filter);
    this.#top.handle(index);
    this.#top.separator(separator, start, end);
    this.#index.clear();
    this.#partitionEntries = 0;
    this.#partitionBytes = 0;
  }

  #appendFilter(): BlockHandle {
    const filter = buildFilter(this.#hashes, this.#partitionEntries, this.#settings.filterBitsPerKey);
    // Half of its bits are set: no codec makes it smaller.
    const handle = this.#file.appendBlock(BLOCK_FILTER, filter, 0, this.#ports.compressor);
    this.#filterBytes += handle.storedBytes;
    return handle;
  }

  #append(type: number, payload: Uint8Array): BlockHandle {
    assert(payload.length <= MAX_RAW_BLOCK_BYTES, 'a block of a table has at most 64 MiB');
    return this.#file.appendBlock(type, payload, this.#settings.codec, this.#ports.compressor);
  }

  #meta(): TableMeta {
    const keys = { firstKey: this.#firstKey, lastKey: this.#lastKey.slice(0, this.#lastKeyBytes) };
    const rest = tableMetaBytes(keys) + BLOCK_TRAILER_BYTES + TABLE_FOOTER_BYTES;
    return {
      number: this.#name.number,
      fileBytes: this.#file.endBytes + rest,
      ...this.#facts,
      ...keys,
      blocks: this.#blocks,
      filterBytes: this.#filterBytes,
      indexBytes: this.#indexBytes,
    };
  }
}
