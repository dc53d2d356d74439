/**
 * The engine: commit log, memtable, tables. Keeps records by key and never looks further inside them than merging and
 * forgetting need.
 *
 * A write: `admit`, `read` the key, `stage` (room in the arena, the record is built in place), `publish` (into the log's
 * open batch and the memtable). It may be answered once its batch is durable. A read: `read`, then the bytes in place; if
 * it has a `pendingBatch`, the answer waits for that.
 *
 * Invariants:
 * 1. What a read shows after a restart is what was durable: an answered write is there, a refused one is not.
 * 2. Log segments are removed only when every entry in them stands in tables that the manifest names, durably.
 * 3. A key that a memtable holds is not in the record cache: what the cache holds is never stale.
 */
import { assert } from '@torc/base/assert';
import { Refusal } from '@torc/base/errors';
import { CommitLog, type LogListener } from './commit-log/commit-log.ts';
import { ENTRY_PART, ENTRY_WHOLE, SAME_VALUES } from './commit-log/entry.ts';
import type { RecoveryReport } from './recovery.ts';
import type { ForgetRule } from './compaction/forget-rule.ts';
import { Freezer } from './background/freezer.ts';
import { runAside } from './background/run-aside.ts';
import { openParts, type EngineParts, type EnginePorts } from './engine-parts.ts';
import type { EngineKey } from './key.ts';
import { writeCheckpoint, type CheckpointReport } from './care/checkpoint.ts';
import { linkAside, replayableNames } from './care/replayable.ts';
import { FullDisk } from './care/full-disk.ts';
import { dropFromTables } from './care/drop-range.ts';
import type { KeyRange } from './manifest/edit.ts';
import type { Memtable } from './memtable/memtable.ts';
import { delayMs } from './background/pressure.ts';
import type { EngineOptions } from './options.ts';
import { Reader } from './read/reader.ts';
import type { ReadTrace } from './read/read-trace.ts';
import { FROM_RECORD_CACHE, type RecordView } from './read/record-view.ts';
import type { Cursor } from './read/cursor.ts';
import { Snapshots } from './read/snapshot.ts';

/** Writes are refused when so many memtables' worth could not be flushed. */
const MAX_MEMTABLES = 8;

export class Engine implements LogListener {
  readonly recovery: RecoveryReport;
  readonly parts: EngineParts;
  readonly snapshots: Snapshots;
  readonly #options: EngineOptions;
  readonly #ports: EnginePorts;
  readonly #listener: LogListener;
  readonly #log: CommitLog;
  readonly #keepRefused: boolean;
  readonly #reader: Reader;
  readonly #freezer: Freezer;
  readonly #fullDisk: FullDisk;
  #memtable: Memtable;
  #closed = false;

