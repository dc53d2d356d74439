/** How the bench hands its memory budget to Torc: the one place to change when the options change. */
import { DEFAULT_NODE_OPTIONS, type NodeOptions } from '@torc/node/options';

export interface TorcMemory {
  /** All that the engine may hold: memtables and caches. */
  readonly memoryBytes: number;
  /** Of that, one memtable. */
  readonly memtableBytes: number;
}

const largestMemtable = 64 * 1024 * 1024;
const smallestMemtable = 256 * 1024;

/** Three memtables come out of the budget; so that most of it is cache, one takes a sixteenth, and never more than it does by default. */
export function torcMemory(budgetBytes: number): TorcMemory {
  return {
    memoryBytes: budgetBytes,
    memtableBytes: Math.min(largestMemtable, Math.max(smallestMemtable, Math.floor(budgetBytes / 16))),
  };
}

export function torcOptions(memory: TorcMemory): NodeOptions {
  return { ...DEFAULT_NODE_OPTIONS, engine: { ...DEFAULT_NODE_OPTIONS.engine, ...memory } };
}
