/** One table, looked at offline: what it says of itself, how its blocks are stored, how good its filters are. */
import { DamageError, DiskError } from '@torc/base/errors';
import type { DamagedBlock } from '../jobs/job-codec.ts';
import { readBlockNow } from '../sstable/block-io.ts';
import { tableName } from '../sstable/names.ts';
import { tableBlocks, type TableBlock } from '../sstable/table-blocks.ts';
import { BLOCK_DATA, BLOCK_FILTER, BLOCK_TRAILER_BYTES } from '../sstable/table-format.ts';
import type { TableMeta } from '../sstable/table-meta.ts';
import { Table } from '../sstable/table.ts';
import { placedFaultText } from './files.ts';
import { reportFilters, type FilterReport } from './filter-report.ts';
import type { InspectOptions, InspectPorts } from './inspect-ports.ts';
import { showEntry, type ShownEntry } from './shown-entry.ts';
import { StrictBlock } from './strict-block.ts';
import { describeDamage, type HashKeys } from './table-check.ts';

export interface CodecShare {
  readonly codec: number;
  blocks: number;
  storedBytes: number;
  rawBytes: number;
}

/** Of the blocks of data that were read: all, or evenly spread ones. */
export interface DataReport {
  blocks: number;
  entries: number;
  restarts: number;
  readonly codecs: CodecShare[];
}

export interface TableReport {
  readonly path: string;
  readonly number: number;
  /** Why it does not open. All that follows is absent then. */
  readonly problem?: string;
  readonly meta?: TableMeta;
  readonly partitions?: number;
  /** Of the top index, which stays in memory; the other indexes are in `meta.indexBytes`. */
  readonly topIndexBytes?: number;
  readonly data?: DataReport;
  readonly filter?: FilterReport;
  /** What was met on the way; a check of everything is fsck. */
  readonly damaged: readonly DamagedBlock[];
  readonly entries: readonly ShownEntry[];
}

/** `hashKeys` as the manifest has them; without, filters are measured all the same. */
export function inspectTable(
  ports: InspectPorts,
  number: number,
  options: InspectOptions,
  hashKeys: HashKeys = { hashKey0: 0, hashKey1: 0 },
): TableReport {
  const path = tableName(number);
  try {
    const table = Table.open(ports.disk, path, number, ports.compressor);
    try {
      return new TableInspection(ports, table, options).report(hashKeys);
    } finally {
      table.close();
    }
  } catch (error) {
    if (!(error instanceof DamageError || error instanceof DiskError)) throw error;
    return { path, number, problem: placedFaultText(error), damaged: [], entries: [] };
  }
}

class TableInspection {
  readonly #ports: InspectPorts;
  readonly #table: Table;
  readonly #options: InspectOptions;
  readonly #data: DataReport = { blocks: 0, entries: 0, restarts: 0, codecs: [] };
  readonly #filters: TableBlock[] = [];
  readonly #damaged: DamagedBlock[] = [];
  readonly #entries: ShownEntry[] = [];
  readonly #block = new StrictBlock();

  constructor(ports: InspectPorts, table: Table, options: InspectOptions) {
    this.#ports = ports;
    this.#table = table;
    this.#options = options;
  }

  report(hashKeys: HashKeys): TableReport {
    this.#walk();
    const { path, number, meta, partitions, topIndex } = this.#table;
    const { probes } = this.#options;
    const filter = reportFilters(this.#ports, this.#table, this.#filters, { probes, hashKeys });
    return {
      path,
      number,
      meta,
      partitions,
      topIndexBytes: topIndex.length,
      data: this.#data,
      ...(filter === undefined ? {} : { filter }),
      damaged: this.#damaged,
      entries: this.#entries,
    };
  }

  #walk(): void {
    const every = Math.max(1, Math.ceil(this.#table.meta.blocks / Math.max(1, this.#options.blocks)));
    let met = 0;
    for (const block of tableBlocks(this.#table, this.#ports.compressor)) {
      if (block.damage !== undefined) this.#damaged.push(describeDamage(block, block.damage));
      if (block.type === BLOCK_FILTER) this.#filters.push(block);
      if (block.type !== BLOCK_DATA) continue;
      if (met % every === 0 || this.#entries.length < this.#options.entries) this.#read(block);
      met += 1;
    }
  }

  #read(block: TableBlock): void {
    const { offset } = block;
    try {
      const bytes = readBlockNow(this.#table.file, this.#table, block, this.#ports.compressor);
      this.#count(block, bytes);
      const problem = this.#block.walk(bytes, () => this.#visit(offset, bytes));
      if (problem !== undefined) throw new DamageError(this.#table.path, offset, problem);
      this.#data.restarts += this.#block.restarts;
    } catch (error) {
      if (!(error instanceof DamageError || error instanceof DiskError)) throw error;
      this.#damaged.push(describeDamage(block, error));
    }
  }

  #visit(offset: number, bytes: Uint8Array): undefined {
    this.#data.entries += 1;
    if (this.#entries.length >= this.#options.entries) return;
    const { keyBytes, keyEnd, entry } = this.#block;
    const range = [entry.recordStart, entry.recordEnd] as const;
    this.#entries.push(showEntry(offset, entry.kind, keyBytes.slice(0, keyEnd), bytes, range));
  }

  #count({ offset, storedBytes }: TableBlock, bytes: Uint8Array): void {
    const trailer = new Uint8Array(1);
    this.#table.file.readNow(trailer, 0, 1, offset + storedBytes - BLOCK_TRAILER_BYTES);
    const codec = trailer[0] as number;
    let share = this.#data.codecs.find((one) => one.codec === codec);
    if (share === undefined) {
      share = { codec, blocks: 0, storedBytes: 0, rawBytes: 0 };
      this.#data.codecs.push(share);
    }
    share.blocks += 1;
    share.storedBytes += storedBytes;
    share.rawBytes += bytes.length;
    this.#data.blocks += 1;
  }
}
