/**
 * The engine's jobs: what runs in a worker thread, or wherever the executor runs them. Registered at its far side with
 * ports of their own.
 */
import type { Clock } from '@torc/base/ports/clock';
import type { Compressor } from '@torc/base/ports/compressor';
import type { Disk } from '@torc/base/ports/disk';
import type { Job } from '@torc/base/ports/executor';
import type { Probe } from '@torc/base/ports/probe';
import { compactJob } from './jobs/compact-job.ts';
import { flushJob } from './jobs/flush-job.ts';
import { removeJob } from './jobs/remove-job.ts';
import { scrubJob } from './jobs/scrub-job.ts';
import { PieceMemory } from './sstable/piece-memory.ts';

export interface JobPorts {
  readonly disk: Disk;
  readonly compressor: Compressor;
  readonly clock: Clock;
  readonly probe: Probe;
}

/** What the jobs of one worker have: its ports, and the large buffers that they share one after the other. */
export interface WorkerParts extends JobPorts {
  readonly pieces: PieceMemory;
}

export function storageJobs(ports: JobPorts): Readonly<Record<'flush' | 'compact' | 'scrub' | 'remove', Job>> {
  const parts = { ...ports, pieces: new PieceMemory() };
  return {
    flush: (input, shared = []) => flushJob(parts, input, shared),
    compact: (input, shared = []) => compactJob(parts, input, shared),
    remove: (input) => removeJob(ports, input),
    scrub: (input, shared = []) => scrubJob(ports, input, shared),
  };
}
