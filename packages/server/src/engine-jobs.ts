/**
 * The module that a worker loads for the storage engine: its jobs, with ports of the worker's own over the same files.
 *
 * 1. The owner names it by `moduleBeside(import.meta.url, 'engine-jobs')`, with the settings below.
 * 2. What crosses to here is data only: nothing of the owner's disk, clock or compressor is shared with it.
 *
 * What may go wrong: both threads see one directory. Which files a job may touch is for the engine to say, not for here.
 */
import type { Job } from '@torc/base/ports/executor';
import { SILENT_PROBE } from '@torc/base/ports/probe';
import { storageJobs } from '@torc/storage/jobs';
import { SystemClock } from './clock-system.ts';
import { NativeCompressor } from './compressor-native.ts';
import { FsDisk } from './disk-fs.ts';

export interface EngineJobSettings {
  /** The directory that the owner's `FsDisk` has as its root. */
  readonly root: string;
}

/** @public The worker finds it by its name. */
export function createJobs({ root }: EngineJobSettings): Readonly<Record<string, Job>> {
  return storageJobs({
    disk: new FsDisk(root),
    compressor: new NativeCompressor(),
    clock: new SystemClock(),
    probe: SILENT_PROBE,
  });
}
