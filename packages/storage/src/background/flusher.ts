/**
 * Frozen memtables become tables, oldest first: written in the worker, named by the manifest, and only then let go, their
 * log with them. What fails for want of room or a worker is tried again; the log still holds everything.
 */
import { DamageError, DiskError, ExecutorError, Refusal } from '@torc/base/errors';
import type { Timer } from '@torc/base/ports/clock';
import type { FlushJob, FlushResult } from '../jobs/job-codec.ts';
import type { PlacedTable } from '../manifest/edit.ts';
import type { FrozenAt, HeldMemtable } from '../memtable/memtable-set.ts';
import { settingsOf, type TablesContext } from './tables-context.ts';

const RETRY_MS = 1000;

/** Before anything was measured. */
const FIRST_BYTES_PER_SECOND = 32 * 1024 * 1024;

export class Flusher {
  readonly #context: TablesContext;
  #running: Promise<void> | undefined;
  #retry: Timer | undefined;
  #bytesPerSecond = FIRST_BYTES_PER_SECOND;
  #flushedBytes = 0;
  #nextRank: number;

  /** Ranks from `nextRank` on are free. */
  constructor(context: TablesContext, nextRank: number) {
    this.#context = context;
    this.#nextRank = nextRank;
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  /** Bytes of the tables written so far. */
  get flushedBytes(): number {
    return this.#flushedBytes;
  }

  /** Flushes what is frozen. Settles when nothing is left, or nothing more can be done now; never rejects for the disk. */
  wake(): Promise<void> {
    this.#running ??= Promise.resolve()
      .then(() => this.#flushAll())
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  async #flushAll(): Promise<void> {
    const { memtables, isClosed, probe } = this.#context;
    for (let held = memtables.frozen.at(-1); held !== undefined && !isClosed(); held = memtables.frozen.at(-1)) {
      // What the log does not vouch for yet is not flushed: this is called again when it does.
      if ((held.frozenAt as FrozenAt).logFloor > this.#context.logSegment()) return;
      try {
        await this.#flush(held);
      } catch (error) {
        if (!isFailure(error)) throw error;
        if (isClosed()) return;
        this.#context.failed(error);
        probe.reached('flush-failed');
        if (error instanceof DiskError && error.code === 'full') this.#context.full();
        this.#retry?.cancel();
        this.#retry = this.#context.clock.setTimer(RETRY_MS, () => this.#context.aside(this.wake()));
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
  }

  async #flush(held: HeldMemtable): Promise<void> {
    const { clock, control, manifest, memtables, shelf, probe } = this.#context;
    const at = held.frozenAt as FrozenAt;
    const beganMs = clock.monotonicMs();
    if (probe.planted('memtable-dropped-before-its-table')) memtables.flushed(held, this.#nextRank);
    const { meta } = await this.#write(held);
    const put: PlacedTable[] = [];
    if (meta !== undefined) {
      put.push({ rank: this.#nextRank, meta, holes: [], damaged: [] });
      this.#nextRank += 1;
      this.#observe(held.memtable.usedBytes, clock.monotonicMs() - beganMs);
      this.#flushedBytes += meta.fileBytes;
    }
    const { logFloor, state } = at;
    try {
      for (const { meta: written } of put) shelf.prepare(written.number);
      // The counts are those of its own moment: a compaction that counts later says so in an edit behind this one.
      await manifest.append(() => ({
        put,
        logFloor,
        state,
        counts: new Map(at.counts),
        nextTable: control.nextTable,
      }));
    } catch (error) {
      shelf.discard(
        put.map((placed) => placed.meta),
        error,
      );
      throw error;
    }
    shelf.install(manifest.contents.tables.values());
    if (!probe.planted('memtable-dropped-before-its-table')) memtables.flushed(held, this.#nextRank - 1);
    probe.reached('memtable-flushed');
    this.#context.logFreed(logFloor);
    this.#context.changed();
  }

  #write({ memtable }: HeldMemtable): Promise<FlushResult> {
    if (memtable.count === 0) return Promise.resolve({});
    const { control } = this.#context;
    const { chunks } = memtable.arena;
    const job: FlushJob = {
      output: control.outputs(1)[0] as FlushJob['output'],
      settings: settingsOf(this.#context, false),
      filled: chunks.map((_, chunk) => memtable.arena.filledBytes(chunk)),
    };
    const buffers = chunks.map((chunk) => chunk.buffer);
    return control.run<FlushResult>('flush', job, buffers, true);
  }

  #observe(bytes: number, tookMs: number): void {
    if (tookMs <= 0) return;
    this.#bytesPerSecond = 0.5 * this.#bytesPerSecond + 0.5 * ((bytes / tookMs) * 1000);
  }
}

/** A table that was just written and does not open counts as a failed flush, too: the log still holds everything. */
function isFailure(error: unknown): error is DiskError | ExecutorError | Refusal | DamageError {
  return (
    error instanceof DiskError ||
    error instanceof ExecutorError ||
    error instanceof Refusal ||
    error instanceof DamageError
  );
}
