/**
 * The engine: commit log, memtable, checkpoint. Keeps whole records by key and never looks further inside them than to ask
 * whether one may be forgotten.
 *
 * A write: `admit`, `stage` (room in the arena, the record is built in place), `publish` (into the log's open batch and the
 * memtable). It may be answered once its batch is durable. A read: `find`, then the bytes in place; if it is in a `pendingBatch`, the
 * answer waits for the batch too.
 *
 * Invariants:
 * 1. What `find` shows after a restart is what was durable: an answered write is there, a refused one is not.
 * 2. Log segments are removed only when a checkpoint that contains them is durable under its name.
 */
import { DiskError, Refusal } from '@torc/base/errors';
import type { Timer } from '@torc/base/ports/clock';
import { siblingCount, winnerIsLive, winnerStamp } from '@torc/base/record/single';
import { CheckpointWriter, type CheckpointSource } from './checkpoint/checkpoint-writer.ts';
import { CommitLog, type LogListener, type LogPorts } from './commit-log/commit-log.ts';
import { ENTRY_WHOLE } from './commit-log/entry.ts';
import { checkpointName, checkpointNumbers, logName, logNumbers, TEMPORARY_SUFFIX } from './commit-log/names.ts';
import type { EngineKey } from './key.ts';
import type { Memtable } from './memtable/memtable.ts';
import type { EngineOptions } from './options.ts';
import { recoverEngine, type RecoveryReport } from './recovery.ts';
import { Reserve } from './reserve.ts';

/** How often a full disk is tried again. */
const FULL_RETRY_MS = 1000;

/** A full disk counts as full until so many reserves fit: else giving up the reserve would already look like room. */
const FULL_MARGIN = 2;

/** How many chunks are emptied at most when a batch is durable: what a large batch may have made dead. */
const MAX_CHUNKS_A_BATCH = 16;

/** So many small segments (each start begins one) are worth a checkpoint of their own. */
const MAX_SEGMENTS = 64;

/** A record may be forgotten when its versions are all deleted or expired by `wallMs`, and at or below the horizon. */
export interface ForgetRule {
  /** A stamp. */
  readonly horizon: number;
  /** ms since 1970. */
  readonly wallMs: number;
}

export class Engine implements LogListener {
  readonly memtable: Memtable;
  readonly recovery: RecoveryReport;
  readonly #ports: LogPorts;
  readonly #options: EngineOptions;
  readonly #listener: LogListener;
  readonly #log: CommitLog;
  readonly #state: Map<number, number>;
  readonly #reserve: Reserve;
  readonly #keepRefused: boolean;
  readonly #dropEarly: boolean;
  /** Entries of the open batch, oldest first; cleared when it is written. */
  #openRefs = new Uint32Array(1024);
  #openCount = 0;
  #refsBatch = 0;
  #full = false;
  #fullTimer: Timer | undefined;
  #checkpointing: Promise<void> | undefined;
  #checkpointedBytes = 0;
  #checkpointBytes = 0;
  #segmentsKept: number;
  #closed = false;
  #forgetRule: () => ForgetRule = () => ({ horizon: 0, wallMs: 0 });

  private constructor(ports: LogPorts, options: EngineOptions, listener: LogListener) {
    this.#ports = ports;
    this.#options = options;
    this.#listener = listener;
    this.#keepRefused = ports.probe.planted('full-disk-batch-kept-in-memory');
    this.#dropEarly = ports.probe.planted('log-dropped-before-checkpoint-is-named');
    const recovered = recoverEngine(ports, options);
    this.memtable = recovered.memtable;
    this.#state = recovered.state;
    this.recovery = recovered.report;
    this.#segmentsKept = recovered.report.segments;
    this.#log = new CommitLog(ports, options, recovered.file, recovered.nextBatch, this);
    this.#reserve = new Reserve(ports.disk, options.reserveBytes);
  }

