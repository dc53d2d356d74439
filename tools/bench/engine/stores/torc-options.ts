/** How the bench hands its memory budget to Torc: the one place to change when the options change. */
import { DEFAULT_NODE_OPTIONS, type NodeOptions } from '@torc/node/options';

export interface TorcMemory {
  /** All that the engine may hold: memtables and caches. */
  readonly memoryBytes: number;
  /** Of that, one memtable. */
  readonly memtableBytes: number;
}

const mib = 1024 * 1024;
const smallBudget = 64 * mib;
const { memoryBytes: usualMemory, memtableBytes: usualMemtable } = DEFAULT_NODE_OPTIONS.engine;

/**
 * For a store whose cache has this size. Where that is plenty, Torc's defaults; where it is little, memtables of 4 MiB beside
 * it, as LevelDB's write buffers stand beside its cache.
 */
export function torcCache(cacheBytes: number): TorcMemory {
  if (cacheBytes >= smallBudget) {
    return { memoryBytes: Math.max(usualMemory, cacheBytes), memtableBytes: usualMemtable };
  }
  const memtableBytes = 4 * mib;
  return { memoryBytes: cacheBytes + 3 * memtableBytes, memtableBytes };
}

/** For a budget that holds all of it: memtables come out of it, and most of it is cache. */
export function torcMemory(budgetBytes: number): TorcMemory {
  const memtableBytes = Math.max(256 * 1024, Math.floor(budgetBytes / 16));
  return { memoryBytes: budgetBytes, memtableBytes: Math.min(usualMemtable, memtableBytes) };
}

export function torcOptions(memory: TorcMemory): NodeOptions {
  return { ...DEFAULT_NODE_OPTIONS, engine: { ...DEFAULT_NODE_OPTIONS.engine, ...memory } };
}
