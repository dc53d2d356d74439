/**
 * Checks everything in one open table, block by block: what the scrub does in the worker and fsck does offline.
 *
 * Of each block: its checksum, its type, that it decompresses. Of a block of data besides: that its entries parse, that its
 * keys rise and lie where the index says, that the records decode. Of a filter: that it denies no key that is there. What is
 * damaged is noted, and the walk goes on behind it.
 */
import { compareBytes } from '@torc/base/bytes';
import { DamageError, DiskError } from '@torc/base/errors';
import type { Compressor } from '@torc/base/ports/compressor';
import { filterIsSound, filterMayContain } from '../filter/bloom.ts';
import type { DamagedBlock } from '../jobs/job-codec.ts';
import { KEY_PREFIX_BYTES } from '../key.ts';
import { keyHash } from '../key-hash.ts';
import type { KeyRange } from '../manifest/edit.ts';
import { readBlockNow } from '../sstable/block-io.ts';
import { rangeOfTable, tableBlocks, type TableBlock } from '../sstable/table-blocks.ts';
import { addFacts, noFacts, type TableFacts } from '../sstable/table-facts.ts';
import { BLOCK_DATA, BLOCK_FILTER, TABLE_HEADER_BYTES } from '../sstable/table-format.ts';
import type { TableMeta, TableSettings } from '../sstable/table-meta.ts';
import type { Table } from '../sstable/table.ts';
import { faultText } from './files.ts';
import { decodeOrSay } from './shown-entry.ts';
import { StrictBlock } from './strict-block.ts';

export type HashKeys = Pick<TableSettings, 'hashKey0' | 'hashKey1'>;

export class TableCheck {
  readonly damaged: DamagedBlock[] = [];
  /** Blocks that the disk did not give: nothing is known of them. */
  readonly unreadable: DamagedBlock[] = [];
  blocks = 0;
  bytes = 0;
  readonly #table: Table;
  readonly #compressor: Compressor;
  readonly #hashKeys: HashKeys | undefined;
  readonly #block = new StrictBlock();
  readonly #facts: TableFacts = noFacts();
  #dataBlocks = 0;
  /** Of the keys of the partition that it is in; complete unless a block was damaged. */
  #hashes: number[] = [];
  #firstKey: Uint8Array | undefined;
  #lastKey: Uint8Array = new Uint8Array(0);
  /** Where the next block belongs, as long as every block so far was found. */
  #endBytes = TABLE_HEADER_BYTES;
  #strayAt = -1;
  #partition = -1;

  /** Without the directory's secret filters are not asked. */
  constructor(table: Table, compressor: Compressor, hashKeys: HashKeys | undefined) {
    this.#table = table;
    this.#compressor = compressor;
    this.#hashKeys = hashKeys;
  }

  /** Checks block after block; each step is so many bytes of the file. */
  *steps(): Generator<number, void, undefined> {
    for (const block of this.#listed()) {
      this.#follow(block);
      this.blocks += 1;
      this.bytes += block.storedBytes;
      this.#check(block);
      yield block.storedBytes;
    }
  }