  /** Recovers the directory that the disk stands for; an empty one becomes a fresh engine. Damage: `DamageError`. */
  static async open(ports: LogPorts, options: EngineOptions, listener: LogListener): Promise<Engine> {
    const engine = new Engine(ports, options, listener);
    if (!engine.#reserve.refill()) engine.#becomeFull();
    if (engine.recovery.gaps.length > 0) await engine.#settleSalvage();
    return engine;
  }

  /** Says what a checkpoint may leave out and forget; asked when one begins. Nothing, unless this is called. */
  forgets(rule: () => ForgetRule): void {
    this.#forgetRule = rule;
  }

  /** The ref of the key's newest record, or 0. */
  find(key: EngineKey): number {
    return this.memtable.find(key);
  }

  /** The batch that an answer from this entry waits for: 0 when it is durable. */
  pendingBatch(ref: number): number {
    return this.#log.pendingBatch(this.memtable.batchOf(ref));
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
    return this.#full;
  }

  get syncP99Ms(): number {
    return this.#log.pace.p99Ms;
  }

  get logBytes(): number {
    return this.#log.writtenBytes;
  }

  /** Whether a write may begin: throws a `Refusal` when the disk or the memory has no room. Deletes go on longer. */
  admit(isDelete: boolean): void {
    if (isDelete) return;
    if (this.#full)
      throw new Refusal('disk-full', 'the disk is full: nothing was written; reads and deletes still work');
    if (this.memtable.liveBytes > this.#options.memtableBytes) {
      throw new Refusal(
        'memory-full',
        'the data reached the memory limit of this node: nothing was written; delete keys, or let them expire',
      );
    }
  }

  /** Room for a record under a key. Write all of it at `memtable.recordAt(ref)`, then `publish`, in the same turn. */
  stage(key: EngineKey, recordBytes: number): number {
    return this.memtable.stage(key, recordBytes);
  }

  publish(ref: number, key: EngineKey): void {
    const { memtable } = this;
    const recordAt = memtable.recordAt(ref);
    const end = recordAt + memtable.recordBytes(ref);
    this.#log.append(ENTRY_WHOLE, memtable.bytesOf(ref), memtable.keyAt(ref), recordAt, end);
    memtable.link(ref, key, this.#log.openBatch);
    this.#remember(ref);
  }

  state(name: number): number {
    return this.#state.get(name) ?? 0;
  }

  /** Sets one of the engine's own numbers, durably before it returns; `false` when the disk had no room. */
  setState(name: number, value: number): boolean {
    const before = this.#state.get(name);
    const batch = this.#log.openBatch;
    this.#state.set(name, value);
    this.#log.appendState(name, value);
    this.#log.commitNow();
    if (this.#log.durableBatch >= batch) return true;
    if (before === undefined) this.#state.delete(name);
    else this.#state.set(name, before);
    return false;
  }

  /** Writes and syncs everything published so far, in this turn. */
  commitNow(): void {
    this.#log.commitNow();
  }

  /** As `commitNow`, but only where syncs are fast and none is under way; otherwise the end of the turn decides. */
  commitSoon(): void {
    this.#log.commitSoon();
  }

  durable(batch: number): void {
    this.#listener.durable(batch);
    if (this.#log.openBytes === 0 && this.#checkpointing === undefined) {
      // One chunk a batch would fall behind where batches are large.
      for (let chunks = 0; chunks < MAX_CHUNKS_A_BATCH && this.memtable.compact(); chunks += 1);
      if (this.#wantsCheckpoint()) this.#checkpointAside();
    }
  }

  refused(batch: number): void {
    if (!this.#keepRefused && this.#refsBatch === batch) {
      for (let i = this.#openCount - 1; i >= 0; i -= 1) this.memtable.undo(this.#openRefs[i] as number);
    }
    this.#openCount = 0;
    this.#becomeFull();
    this.#listener.refused(batch);
  }

  stopped(error: Error): void {
    this.#listener.stopped(error);
  }

  /** Writes a checkpoint and removes the log before it. One at a time: a call during one waits for that one. */
  checkpoint(): Promise<void> {
    // Not begun in this call: it commits, and what then becomes durable must find that one is under way.
    this.#checkpointing ??= Promise.resolve()
      .then(() => this.#writeCheckpoint())
      .finally(() => {
        this.#checkpointing = undefined;
      });
    return this.#checkpointing;
  }

  /** Commits, marks a clean end and closes every file. A running checkpoint ends first. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#fullTimer?.cancel();
    await this.#checkpointing?.catch((error: unknown) => this.#checkpointFailed(error));
    await this.#log.close();
  }

  #remember(ref: number): void {
    if (this.#refsBatch !== this.#log.openBatch) {
      this.#refsBatch = this.#log.openBatch;
      this.#openCount = 0;
    }
    if (this.#openCount === this.#openRefs.length) {
      const larger = new Uint32Array(this.#openCount * 2);
      larger.set(this.#openRefs);
      this.#openRefs = larger;
    }
    this.#openRefs[this.#openCount] = ref;
    this.#openCount += 1;
  }

  #becomeFull(): void {
    if (this.#full) return;
    this.#full = true;
    this.#ports.probe.reached('disk-full');
    this.#reserve.release();
    this.#retryFull();
  }

  #retryFull(): void {
    this.#fullTimer = this.#ports.clock.setTimer(FULL_RETRY_MS, () => {
      if (this.#closed) return;
      if (this.#reserve.refill(FULL_MARGIN)) {
        this.#full = false;
        this.#ports.probe.reached('disk-has-room-again');
        return;
      }
      this.#retryFull();
      // After enough deletes a checkpoint fits where the reserve was, and the log that it stands for makes room.
      if (this.memtable.liveBytes * 2 < this.#options.reserveBytes) {
        this.#checkpointAside();
      }
    });
  }

  #wantsCheckpoint(): boolean {
    if (this.#full || this.#closed) return false;
    const since = this.#log.writtenBytes - this.#checkpointedBytes;
    const enough = Math.max(this.#options.checkpointAfterBytes, this.#checkpointBytes);
    return since >= enough || this.#segmentsKept > MAX_SEGMENTS;
  }

  async #writeCheckpoint(): Promise<void> {
    const { disk } = this.#ports;
    const segment = this.#log.rollNow();
    const writtenBytes = this.#log.writtenBytes;
    const rule = this.#forgetRule();
    if (this.#dropEarly) this.#removeBefore(segment);
    const source = {
      memtable: this.memtable,
      state: this.#state,
      durableRef: (ref: number): number => this.#durableRef(ref),
      isForgettable: (ref: number): boolean => this.#isForgettable(ref, rule),
    };
    this.#checkpointBytes = await this.#writeCheckpointFile(segment, source);
    this.#checkpointedBytes = writtenBytes;
    this.#segmentsKept = 1;
    this.#removeBefore(segment);
    disk.syncDirectory('');
    this.#ports.probe.reached('checkpoint-written');
  }

  /** Writes the file and makes it durable under its name; returns its size. */
  async #writeCheckpointFile(segment: number, source: CheckpointSource): Promise<number> {
    const writer = new CheckpointWriter(this.#ports, source, segment);
    try {
      await writer.writeAll();
      await writer.publish();
    } finally {
      writer.close();
      // Named by now, or a torn try that would only take up room.
      this.#removeTemporary(checkpointName(segment));
    }
    return writer.endBytes;
  }

  /** A checkpoint that nobody waits for. What is not its own failure is thrown where the clock's owner sees it. */
  #checkpointAside(): void {
    this.checkpoint()
      .catch((error: unknown) => this.#checkpointFailed(error))
      .catch((error: unknown) => {
        this.#ports.clock.onTurnEnd(() => {
          throw error;
        });
      });
  }

  #checkpointFailed(error: unknown): void {
    if (!(error instanceof DiskError || error instanceof Refusal)) throw error;
    // The log still holds everything. Try again when as much again has been written.
    this.#checkpointedBytes = this.#log.writtenBytes;
    this.#segmentsKept = 0;
    this.#ports.probe.reached('checkpoint-failed');
  }

  #durableRef(newest: number): number {
    let ref = newest;
    while (ref !== 0 && this.pendingBatch(ref) !== 0) ref = this.memtable.previousOf(ref);
    return ref;
  }

  #isForgettable(ref: number, { horizon, wallMs }: ForgetRule): boolean {
    const bytes = this.memtable.bytesOf(ref);
    const at = this.memtable.recordAt(ref);
    return siblingCount(bytes, at) === 1 && !winnerIsLive(bytes, at, wallMs) && winnerStamp(bytes, at) <= horizon;
  }

  #removeBefore(segment: number): void {
    const names = this.#ports.disk.list('');
    for (const number of logNumbers(names)) if (number < segment) this.#ports.disk.remove(logName(number));
    for (const number of checkpointNumbers(names)) {
      if (number < segment) this.#ports.disk.remove(checkpointName(number));
    }
  }

  #removeTemporary(path: string): void {
    const name = path + TEMPORARY_SUFFIX;
    if (this.#ports.disk.list('').includes(name)) this.#ports.disk.remove(name);
  }

  /**
   * What was saved goes into a checkpoint at once; then the damaged files are kept aside. A crash between the two leaves
   * them to the next start, which removes what a checkpoint stands for: hence the advice to copy the directory first.
   */
  async #settleSalvage(): Promise<void> {
    const { disk } = this.#ports;
    const names = disk.list('');
    const old = [
      ...logNumbers(names)
        .filter((number) => number < this.#log.segment)
        .map(logName),
      ...checkpointNumbers(names).map(checkpointName),
    ];
    const source = {
      memtable: this.memtable,
      state: this.#state,
      durableRef: (ref: number): number => ref,
      isForgettable: (): boolean => false,
    };
    await this.#writeCheckpointFile(this.#log.segment, source);
    for (const name of old) disk.rename(name, `salvaged-${name}`);
    disk.syncDirectory('');
  }
}
