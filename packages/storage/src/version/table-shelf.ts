/**
 * The open tables of a directory, and the version that is current.
 *
 * Who reads over several turns (a cursor, a snapshot, a load) pins the version it reads. A table's file is closed, and
 * removed when the manifest does not name it any more, when the last version that holds it is let go.
 */
import { assert } from '@torc/base/assert';
import { DiskError } from '@torc/base/errors';
import type { Compressor } from '@torc/base/ports/compressor';
import type { Disk } from '@torc/base/ports/disk';
import type { PlacedTable } from '../manifest/edit.ts';
import type { TableMeta } from '../sstable/table-meta.ts';
import { tableName } from '../sstable/names.ts';
import { Table } from '../sstable/table.ts';
import { makeRuns, type LiveTable, type Run } from './version.ts';

interface OpenTable {
  readonly table: Table;
  versions: number;
}

export class Version {
  readonly runs: readonly Run[];
  readonly #shelf: TableShelf;
  #pins = 1;

  constructor(shelf: TableShelf, runs: readonly Run[]) {
    this.#shelf = shelf;
    this.runs = runs;
  }

  pin(): void {
    assert(this.#pins > 0, 'a version that was let go is not taken again');
    this.#pins += 1;
  }

  unpin(): void {
    this.#pins -= 1;
    if (this.#pins === 0) this.#shelf.letGo(this);
  }
}

export interface ShelfPorts {
  readonly disk: Disk;
  readonly compressor: Compressor;
}

export class TableShelf {
  readonly #ports: ShelfPorts;
  readonly #open = new Map<number, OpenTable>();
  readonly #gone: (number: number) => void;
  readonly #removed: (path: string) => void;
  #named: ReadonlySet<number> = new Set();
  #current: Version;

  /** `gone` is told of each table that nobody reads any more, `removed` of files to be removed at leisure. */
  constructor(ports: ShelfPorts, gone: (number: number) => void, removed: (path: string) => void) {
    this.#ports = ports;
    this.#gone = gone;
    this.#removed = removed;
    this.#current = new Version(this, []);
  }

  get current(): Version {
    return this.#current;
  }

  table(number: number): Table | undefined {
    return this.#open.get(number)?.table;
  }

  /** Bytes of the tables that the manifest names. */
  get liveBytes(): number {
    let bytes = 0;
    for (const run of this.#current.runs) bytes += run.bytes;
    return bytes;
  }

  /** Memory that open tables hold whatever the caches do. */
  get pinnedBytes(): number {
    let bytes = 0;
    for (const { table } of this.#open.values()) bytes += table.pinnedBytes;
    return bytes;
  }

  /** Opens a table before a manifest names it, so that a table that does not open is never named. */
  prepare(number: number): Table {
    const open = this.#open.get(number);
    if (open !== undefined) return open.table;
    const table = Table.open(this.#ports.disk, tableName(number), number, this.#ports.compressor);
    this.#open.set(number, { table, versions: 0 });
    return table;
  }

  /**
   * Lets go of tables that an edit should have named. Their files are removed only after an error that says for certain
   * that the edit is not there; else the next start finds out.
   */
  discard(metas: readonly TableMeta[], error: unknown): void {
    for (const { number } of metas) {
      const open = this.#open.get(number);
      if (open === undefined || open.versions > 0) continue;
      this.#open.delete(number);
      open.table.close();
      if (error instanceof DiskError && error.code === 'full') this.#removed(tableName(number));
    }
  }

  /** Makes these tables the current version: the manifest names them, durably. */
  install(placed: Iterable<PlacedTable>): void {
    const live: LiveTable[] = [...placed].map((one) => ({ placed: one, table: this.prepare(one.meta.number) }));
    for (const { placed: one } of live) (this.#open.get(one.meta.number) as OpenTable).versions += 1;
    this.#named = new Set(live.map(({ placed: one }) => one.meta.number));
    const before = this.#current;
    this.#current = new Version(this, makeRuns(live));
    before.unpin();
  }

  /** Called by a version that nobody holds any more. */
  letGo(version: Version): void {
    for (const run of version.runs) {
      for (const { placed } of run.tables) {
        const open = this.#open.get(placed.meta.number) as OpenTable;
        open.versions -= 1;
        if (open.versions === 0) this.#closeTable(placed.meta.number, open);
      }
    }
  }

  close(): void {
    for (const { table } of this.#open.values()) table.close();
    this.#open.clear();
  }

  #closeTable(number: number, { table }: OpenTable): void {
    this.#open.delete(number);
    table.close();
    this.#gone(number);
    if (!this.#named.has(number)) this.#removed(tableName(number));
  }
}
