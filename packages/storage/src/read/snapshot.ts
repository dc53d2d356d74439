/**
 * Snapshots: the directory as it was at one batch, for as long as one is open. What it sees is durable. It keeps the
 * tables and memtables that it reads from going away, and holds no lock.
 */
import { assert } from '@torc/base/assert';
import { BoundedCursor } from './bounded-cursor.ts';
import type { Cursor } from './cursor.ts';
import { MergeCursor } from './merge-cursor.ts';
import { RunCursor } from './run-cursor.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { KeyRange } from '../manifest/edit.ts';
import type { Memtable } from '../memtable/memtable.ts';
import { MemtableCursor } from '../memtable/memtable-cursor.ts';
import type { HeldMemtable } from '../memtable/memtable-set.ts';
import { TableCursor } from '../sstable/table-cursor.ts';
import type { Version } from '../version/table-shelf.ts';
import type { Run } from '../version/version.ts';

const EVERYTHING: KeyRange = { from: new Uint8Array(0) };

export class Snapshots {
  readonly #parts: EngineParts;
  readonly #settledBatch: () => number;
  readonly #open = new Set<Snapshot>();

  /** `settledBatch` commits what is open, and answers the batch up to which everything is durable. */
  constructor(parts: EngineParts, settledBatch: () => number) {
    this.#parts = parts;
    this.#settledBatch = settledBatch;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** Close it when it is no longer needed. */
  take(): Snapshot {
    const batch = this.#settledBatch();
    const snapshot = new Snapshot(this.#parts, batch, () => {
      this.#open.delete(snapshot);
      this.protect(this.#parts.memtables.active.memtable);
    });
    this.#open.add(snapshot);
    this.protect(this.#parts.memtables.active.memtable);
    return snapshot;
  }

  /** Tells the active memtable what open snapshots see of it. */
  protect(memtable: Memtable): void {
    let newest = -1;
    for (const { batch, active } of this.#open) if (active.memtable === memtable) newest = Math.max(newest, batch);
    memtable.protect(newest);
  }
}

export class Snapshot {
  readonly batch: number;
  readonly active: HeldMemtable;
  readonly #parts: EngineParts;
  readonly #memtables: readonly HeldMemtable[];
  readonly #version: Version;
  readonly #closed: () => void;
  readonly #skipsMoved: boolean;
  #isClosed = false;

  constructor(parts: EngineParts, batch: number, closed: () => void) {
    this.#parts = parts;
    this.#skipsMoved = parts.probe.planted('scan-skips-moved-keys');
    this.batch = batch;
    this.#closed = closed;
    this.active = parts.memtables.active;
    this.#memtables = [this.active, ...parts.memtables.frozen];
    for (const held of this.#memtables) held.pin();
    this.#version = parts.shelf.current;
    this.#version.pin();
  }

  /** A cursor over the range, in the order of engine's keys, both ways. `Engine.provide` brings what it wants. */
  cursor(range: KeyRange = EVERYTHING): Cursor {
    assert(!this.#isClosed, 'a snapshot is read while it is open');
    const sources = this.#memtables.map(
      ({ memtable, order }) => new MemtableCursor(memtable, order, memtable === this.active.memtable ? this.batch : -1),
    );
    const runs = this.#version.runs.map((run) => runCursor(run, this.#parts, this.#skipsMoved));
    return new BoundedCursor(new MergeCursor([...sources, ...runs]), range, []);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const held of this.#memtables) held.unpin();
    this.#version.unpin();
    this.#closed();
  }
}

/** `skipsMoved` is a planted bug: what a compaction moved down meanwhile is not shown. */
function runCursor(run: Run, parts: EngineParts, skipsMoved: boolean): Cursor {
  const tables = run.tables.map(({ placed: { meta, holes }, table }) => ({
    firstKey: meta.firstKey,
    lastKey: meta.lastKey,
    open: (): Cursor => {
      const cursor = new TableCursor(table, parts.blocks);
      const now = parts.manifest.contents.tables.get(meta.number);
      if (skipsMoved && now !== undefined) return new BoundedCursor(cursor, EVERYTHING, now.holes);
      return holes.length === 0 ? cursor : new BoundedCursor(cursor, EVERYTHING, holes);
    },
  }));
  return new RunCursor(tables);
}
