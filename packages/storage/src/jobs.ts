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

export interface JobPorts {
  readonly disk: Disk;
  readonly compressor: Compressor;
  readonly clock: Clock;
  readonly probe: Probe;
}

export function storageJobs(ports: JobPorts): Readonly<Record<'flush' | 'compact' | 'scrub' | 'remove', Job>> {
  return {
    flush: (input, shared = []) => flushJob(ports, input, shared),
    compact: (input, shared = []) => compactJob(ports, input, shared),
    remove: (input) => removeJob(ports, input),
    scrub: (input, shared = []) => scrubJob(ports, input, shared),
  };
}
