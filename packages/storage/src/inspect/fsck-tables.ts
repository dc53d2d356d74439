/** The part of fsck that is about tables: each file by itself, and against what the manifest says of it. */
import { equalBytes } from '@torc/base/bytes';
import { DamageError, DiskError } from '@torc/base/errors';
import type { Compressor } from '@torc/base/ports/compressor';
import type { Disk } from '@torc/base/ports/disk';
import type { KeyRange, ManifestContents, PlacedTable } from '../manifest/edit.ts';
import { tableName } from '../sstable/names.ts';
import type { TableMeta } from '../sstable/table-meta.ts';
import { Table } from '../sstable/table.ts';
import { coversAll, firstOutside, meets } from '../version/key-ranges.ts';
import { compareKeys } from '../version/version.ts';
import { faultText } from './files.ts';
import type { Findings } from './findings.ts';
import { keyText, rangeText } from './key-text.ts';
import { runsOf } from './manifest-report.ts';
import { TableCheck } from './table-check.ts';

export interface TablesChecked {
  tables: number;
  blocks: number;
  entries: number;
}

export class TablesFsck {
  readonly checked: TablesChecked = { tables: 0, blocks: 0, entries: 0 };
  readonly #disk: Disk;
  readonly #compressor: Compressor;
  readonly #findings: Findings;
  readonly #worked: (bytes: number) => void;

  constructor(disk: Disk, compressor: Compressor, findings: Findings, worked: (bytes: number) => void) {
    this.#disk = disk;
    this.#compressor = compressor;
    this.#findings = findings;
    this.#worked = worked;
  }

  /** Without contents each file is only checked by itself. */
  check(present: readonly number[], contents: ManifestContents | undefined): void {
    if (contents !== undefined) this.#checkRuns(contents);
    for (const placed of contents?.tables.values() ?? []) {
      const { number } = placed.meta;
      if (present.includes(number)) this.#checkTable(number, contents, placed);
      else this.#findings.add('tableMissing', { path: tableName(number) }, 'the file is missing');
    }
    for (const number of present) {
      if (contents === undefined) this.#checkTable(number, undefined, undefined);
      else if (!contents.tables.has(number)) {
        this.#findings.add('orphan', { path: tableName(number) }, 'the manifest does not name this table');
      }
    }
  }

  #checkTable(number: number, contents: ManifestContents | undefined, placed: PlacedTable | undefined): void {
    const path = tableName(number);
    this.checked.tables += 1;
    try {
      const table = Table.open(this.#disk, path, number, this.#compressor);
      try {
        if (placed !== undefined) this.#compare(table.meta, placed);
        this.#checkBlocks(table, contents, placed);
      } finally {
        table.close();
      }
    } catch (error) {
      if (error instanceof DamageError) {
        this.#findings.add('tableClosed', error, faultText(error));
      } else if (error instanceof DiskError) {
        this.#findings.add('unreadable', { path }, faultText(error));
      } else {
        throw error;
      }
    }
  }

  #checkBlocks(table: Table, contents: ManifestContents | undefined, placed: PlacedTable | undefined): void {
    const check = new TableCheck(table, this.#compressor, contents);
    for (const bytes of check.steps()) this.#worked(bytes);
    this.checked.blocks += check.blocks;
    this.checked.entries += table.meta.entries;
    const { path } = table;
    for (const { offset, detail, range } of check.damaged) {
      const dead = placed !== undefined && isDead(placed, range) ? ' (none of them counts any more)' : '';
      this.#findings.add('blockDamaged', { path, offset }, `${detail}; keys ${rangeText(range)}${dead}`);
    }
    for (const { offset, detail } of check.unreadable) this.#findings.add('unreadable', { path, offset }, detail);
    for (const wrong of check.disagreements()) this.#findings.add('metaWrong', { path }, wrong);
  }

  /** The manifest repeats what the table says of itself. */
  #compare(meta: TableMeta, placed: PlacedTable): void {
    const path = tableName(meta.number);
    for (const [name, value] of Object.entries(meta) as [keyof TableMeta, number | Uint8Array][]) {
      const named: number | Uint8Array = placed.meta[name];
      const same =
        value instanceof Uint8Array && named instanceof Uint8Array
          ? equalBytes(value, 0, value.length, named, 0, named.length)
          : value === named;
      if (same) continue;
      this.#findings.add(
        'metaDiffers',
        { path },
        `${name}: the manifest says ${show(named)}, the table ${show(value)}`,
      );
    }
  }

  #checkRuns(contents: ManifestContents): void {
    for (const { rank, tables } of runsOf(contents)) {
      for (const [at, placed] of tables.entries()) {
        this.#checkRanges(placed);
        const before = tables[at - 1];
        if (before === undefined || compareKeys(before.meta.lastKey, placed.meta.firstKey) < 0) continue;
        const detail = `in run ${rank} it overlaps ${tableName(before.meta.number)}`;
        this.#findings.add('runsOverlap', { path: tableName(placed.meta.number) }, detail);
      }
    }
  }

  /** Ranges may reach out of their table, but they have something to do with it. */
  #checkRanges({ meta, holes, damaged }: PlacedTable): void {
    const path = tableName(meta.number);
    for (const range of [...holes, ...damaged]) {
      if (meets(range, meta.firstKey, meta.lastKey)) continue;
      this.#findings.add('uselessRange', { path }, `keys ${rangeText(range)} are none of this table's`);
    }
    if (coversAll(holes, meta.firstKey, meta.lastKey)) {
      this.#findings.add('uselessRange', { path }, 'holes cover all of the table, which should have been removed');
    }
    for (const range of damaged) {
      this.#findings.add('markedDamaged', { path }, `keys ${rangeText(range)} are marked as damaged`);
    }
  }
}

function isDead({ holes }: PlacedTable, { from, to }: KeyRange): boolean {
  const outside = firstOutside(holes, from);
  return outside === undefined || (to !== undefined && compareKeys(outside, to) >= 0);
}

function show(value: number | Uint8Array): string {
  return typeof value === 'number' ? String(value) : keyText(value);
}
