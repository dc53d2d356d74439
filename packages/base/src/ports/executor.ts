/**
 * Work off the turn: jobs by kind, registered at the far side with ports of its own.
 *
 * Contract:
 * - `run` hands `input` over: the caller does not touch it afterwards (it may have been transferred).
 * - `shared` are buffers that both sides see at once, in that order; the list itself is read before `run` returns. The
 *   caller changes nothing in them until the promise settles, but for words that both sides use with `Atomics` only.
 * - The result is a fresh array owned by the caller.
 * - Jobs may run in any order and at the same time. A job may be asynchronous and long: one that waits holds up no other.
 * - A job that throws rejects, and other jobs go on. A `DiskError` and a `DamageError` arrive as what they were: the same
 *   class with the same fields and message, in a new object, so that a full disk and a damaged file are told apart from
 *   a job that is wrong. Anything else, and an unknown kind, is an `ExecutorError` whose message carries the job's.
 * - `close` waits for running jobs, to their end; `run` after `close` rejects with an `ExecutorError`.
 */
import { DamageError, DiskError, type DiskErrorCode, ExecutorError } from '../errors.ts';

export interface Executor {
  run(kind: string, input: Uint8Array, shared?: readonly SharedArrayBuffer[]): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A job as it is registered at the far side. */
export type Job = (input: Uint8Array, shared?: readonly SharedArrayBuffer[]) => Uint8Array | Promise<Uint8Array>;

/** Why a job failed, in fields that cross from one thread to another as they are. */
export type JobFailure =
  | { readonly name: 'DiskError'; readonly code: DiskErrorCode; readonly path: string; readonly detail: string }
  | { readonly name: 'DamageError'; readonly path: string; readonly offset: number; readonly detail: string }
  | { readonly name: 'ExecutorError'; readonly detail: string };

/** For implementations: what the far side says of what a job of that kind threw. */
export function describeFailure(kind: string, error: unknown): JobFailure {
  // The constructors put the facts before the detail: with none, the message is exactly what stands before it.
  if (error instanceof DiskError) {
    const { name, code, path, message } = error;
    return { name, code, path, detail: message.slice(new DiskError(code, path, '').message.length) };
  }
  if (error instanceof DamageError) {
    const { name, path, offset, message } = error;
    return { name, path, offset, detail: message.slice(new DamageError(path, offset, '').message.length) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { name: 'ExecutorError', detail: `job ${kind}: ${message}` };
}

/** For implementations: the error that the near side rejects with. */
export function rebuildFailure(failure: JobFailure): DiskError | DamageError | ExecutorError {
  switch (failure.name) {
    case 'DiskError':
      return new DiskError(failure.code, failure.path, failure.detail);
    case 'DamageError':
      return new DamageError(failure.path, failure.offset, failure.detail);
    case 'ExecutorError':
      return new ExecutorError(failure.detail);
  }
}
