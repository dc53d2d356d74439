/** What the commit log is given, and whom it tells. */
import type { Clock } from '@torc/base/ports/clock';
import type { FilePorts } from './log-file.ts';

export interface LogPorts extends FilePorts {
  readonly clock: Clock;
}

/** Of the engine's options, those that the log goes by. */
export interface LogSizes {
  readonly segmentBytes: number;
  readonly aheadBytes: number;
  /** 0: a batch is durable when it is synced. Otherwise: when it is written, and it is synced so many ms later at most. */
  readonly syncEveryMs?: number;
}

/** What becomes of batches. Called from within `commitNow`, at the end of a turn, or when a sync on the pool ends. */
export interface LogListener {
  /** Every batch up to this one is durable. */
  durable(batch: number): void;
  /** The disk is full: nothing of the batch was written, and it never will be. It was the newest batch. */
  refused(batch: number): void;
  /** The log stopped: whether the batches since the last durable one survive is unknown. */
  stopped(error: Error): void;
}