  /**
   * What does not agree between what the table says of itself and what is in it; nothing when blocks were damaged. The data
   * are readable all the same: it is the writer that was wrong.
   */
  disagreements(): string[] {
    if (this.damaged.length + this.unreadable.length > 0) return [];
    const { meta } = this.#table;
    const found: Partial<TableMeta> = { ...this.#facts, blocks: this.#dataBlocks };
    const wrong = Object.entries(found)
      .filter(([name, value]) => meta[name as keyof TableMeta] !== value)
      .map(([name, value]) => `${name}: it says ${String(meta[name as keyof TableMeta])}, it holds ${String(value)}`);
    if (!sameKey(this.#firstKey, meta.firstKey)) wrong.push('firstKey: it is not the key of the first entry');
    if (!sameKey(this.#lastKey, meta.lastKey)) wrong.push('lastKey: it is not the key of the last entry');
    if (this.#strayAt >= 0) wrong.push(`bytes from ${this.#strayAt} on belong to no block`);
    return wrong;
  }

  /** Where the file has no list of its last blocks any more, nothing of them can be named. */
  *#listed(): Generator<TableBlock> {
    try {
      yield* tableBlocks(this.#table, this.#compressor);
    } catch (error) {
      if (!(error instanceof DamageError || error instanceof DiskError)) throw error;
      const offset = error instanceof DamageError ? error.offset : 0;
      this.#note(error, { offset, detail: `the footer: ${faultText(error)}`, range: rangeOfTable(this.#table) });
    }
  }

  #check(block: TableBlock): void {
    try {
      if (block.damage !== undefined) throw block.damage;
      const bytes = readBlockNow(this.#table.file, this.#table, block, this.#compressor);
      const problem = this.#problemOf(block, bytes);
      if (problem !== undefined) throw new DamageError(this.#table.path, block.offset, problem);
    } catch (error) {
      if (!(error instanceof DamageError || error instanceof DiskError)) throw error;
      this.#note(error, describeDamage(block, error));
    }
  }

  #note(error: DamageError | DiskError, block: DamagedBlock): void {
    if (error instanceof DamageError) this.damaged.push(block);
    else this.unreadable.push(block);
  }

  #problemOf(block: TableBlock, bytes: Uint8Array): string | undefined {
    if (block.type === BLOCK_DATA) return this.#problemOfData(block.range, bytes);
    if (block.type === BLOCK_FILTER) return this.#problemOfFilter(bytes);
    return undefined;
  }

  #problemOfData(range: KeyRange, bytes: Uint8Array): string | undefined {
    this.#dataBlocks += 1;
    const hashesBefore = this.#hashes.length;
    const { entry, keyBytes } = this.#block;
    const problem = this.#block.walk(bytes, () => {
      const { keyEnd } = this.#block;
      if (!isIn(range, keyBytes, keyEnd)) return 'a key is not where the index says';
      const record = decodeOrSay(bytes, entry.recordStart, entry.recordEnd);
      if (typeof record === 'string') return record;
      addFacts(this.#facts, entry.kind, keyEnd, bytes, entry.recordStart, entry.recordEnd);
      this.#firstKey ??= keyBytes.slice(0, keyEnd);
      if (this.#hashKeys !== undefined) this.#hashes.push(hashOf(keyBytes, keyEnd, this.#hashKeys));
      return undefined;
    });
    if (problem === undefined) this.#lastKey = keyBytes.slice(0, this.#block.keyEnd);
    else this.#hashes.length = hashesBefore;
    return problem;
  }

  #problemOfFilter(bytes: Uint8Array): string | undefined {
    if (!filterIsSound(bytes, 0, bytes.length)) return 'a filter does not parse';
    for (const hash of this.#hashes) {
      if (!filterMayContain(bytes, 0, bytes.length, hash)) return 'a filter denies a key that is there';
    }
    return undefined;
  }

  /** Blocks follow each other; a partition's keys are forgotten when the next begins. */
  #follow(block: TableBlock): void {
    if (block.offset !== this.#endBytes && this.#strayAt < 0) this.#strayAt = this.#endBytes;
    this.#endBytes = block.offset + block.storedBytes;
    if (block.partition !== this.#partition) this.#hashes = [];
    this.#partition = block.partition;
  }
}

const BLOCK_NAMES = ['', 'a block of data', 'a filter', 'an index', 'the top index', 'the properties'];

/** Which block it is, what is wrong with it, and the keys that it may have held. */
export function describeDamage({ offset, type, range }: TableBlock, error: DamageError | DiskError): DamagedBlock {
  return { offset, detail: `${BLOCK_NAMES[type] as string}: ${faultText(error)}`, range };
}

/** The hash of an engine's key. */
export function hashOf(key: Uint8Array, keyEnd: number, { hashKey0, hashKey1 }: HashKeys): number {
  const bucket = ((key[0] as number) << 8) | (key[1] as number);
  return keyHash(bucket, key, KEY_PREFIX_BYTES, keyEnd, hashKey0, hashKey1);
}

function isIn({ from, to }: KeyRange, key: Uint8Array, end: number): boolean {
  if (compareBytes(key, 0, end, from, 0, from.length) < 0) return false;
  return to === undefined || compareBytes(key, 0, end, to, 0, to.length) < 0;
}

function sameKey(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && compareBytes(a, 0, a.length, b, 0, b.length) === 0;
}
