/**
 * Freezing: the active memtable takes nothing more and goes on its way to a table, when it is full, or when the log since
 * the last time is long. The log rolls with it, so that what belongs to it stands in segments of its own.
 */
import { DiskError, Refusal } from '@torc/base/errors';
import type { CommitLog } from '../commit-log/commit-log.ts';
import { logName, logNumbers } from '../commit-log/names.ts';
import type { EngineParts, EnginePorts } from '../engine-parts.ts';
import type { Memtable } from '../memtable/memtable.ts';
import type { HeldMemtable } from '../memtable/memtable-set.ts';
import type { EngineOptions } from '../options.ts';
import { runAside } from './run-aside.ts';

/** So many small segments (each start begins one) are worth a flush of their own. */
const MAX_SEGMENTS = 64;

export interface FreezerHooks {
  /** Segments of the log when the engine opened. */
  readonly segments: number;
  mayBegin(): boolean;
  /** This one takes writes from now on. */
  frozen(active: Memtable): void;
}

export class Freezer {
  readonly #ports: EnginePorts;
  readonly #options: EngineOptions;
  readonly #parts: EngineParts;
  readonly #log: CommitLog;
  readonly #hooks: FreezerHooks;
  readonly #dropsLog: boolean;
  #freezing = false;
  #frozenAtBytes = 0;
  #segmentsKept: number;

  constructor(ports: EnginePorts, options: EngineOptions, parts: EngineParts, log: CommitLog, hooks: FreezerHooks) {
    this.#ports = ports;
    this.#options = options;
    this.#parts = parts;
    this.#log = log;
    this.#hooks = hooks;
    this.#segmentsKept = hooks.segments;
    this.#dropsLog = ports.probe.planted('log-dropped-before-table-is-named');
    // What was frozen may be flushed then. Not in that call: a flush that ends just now would not see it.
    log.tellsOfRolls(() => ports.clock.onTurnEnd(() => void runAside(ports.clock, parts.flusher.wake())));
  }

  /** Called when a batch is durable. */
  freezeIfDue(): void {
    if (this.#freezing || !this.#isDue() || !this.#hooks.mayBegin()) return;
    // Not in this call: it may come from within the log.
    this.#freezing = true;
    void runAside(this.#ports.clock, this.#freezeSoon());
  }

  #isDue(): boolean {
    const { memtableBytes, logBytes } = this.#options;
    if (this.#parts.memtables.active.memtable.usedBytes >= memtableBytes) return true;
    return this.#log.writtenBytes - this.#frozenAtBytes >= logBytes || this.#segmentsKept > MAX_SEGMENTS;
  }

  async #freezeSoon(): Promise<void> {
    await Promise.resolve();
    // Freezing commits, and what then becomes durable must find that it is under way.
    if (this.#hooks.mayBegin()) await this.freezeLater();
    this.#freezing = false;
    if (this.#hooks.mayBegin()) await this.#parts.flusher.wake();
  }

  /** Freezes the memtable if it or its log holds anything. Settles when it may be flushed, or cannot be for now. */
  async freezeLater(): Promise<void> {
    try {
      await this.#log.boundaryLater((logFloor) => {
        const hasLog = this.#segmentsKept > 1 || this.#log.writtenBytes > this.#frozenAtBytes;
        if (this.#parts.memtables.active.memtable.count > 0 || hasLog) this.#freeze(logFloor);
      });
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Freezes the memtable in this turn, whatever it holds. `undefined`: there was no room for it. */
  freezeNow(): HeldMemtable | undefined {
    try {
      return this.#freeze(this.#log.boundaryNow());
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  #freeze(logFloor: number): HeldMemtable {
    const { memtables, state, counts, budget } = this.#parts;
    const held = memtables.freeze({ logFloor, state: new Map(state), counts: counts.all() });
    if (this.#dropsLog) this.#dropLog(logFloor);
    this.#frozenAtBytes = this.#log.writtenBytes;
    this.#segmentsKept = 1;
    this.#hooks.frozen(memtables.active.memtable);
    budget.setMemtables(memtables.heldBytes);
    return held;
  }

  /** The log still holds everything, and says itself when it stops. Try again when more has been written. */
  #failed(error: unknown): void {
    if (!(error instanceof DiskError || error instanceof Refusal)) throw error;
    this.#frozenAtBytes = this.#log.writtenBytes;
    this.#ports.probe.reached('freeze-failed');
  }

  /** The planted bug: the log goes before its tables are named. */
  #dropLog(floor: number): void {
    const { disk } = this.#ports;
    for (const number of logNumbers(disk.list(''))) if (number < floor) disk.remove(logName(number));
  }
}
