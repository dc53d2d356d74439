/**
 * Lets the stores' processes take the memory that a node takes as it is installed, though they run from the sources: the
 * runtime's compiler cache keeps sources without their types, so that what strips types (30 MiB in each thread) is not
 * loaded; and the heap is kept small as `torc start` does it.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StoreProcess } from '../engine/store-process.ts';

/** Enough that flushes and compactions run, and so load all that they need. */
const warmUp = { keys: 100_000, budgetBytes: 4 * 1024 * 1024, valueBytes: 100 } as const;

/** From now on, for every process that this one starts. */
export async function runAsBuilt(dataRoot: string, say: (line: string) => void): Promise<void> {
  say('warm up: the runtime keeps the sources without their types');
  process.env['NODE_COMPILE_CACHE'] = join(dataRoot, 'compiled');
  const small = new URL('./small-heap.ts', import.meta.url).href;
  process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --import=${small}`.trim();
  const folder = join(dataRoot, 'warm-up');
  mkdirSync(folder);
  const store = new StoreProcess();
  try {
    const { keys, ...options } = warmUp;
    await store.call('open', { store: 'torc', folder, holdsAll: true, ...options });
    await store.call('fill', { from: 0, to: keys });
    await store.call('settle', {});
    await store.call('close', {});
  } finally {
    await store.stop();
  }
  rmSync(folder, { recursive: true });
}
