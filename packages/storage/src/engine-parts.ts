/**
 * The parts of an engine, opened in order: manifest, tables, log. What each is for stands in its own file.
 */
import type { Clock } from '@torc/base/ports/clock';
import type { Compressor } from '@torc/base/ports/compressor';
import type { Executor } from '@torc/base/ports/executor';
import type { Probe } from '@torc/base/ports/probe';
import { Compactor } from './background/compactor.ts';
import { Flusher } from './background/flusher.ts';
import { JobControl } from './background/job-control.ts';
import { runAside } from './background/run-aside.ts';
import { Scrubber } from './background/scrubber.ts';
import type { TablesContext } from './background/tables-context.ts';
import { BlockCache } from './cache/block-cache.ts';
import { countedBytes, MemoryBudget } from './cache/memory-budget.ts';
import { RecordCache } from './cache/record-cache.ts';
import type { LogPorts } from './commit-log/commit-log.ts';
import type { LogFile } from './commit-log/log-file.ts';
import type { ForgetRule } from './compaction/forget-rule.ts';
import { Dropping } from './compaction/dropping.ts';
import { countDropped } from './compaction/count-dropped.ts';
import type { Manifest } from './manifest/manifest.ts';
import { ChunkPool } from './memtable/chunk-pool.ts';
import { MemtableSet } from './memtable/memtable-set.ts';
import type { EngineOptions } from './options.ts';
import { BlockStore } from './read/block-store.ts';
import { Lookup } from './read/lookup.ts';
import { recoverEngine, type RecoveryReport } from './recovery.ts';
import { Reserve } from './reserve.ts';
import { rangeOfBlock } from './sstable/table-blocks.ts';
import type { ValueCounts } from './value-counts.ts';
import { TableShelf } from './version/table-shelf.ts';

export interface EnginePorts extends LogPorts {
  readonly clock: Clock;
  readonly compressor: Compressor;
  /** Runs `storageJobs` (`jobs.ts`) on the same directory. */
  readonly executor: Executor;
}

/** Frozen memtables that may exist beside the active one before writers are slowed hard. */
const FROZEN_MEMTABLES = 2;

export interface EngineParts {
  readonly probe: Probe;
  readonly manifest: Manifest;
  readonly shelf: TableShelf;
  readonly memtables: MemtableSet;
  readonly records: RecordCache;
  readonly cache: BlockCache;
  readonly budget: MemoryBudget;
  readonly blocks: BlockStore;
  readonly lookup: Lookup;
  readonly control: JobControl;
  readonly flusher: Flusher;
  readonly compactor: Compactor;
  readonly scrubber: Scrubber;
  readonly reserve: Reserve;
  readonly state: Map<number, number>;
  readonly counts: ValueCounts;
  readonly dropping: Dropping;
  forgetRule: () => ForgetRule;
}

/** What the parts ask of the engine that they make up. */
export interface EngineHooks {
  pendingBatch(batchLow: number): number;
  isClosed(): boolean;
  isFull(): boolean;
  /** Commits what is open; throws a `Refusal` when the log has stopped: then nothing may rest on what was written. */
  commitNow(): void;
  logSegment(): number;
  logFreed(floor: number): void;
  full(): void;
  failed(error: Error): void;
  changed(): void;
}

export interface OpenedParts {
  readonly parts: EngineParts;
  readonly file: LogFile;
  readonly nextBatch: number;
  readonly report: RecoveryReport;
}

export function openParts(ports: EnginePorts, options: EngineOptions, hooks: EngineHooks): OpenedParts {
  const share = (1 + FROZEN_MEMTABLES) * options.memtableBytes;
  const cache = new BlockCache(options.memoryBytes, { poison: ports.probe.cruel('blocks-poisoned') });
  const records = new RecordCache(options.memoryBytes);
  const budget = new MemoryBudget(countedBytes(options.memoryBytes), share, cache, records);
  const shelf = new TableShelf(
    ports,
    (number) => cache.dropTable(number),
    (path) => control.remove([path]),
  );
  const recovered = recoverEngine(
    ports,
    options,
    shelf,
    (key0, key1) => new MemtableSet(key0, key1, new ChunkPool(share)),
  );
  const { manifest, memtables, counts, state } = recovered;
  const { hashKey0, hashKey1 } = manifest.contents;
  const blocks = new BlockStore(ports, cache);
  const lookup = new Lookup({
    memtables,
    shelf,
    records,
    blocks,
    hashKey0,
    hashKey1,
    probe: ports.probe,
    pendingBatch: (batchLow) => hooks.pendingBatch(batchLow),
  });
  const control = new JobControl(ports.executor, ports.random, manifest.contents.nextTable, (work) => {
    void runAside(ports.clock, work);
  });
  const context = contextOf(ports, options, hooks, { manifest, memtables, shelf, control }, () => parts);
  const flusher = new Flusher(context, highestRank(shelf) + 1);
  const compactor = new Compactor(context);
  const parts: EngineParts = {
    probe: ports.probe,
    manifest,
    shelf,
    memtables,
    records,
    cache,
    budget,
    blocks,
    lookup,
    control,
    flusher,
    compactor,
    scrubber: new Scrubber(context, compactor),
    reserve: new Reserve(ports.disk, options.reserveBytes),
    state,
    counts,
    dropping: new Dropping(),
    forgetRule: () => ({ horizon: 0, wallMs: 0 }),
  };
  budget.setPinned(shelf.pinnedBytes);
  return { parts, file: recovered.file, nextBatch: recovered.nextBatch, report: recovered.report };
}

/** What background work is given. `parts` are whole by the time that any of it runs. */
function contextOf(
  ports: EnginePorts,
  options: EngineOptions,
  hooks: EngineHooks,
  tables: Pick<TablesContext, 'manifest' | 'memtables' | 'shelf' | 'control'>,
  parts: () => EngineParts,
): TablesContext {
  return {
    disk: ports.disk,
    clock: ports.clock,
    probe: ports.probe,
    options,
    ...tables,
    isClosed: () => hooks.isClosed(),
    isFull: () => hooks.isFull(),
    forgetRule: () => parts().forgetRule(),
    changed: () => hooks.changed(),
    dropped: (keys, plan) => {
      if (keys.length > 0) hooks.commitNow();
      return countDropped(keys, plan, parts());
    },
    damagedRange: (number, offset) => {
      const table = tables.shelf.table(number);
      return table === undefined ? undefined : rangeOfBlock(table, offset, ports.compressor);
    },
    aside: (work) => void runAside(ports.clock, work),
    logSegment: () => hooks.logSegment(),
    logFreed: (floor) => hooks.logFreed(floor),
    full: () => hooks.full(),
    failed: (error) => hooks.failed(error),
  };
}

function highestRank(shelf: TableShelf): number {
  return Math.max(0, ...shelf.current.runs.map(({ rank }) => rank));
}
