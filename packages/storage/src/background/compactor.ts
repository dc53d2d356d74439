/**
 * Compactions, one step at a time: planned, merged in the worker, named by the manifest; then the inputs go.
 *
 * Steps, range drops and marks of damage change the same entries of the manifest: they take turns (`exclusively`).
 */
import { DamageError, DiskError, ExecutorError, Refusal } from '@torc/base/errors';
import type { Timer } from '@torc/base/ports/clock';
import type { DroppedCount } from '../compaction/count-dropped.ts';
import { editOf } from '../compaction/plan-edit.ts';
import { planCompaction, type CompactionPlan } from '../compaction/planner.ts';
import type { CompactJob, CompactResult } from '../jobs/job-codec.ts';
import type { KeyRange, PlacedTable } from '../manifest/edit.ts';
import { withRange } from '../version/key-ranges.ts';
import { tableNumbers } from '../sstable/names.ts';
import { settingsOf, type TablesContext } from './tables-context.ts';

const RETRY_MS = 1000;

/** A step at the bottom takes about so many tables' worth together. */
const STEP_TABLES = 2;

/** Runs from here on let compactions write without a limit. */
const BEHIND_RUNS = 10;

export class Compactor {
  readonly #context: TablesContext;
  #running: Promise<void> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #retry: Timer | undefined;
  #wantsRoom = false;
  /** Since the start: after the next one they are tried once more. */
  readonly #tried = new Set<number>();
  bytesIn = 0;
  bytesOut = 0;
  steps = 0;

  constructor(context: TablesContext) {
    this.#context = context;
  }

  /** Compacts until there is nothing to do, or nothing can be done now. */
  wake(): Promise<void> {
    this.#running ??= Promise.resolve()
      .then(() => this.#compactAll())
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  /** The disk is full: bring down whatever makes room. */
  wantRoom(wanted: boolean): void {
    this.#wantsRoom = wanted;
  }

  /** Runs `work` while no step runs. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = Promise.allSettled([done]);
    return done;
  }

  async #compactAll(): Promise<void> {
    const { isClosed, clock, probe } = this.#context;
    while (!isClosed()) {
      try {
        if (!(await this.exclusively(() => this.#step()))) return;
      } catch (error) {
        if (isClosed()) return;
        if (error instanceof DamageError) {
          if (await this.#markDamaged(error)) continue;
        } else if (!(error instanceof DiskError || error instanceof ExecutorError || error instanceof Refusal)) {
          throw error;
        }
        this.#context.failed(error);
        probe.reached('compaction-failed');
        if (error instanceof DiskError && error.code === 'full') this.#context.full();
        this.#retry?.cancel();
        this.#retry = clock.setTimer(RETRY_MS, () => this.#context.aside(this.wake()));
        return;
      }
    }
  }

  /** No retry begins any more. */
  stop(): void {
    this.#retry?.cancel();
  }

  /** Settles when what runs has ended. */
  async settle(): Promise<void> {
    await this.#running;
    await this.#turn;
  }

  async #step(): Promise<boolean> {
    const { shelf, options, isClosed } = this.#context;
    if (isClosed()) return false;
    const version = shelf.current;
    const plan = planCompaction(version.runs, {
      ...options,
      stepBytes: STEP_TABLES * options.tableBytes,
      wantsRoom: this.#wantsRoom,
      ...this.#context.forgetRule(),
      tried: this.#tried,
    });
    if (plan === undefined) return false;
    version.pin();
    try {
      await this.#run(plan);
    } finally {
      version.unpin();
    }
    return true;
  }

  async #run(plan: CompactionPlan): Promise<void> {
    const { control, manifest, shelf, probe, options } = this.#context;
    const behind = shelf.current.runs.length >= BEHIND_RUNS;
    control.setRate(behind || this.#wantsRoom ? 0 : options.compactionBytesPerSecond);
    const dropEarly = probe.planted('table-removed-before-the-manifest');
    if (dropEarly) this.#removeInputs(plan);
    const result = await control.run<CompactResult>('compact', this.#jobOf(plan));
    for (const { number } of result.metas) shelf.prepare(number);
    let dropped: DroppedCount | undefined;
    let isDurable = false;
    try {
      await manifest.append(() => {
        // Counted at the edit's own turn: a flush before it does not have the change in its counts, one behind it has.
        dropped = this.#context.dropped(result.droppedValues, plan);
        const edit = editOf(plan, result.metas, manifest.contents.tables);
        return { ...edit, countChanges: dropped.changes, nextTable: control.nextTable };
      });
      shelf.install(manifest.contents.tables.values());
      isDurable = true;
    } catch (error) {
      shelf.discard(result.metas, error);
      throw error;
    } finally {
      // When nobody can say whether the edit is durable, what it forgot is written no more: the node is about to stop.
      if (isDurable || !manifest.isStopped) dropped?.end(isDurable);
      else dropped?.fail();
    }
    if (plan.why === 'expired') for (const { number } of result.metas) this.#tried.add(number);
    this.steps += 1;
    this.bytesIn += result.bytesIn;
    for (const { fileBytes } of result.metas) this.bytesOut += fileBytes;
    probe.reached(plan.atBottom ? 'compacted-into-the-bottom' : 'compacted-a-tier');
    this.#context.changed();
  }

  #jobOf(plan: CompactionPlan): CompactJob {
    const { options, control, forgetRule, probe } = this.#context;
    const atBottom = plan.atBottom || probe.planted('tombstone-dropped-above-older');
    const { horizon, wallMs } = atBottom ? forgetRule() : { horizon: 0, wallMs: 0 };
    return {
      runs: plan.inputs.map(({ tables }) => ({
        tables: tables.map(({ placed: { meta, holes } }) => ({
          number: meta.number,
          firstKey: meta.firstKey,
          lastKey: meta.lastKey,
          holes,
        })),
      })),
      range: plan.range,
      atBottom,
      horizon,
      wallMs,
      outputs: control.outputs(mostOutputs(plan, options.tableBytes)),
      targetBytes: options.tableBytes,
      settings: settingsOf(this.#context, plan.atBottom),
    };
  }

  #removeInputs(plan: CompactionPlan): void {
    for (const { tables } of plan.inputs) for (const { table } of tables) this.#context.disk.remove(table.path);
  }

  /** Marks what a job could not read, so that it is reported, and left alone. */
  async #markDamaged(error: DamageError): Promise<boolean> {
    const number = tableNumbers([error.path])[0];
    if (number === undefined) return false;
    const range = this.#context.damagedRange(number, error.offset);
    if (range === undefined) return false;
    return this.exclusively(() => this.markDamaged(number, range));
  }

  async markDamaged(number: number, range: KeyRange): Promise<boolean> {
    const { manifest, shelf, probe } = this.#context;
    const placed = manifest.contents.tables.get(number);
    if (placed === undefined) return false;
    const marked: PlacedTable = { ...placed, damaged: withRange(placed.damaged, range) };
    await manifest.append({ put: [marked] });
    shelf.install(manifest.contents.tables.values());
    probe.reached('damage-marked');
    return true;
  }
}

/** An output is never larger than its inputs before compression, and a table's file is at least `tableBytes` but the last. */
function mostOutputs({ inputs }: CompactionPlan, tableBytes: number): number {
  let bytes = 0;
  for (const { tables } of inputs) {
    for (const {
      placed: { meta },
    } of tables)
      bytes += meta.fileBytes + meta.keyBytes + meta.recordBytes;
  }
  return 4 + 2 * Math.ceil(bytes / tableBytes);
}
