/** What an engine says of itself: for INFO, metrics and benches. */
import type { Engine } from './engine.ts';
import type { MemoryReport } from './cache/memory-budget.ts';

export interface EngineFigures {
  readonly memtableUsedBytes: number;
  readonly memtableHeldBytes: number;
  readonly memtableKeys: number;
  readonly frozenMemtables: number;
  readonly tables: number;
  readonly runs: number;
  /** Of the tables that the manifest names. */
  readonly tableBytes: number;
  /** Written to the log since the start. */
  readonly logBytes: number;
  readonly flushedBytes: number;
  readonly compactionSteps: number;
  readonly compactedInBytes: number;
  readonly compactedOutBytes: number;
  readonly blockReads: number;
  readonly blockReadBytes: number;
  readonly blockCacheHits: number;
  readonly blockCacheMisses: number;
  readonly recordCacheHits: number;
  readonly recordCacheMisses: number;
  readonly memory: MemoryReport;
  readonly syncP99Ms: number;
  readonly readP99Ms: number;
  readonly diskFull: boolean;
  /** Ranges of tables that are marked damaged. */
  readonly damagedRanges: number;
}

export function engineFigures(engine: Engine): EngineFigures {
  const { memtables, shelf, flusher, compactor, blocks, cache, records, budget } = engine.parts;
  const { runs } = shelf.current;
  const tables = runs.flatMap((run) => run.tables);
  return {
    memtableUsedBytes: memtables.usedBytes,
    memtableHeldBytes: memtables.heldBytes,
    memtableKeys: memtables.active.memtable.count,
    frozenMemtables: memtables.frozen.length,
    tables: tables.length,
    runs: runs.length,
    tableBytes: shelf.liveBytes,
    logBytes: engine.logBytes,
    flushedBytes: flusher.flushedBytes,
    compactionSteps: compactor.steps,
    compactedInBytes: compactor.bytesIn,
    compactedOutBytes: compactor.bytesOut,
    blockReads: blocks.diskReads,
    blockReadBytes: blocks.diskBytes,
    blockCacheHits: cache.hits,
    blockCacheMisses: cache.misses,
    recordCacheHits: records.hits,
    recordCacheMisses: records.misses,
    memory: budget.report(),
    syncP99Ms: engine.syncP99Ms,
    readP99Ms: blocks.pace.p99Ms,
    diskFull: engine.isFull,
    damagedRanges: tables.reduce((sum, { placed }) => sum + placed.damaged.length, 0),
  };
}
