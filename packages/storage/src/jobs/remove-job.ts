/** Removing files, in the worker: to free a large file's blocks takes a file system milliseconds. */
import { DiskError } from '@torc/base/errors';
import type { JobPorts } from '../jobs.ts';
import { decodeJob, encodeJob, type RemoveJob } from './job-codec.ts';

/** What cannot be removed is left: the next start removes what nothing names. */
export function removeJob({ disk }: JobPorts, input: Uint8Array): Uint8Array {
  for (const path of decodeJob<RemoveJob>(input).paths) {
    try {
      disk.remove(path);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
  }
  return encodeJob({});
}
