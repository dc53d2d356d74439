/**
 * The scrub: reads every table again, slowly, and marks in the manifest what is damaged, before somebody needs it.
 *
 * It goes in rounds. A round takes each table that lived when it began, the one first that was not looked at for longest;
 * tables that come meanwhile are of the next round, so that a round ends however much is written. What fails for the disk
 * or the worker is counted, and tried again in the next round. After `stop` nothing begins, and nothing is marked.
 */
import { DamageError, DiskError, ExecutorError, Refusal } from '@torc/base/errors';
import type { Timer } from '@torc/base/ports/clock';
import type { DamagedBlock, ScrubJob, ScrubResult } from '../jobs/job-codec.ts';
import type { KeyRange, PlacedTable } from '../manifest/edit.ts';
import { rangeOfTable } from '../sstable/table-blocks.ts';
import { firstOutside } from '../version/key-ranges.ts';
import { compareKeys, type LiveTable } from '../version/version.ts';
import type { TablesContext } from './tables-context.ts';

/** A start has enough to do. */
export const SCRUB_FIRST_MS = 60_000;
/** From the end of a round to the begin of the next. */
export const SCRUB_PAUSE_MS = 3_600_000;

/** What a scrub needs of the compactor. */
export interface DamageMarker {
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  markDamaged(number: number, range: KeyRange): Promise<boolean>;
}

/** Since the start. */
export interface ScrubReport {
  /** That came to their end. */
  readonly rounds: number;
  readonly tables: number;
  readonly blocks: number;
  readonly bytes: number;
  /** Each counted once, however often it was found. */
  readonly damagedBlocks: number;
  /** Tables, and blocks of tables, that could not be checked or marked; they are tried again. */
  readonly failures: number;
}

export class Scrubber {
  readonly #context: TablesContext;
  readonly #marker: DamageMarker;
  /** Of each table that was looked at: when, in steps of this scrubber. */
  readonly #scrubbed = new Map<number, number>();
  /** Blocks found damaged, as `table:offset`. */
  readonly #known = new Set<string>();
  #running: Promise<ScrubReport> | undefined;
  #timer: Timer | undefined;
  #isStopped = false;
  #steps = 0;
  #rounds = 0;
  #tables = 0;
  #blocks = 0;
  #bytes = 0;
  #failures = 0;

  constructor(context: TablesContext, marker: DamageMarker) {
    this.#context = context;
    this.#marker = marker;
    this.#begin(SCRUB_FIRST_MS);
  }

  get report(): ScrubReport {
    return {
      rounds: this.#rounds,
      tables: this.#tables,
      blocks: this.#blocks,
      bytes: this.#bytes,
      damagedBlocks: this.#known.size,
      failures: this.#failures,
    };
  }

  /** Scrubs every table once, now; the round that runs, if one does. Settles with the report when it has ended. */
  scrubAll(): Promise<ScrubReport> {
    this.#running ??= Promise.resolve()
      .then(() => this.#round())
      .finally(() => {
        this.#running = undefined;
        this.#begin(SCRUB_PAUSE_MS);
      });
    return this.#running;
  }

  /** Nothing begins any more. A job that runs is ended by the control. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** Settles when what runs has ended. */
  async settle(): Promise<void> {
    await this.#running;
  }

  #begin(delayMs: number): void {
    const { clock, options, aside } = this.#context;
    this.#timer?.cancel();
    if (this.#isStopped || options.scrubBytesPerSecond === 0) return;
    this.#timer = clock.setTimer(delayMs, () => aside(this.scrubAll().then(ignore)));
  }

  async #round(): Promise<ScrubReport> {
    const { shelf, control, probe } = this.#context;
    const before = control.nextTable;
    const began = this.#steps;
    for (;;) {
      const version = shelf.current;
      const tables = version.runs.flatMap((run) => run.tables);
      this.#forgetGone(tables);
      const live = this.#next(tables, before, began);
      if (live === undefined || this.#isOver()) break;
      version.pin();
      try {
        await this.#scrub(live);
      } finally {
        version.unpin();
      }
    }
    if (!this.#isOver()) {
      this.#rounds += 1;
      probe.reached('scrub-round-ended');
    }
    return this.report;
  }

  /** Of the tables that are older than the round, the one looked at longest ago, if that was before the round. */
  #next(tables: readonly LiveTable[], beforeNumber: number, began: number): LiveTable | undefined {
    let oldest: LiveTable | undefined;
    let oldestStep = 0;
    for (const live of tables) {
      const { number } = live.placed.meta;
      const step = this.#scrubbed.get(number) ?? 0;
      if (number >= beforeNumber || step > began) continue;
      if (oldest !== undefined && (step > oldestStep || (step === oldestStep && number > oldest.placed.meta.number))) {
        continue;
      }
      oldest = live;
      oldestStep = step;
    }
    return oldest;
  }

  async #scrub({ placed, table }: LiveTable): Promise<void> {
    const { control, manifest, options, probe } = this.#context;
    const { number } = placed.meta;
    const { hashKey0, hashKey1 } = manifest.contents;
    const job: ScrubJob = {
      table: number,
      range: rangeOfTable(table),
      hashKey0,
      hashKey1,
      bytesPerSecond: options.scrubBytesPerSecond,
    };
    this.#steps += 1;
    this.#scrubbed.set(number, this.#steps);
    try {
      const { blocks, bytes, damaged, unreadable } = await control.run<ScrubResult>('scrub', job);
      this.#tables += 1;
      this.#blocks += blocks;
      this.#bytes += bytes;
      this.#failures += unreadable;
      for (const block of damaged) await this.#found(number, block);
    } catch (error) {
      if (!isOfTheDisk(error)) throw error;
      if (this.#isOver()) return;
      this.#failures += 1;
      probe.reached('scrub-failed');
    }
  }

  async #found(number: number, { offset, range }: DamagedBlock): Promise<void> {
    this.#known.add(`${number}:${offset}`);
    await this.#marker.exclusively(async () => {
      const placed = this.#context.manifest.contents.tables.get(number);
      if (placed === undefined || this.#isOver() || isNoNews(placed, range)) return;
      await this.#marker.markDamaged(number, range);
    });
  }

  #forgetGone(tables: readonly LiveTable[]): void {
    const live = new Set(tables.map(({ placed }) => placed.meta.number));
    for (const number of this.#scrubbed.keys()) if (!live.has(number)) this.#scrubbed.delete(number);
  }

  #isOver(): boolean {
    return this.#isStopped || this.#context.isClosed();
  }
}

/** It is marked, or its entries count no more. */
function isNoNews({ damaged, holes }: PlacedTable, range: KeyRange): boolean {
  return [damaged, holes].some((ranges) => {
    const outside = firstOutside(ranges, range.from);
    if (outside === undefined) return true;
    return range.to !== undefined && compareKeys(outside, range.to) >= 0;
  });
}

function isOfTheDisk(error: unknown): boolean {
  return (
    error instanceof DiskError ||
    error instanceof DamageError ||
    error instanceof ExecutorError ||
    error instanceof Refusal
  );
}

function ignore(): void {}
