/**
 * What the worker executor and its worker say to each other, and how bytes cross.
 *
 * 1. An array that owns its whole buffer is moved and not copied; any other is copied first: moving it would take its
 *    neighbours along. An empty one is never moved: callers keep one for all their empty inputs.
 */
import type { JobFailure } from '@torc/base/ports/executor';

export interface WorkerSettings {
  /** The module whose `createJobs(settings)` gives the jobs. */
  readonly module: string;
  readonly settings: unknown;
}

export interface JobRequest {
  readonly id: number;
  readonly kind: string;
  readonly input: Uint8Array;
  readonly shared: readonly SharedArrayBuffer[] | undefined;
}

export type JobReply =
  | { readonly id: number; readonly output: Uint8Array }
  | { readonly id: number; readonly failure: JobFailure };

/** The same bytes in an array that may be moved to another thread. */
export function movable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const owned = buffer instanceof ArrayBuffer && bytes.byteLength > 0 && bytes.byteLength === buffer.byteLength;
  return owned ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
