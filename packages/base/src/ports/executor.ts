/**
 * Work off the turn: jobs by kind, registered at the far side with ports of its own.
 *
 * Contract:
 * - `run` hands `input` over: the caller does not touch it afterwards (it may have been transferred). `shared` is seen by
 *   both sides at once; the caller changes nothing in it until the promise settles.
 * - The result is a fresh array owned by the caller.
 * - Jobs may run in any order and at the same time. An unknown kind, or a job that throws, rejects with `ExecutorError`,
 *   whose message carries the job's; other jobs go on.
 * - `close` waits for running jobs; `run` after `close` rejects.
 */
export interface Executor {
  run(kind: string, input: Uint8Array, shared?: SharedArrayBuffer): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A job as it is registered at the far side. */
export type Job = (input: Uint8Array, shared?: SharedArrayBuffer) => Uint8Array | Promise<Uint8Array>;