  private constructor(ports: EnginePorts, options: EngineOptions, listener: LogListener) {
    this.#ports = ports;
    this.#options = options;
    this.#listener = listener;
    this.#keepRefused = ports.probe.planted('full-disk-batch-kept-in-memory');
    const opened = openParts(ports, options, {
      pendingBatch: (batchLow) => this.#log.pendingBatch(batchLow),
      isClosed: () => this.#closed,
      isFull: () => this.#fullDisk.isFull,
      commitNow: () => this.settleNow(),
      logSegment: () => this.#log.segment,
      logFreed: (floor) => this.parts.control.remove(replayableNames(ports.disk, floor)),
      full: () => this.#fullDisk.met(),
      failed: (error) => this.#failed(error),
      changed: () => this.#changed(),
    });
    this.parts = opened.parts;
    this.recovery = opened.report;
    this.#fullDisk = new FullDisk(ports, this.parts.reserve, {
      makeRoom: () =>
        void runAside(
          ports.clock,
          this.flush().then(() => this.compact()),
        ),
      wantRoom: (wanted) => this.parts.compactor.wantRoom(wanted),
      hasRoom: () => this.#freezer.freezeIfDue(),
    });
    this.#reader = new Reader(this.parts, ports.clock, () => this.#closed);
    this.#memtable = this.parts.memtables.active.memtable;
    this.#log = new CommitLog(ports, options, opened.file, opened.nextBatch, this);
    this.#log.delaysBy((openBytes) => this.#delay(openBytes));
    this.#log.avoidsTurnWhile(() => this.parts.control.isWriting);
    this.snapshots = new Snapshots(this.parts, () => this.commitNow());
    this.#freezer = new Freezer(ports, options, this.parts, this.#log, {
      segments: opened.report.segments,
      mayBegin: () => !this.#closed && !this.#fullDisk.isFull,
      frozen: (active) => {
        this.#memtable = active;
        this.snapshots.protect(active);
      },
    });
  }

  /** Recovers the directory that the disk stands for; an empty one becomes a fresh engine. Damage: `DamageError`. */
  static async open(ports: EnginePorts, options: EngineOptions, listener: LogListener): Promise<Engine> {
    const engine = new Engine(ports, options, listener);
    engine.#fullDisk.begin();
    if (engine.recovery.gaps.length > 0) {
      linkAside(ports.disk, engine.#log.segment);
      await engine.flush();
    }
    engine.#freezer.freezeIfDue();
    void runAside(ports.clock, engine.compact());
    return engine;
  }

  /** Says what a compaction may forget; asked when one begins. Nothing, unless this is called. */
  forgets(rule: () => ForgetRule): void {
    this.parts.forgetRule = rule;
  }

  get openBatch(): number {
    return this.#log.openBatch;
  }

  get durableBatch(): number {
    return this.#log.durableBatch;
  }

  /** Bytes gathered for the next batch: what a caller looks at before it takes more work. */
  get openBytes(): number {
    return this.#log.openBytes;
  }

  get isFull(): boolean {
    return this.#fullDisk.isFull;
  }

  get syncP99Ms(): number {
    return this.#log.pace.p99Ms;
  }

  get logBytes(): number {
    return this.#log.writtenBytes;
  }

  /** Whether every key is in memory, so that no read can need the disk. */
  get isInMemory(): boolean {
    return this.parts.shelf.current.runs.length === 0;
  }

  /** Values of a bucket: keys whose winner is no tombstone. */
  valueCount(bucket: number): number {
    return this.parts.counts.of(bucket);
  }

  /** Whether a write may begin: throws a `Refusal` when the disk or the memory has no room. Deletes go on longer. */
  admit(isDelete: boolean): void {
    if (isDelete) return;
    if (this.isFull)
      throw new Refusal('disk-full', 'the disk is full: nothing was written; reads and deletes still work');
    if (this.parts.memtables.usedBytes > MAX_MEMTABLES * this.#options.memtableBytes) {
      throw new Refusal(
        'memory-full',
        'writes come faster than this node can bring them into tables: nothing was written; try again later',
      );
    }
  }

  /**
   * Finds the key's record: whether there is one. Throws `NEEDS_LOAD` when the answer lies on the disk and may not be
   * fetched in this turn: `load` the key, then call again. Damage on the way: `DamageError`, never "absent".
   */
  read(key: EngineKey, view: RecordView): boolean {
    return this.#reader.read(key, view);
  }

  /** As `read`, for what is about to be replaced: it is not worth keeping. */
  readForWrite(key: EngineKey, view: RecordView): boolean {
    return this.#reader.readForWrite(key, view);
  }

  /** Has the memory of entries fetched that `read` is about to look at, and the hashes of the keys computed. */
  fetch(keys: readonly EngineKey[], count: number): void {
    this.#memtable.fetch(keys, count);
  }

  /** Brings what reads of these keys need into memory, off the turn. Then `withLoaded`, in the turn in which it settles. */
  load(keys: readonly EngineKey[], view: RecordView): Promise<void> {
    return this.#reader.load(keys, view);
  }

  /** Runs `work`, in which reads fetch what is still missing in the turn. For what was loaded just before. */
  withLoaded<T>(work: () => T): T {
    return this.#reader.withLoaded(work);
  }

  /** Brings what a cursor of a snapshot wants: in the turn where reads are fast, else on the pool. */
  provide(cursor: Cursor): Promise<void> {
    return this.#reader.provide(cursor);
  }

  /** As `read`, telling `trace` every step; blocks are read in the turn. */
  explain(key: EngineKey, view: RecordView, trace: ReadTrace): boolean {
    return this.#reader.explain(key, view, trace);
  }

  /** Lets others have their turn. */
  pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#ports.clock.onTurnEnd(resolve);
    });
  }

  /**
   * Room for a record under the key that `view` was read for, in this turn. Write all of it at `recordAt`, then `publish`.
   * `sameShape`: the caller copes with the old record standing where the new one goes.
   */
  stage(key: EngineKey, view: RecordView, recordBytes: number, sameShape: boolean): number {
    // Not first in `publish`: by then the old record has been written over.
    this.#log.requireRunning();
    return this.#memtable.stage(key, view.ref, recordBytes, this.#log.openBatch, sameShape);
  }

  bytesOf(ref: number): Uint8Array {
    return this.#memtable.bytesOf(ref);
  }

  /** The same bytes, for numbers. */
  wordsOf(ref: number): DataView {
    return this.#memtable.wordsOf(ref);
  }

  recordAt(ref: number): number {
    return this.#memtable.recordAt(ref);
  }

  /** Makes a staged record the key's newest, whole. `change` (`commit-log/entry.ts`): what it does to the values. */
  publish(ref: number, key: EngineKey, view: RecordView, change: number): void {
    this.#publish(ENTRY_WHOLE, ref, key, view, change);
  }

  /** As `publish`, of a record that is merged with what lies below: data that arrived by transfer. */
  publishPart(ref: number, key: EngineKey, view: RecordView, change: number): void {
    assert(view.ref === 0, 'a part does not replace what the memtable has: merge the two, and publish the whole');
    this.#publish(ENTRY_PART, ref, key, view, change);
  }

  #publish(kind: number, ref: number, key: EngineKey, view: RecordView, change: number): void {
    const memtable = this.#memtable;
    const recordAt = memtable.recordAt(ref);
    const end = recordAt + memtable.recordBytes(ref);
    const batch = this.#log.openBatch;
    this.#log.append(kind, change, memtable.bytesOf(ref), memtable.keyAt(ref), recordAt, end);
    memtable.publish(ref, key, view.ref, batch, kind);
    if (change !== SAME_VALUES) this.parts.counts.count(key.bucket, change, batch);
    if (view.from >= FROM_RECORD_CACHE) this.parts.records.remove(key, key.hash);
  }

  state(name: number): number {
    return this.parts.state.get(name) ?? 0;
  }

  /** Sets one of the engine's own numbers, durably before it returns; `false` when the disk had no room. */
  setState(name: number, value: number): boolean {
    return this.setStates([[name, value]]);
  }

  /** Sets several, with one sync. */
  setStates(values: readonly (readonly [name: number, value: number])[]): boolean {
    const { state } = this.parts;
    const batch = this.#log.openBatch;
    const before = new Map(state);
    for (const [name, value] of values) {
      state.set(name, value);
      this.#log.appendState(name, value);
    }
    this.#log.commitNow();
    if (this.#log.durableBatch >= batch) return true;
    state.clear();
    for (const [name, value] of before) state.set(name, value);
    return false;
  }

  /** Writes and syncs everything published so far, in this turn. Returns the batch up to which everything is durable. */
  commitNow(): number {
    this.#log.commitNow();
    return this.#log.durableBatch;
  }

  /** As `commitNow`; a `Refusal` when the log has stopped, and nobody can say what of it is durable. */
  settleNow(): void {
    this.#log.commitNow();
    this.#log.requireRunning();
  }

  /** As `commitNow`, but only where syncs are fast and none is under way; otherwise the end of the turn decides. */
  commitSoon(): void {
    this.#log.commitSoon();
  }

  durable(batch: number): void {
    this.#listener.durable(batch);
    this.#freezer.freezeIfDue();
  }

  refused(batch: number): void {
    if (!this.#keepRefused) {
      this.#memtable.undoBatch(batch);
      this.parts.counts.undoBatch(batch);
    }
    this.#fullDisk.met();
    this.#listener.refused(batch);
  }

  stopped(error: Error): void {
    this.#listener.stopped(error);
  }

  /** Brings everything written so far into tables. Settles when that is done or cannot be done now. */
  async flush(): Promise<void> {
    if (this.#closed) return;
    await this.#freezer.freezeLater();
    await this.parts.flusher.wake();
  }

  /**
   * A consistent copy of everything acknowledged so far, in `checkpoints/<name>/`: tables and log as hard links, so it
   * takes next to no room and time. It opens like any data directory.
   */
  checkpoint(name: string): Promise<CheckpointReport> {
    return this.parts.compactor.exclusively(async () => {
      await this.#log.boundaryLater(() => {});
      return writeCheckpoint(this.#ports, name, this.parts.manifest.contents, this.#log.segment);
    });
  }

  /**
   * Drops every entry in the range that was written before this call, tombstones too, as if it had never been: for ranges
   * that this node holds no more. Not a delete. Durable when it settles; it may be seen until then.
   */
  dropRange(range: KeyRange): Promise<void> {
    return this.parts.compactor.exclusively(async () => {
      const snapshot = this.snapshots.take();
      try {
        const held = this.#freezer.freezeNow();
        await this.parts.flusher.wake();
        if (held === undefined || held.rank < 0) {
          throw new Refusal('disk-full', 'the disk has no room to drop a range: nothing was dropped');
        }
        await dropFromTables(this, snapshot.cursor(range), range, held.rank);
      } finally {
        snapshot.close();
      }
    });
  }

  /** Compacts until nothing is left to do. */
  compact(): Promise<void> {
    return this.parts.compactor.wake();
  }

  /** Commits, marks a clean end and closes every file. Jobs that run are told to end. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#fullDisk.close();
    const { parts } = this;
    parts.control.abort();
    parts.compactor.stop();
    parts.flusher.stop();
    parts.scrubber.stop();
    await parts.flusher.settle();
    await parts.compactor.settle();
    await parts.scrubber.settle();
    await this.#log.close();
    await parts.manifest.settle();
    parts.manifest.close();
    parts.shelf.close();
  }

  #delay(openBytes: number): number {
    const { memtables, shelf, flusher } = this.parts;
    if (memtables.frozen.length === 0 && shelf.current.runs.length === 0) return 0;
    return delayMs(openBytes, {
      unflushedBytes: memtables.usedBytes,
      memtableBytes: this.#options.memtableBytes,
      runs: shelf.current.runs.length,
      flushBytesPerSecond: flusher.bytesPerSecond,
    });
  }

  #changed(): void {
    const { parts } = this;
    parts.budget.setPinned(parts.shelf.pinnedBytes);
    parts.budget.setMemtables(parts.memtables.heldBytes);
    void runAside(this.#ports.clock, parts.compactor.wake());
  }

  /** A manifest that stopped takes nothing more: what is in the log stays there, and the node must not go on. */
  #failed(error: Error): void {
    if (this.parts.manifest.isStopped) this.#log.stop(error);
  }
}
