/**
 * The simulated executor: jobs run in this process, when the seed says.
 *
 * 1. A job runs at a random virtual time after `run`, so jobs overtake each other.
 * 2. The input is really handed over: an array that owns its whole buffer is filled with rubbish at once, as a transfer
 *    would have emptied it.
 * 3. The result is copied: nothing the job kept shows through it. An error is made anew, as one that crossed a thread.
 * 4. When the clock is killed, jobs that have not run never do; one that waits for the clock or the disk never goes on.
 *    A crash that strikes inside a job is no failure of the job: it passes as the `Crash` that it is.
 */
import { ExecutorError } from '@torc/base/errors';
import { describeFailure, type Executor, type Job, rebuildFailure } from '@torc/base/ports/executor';
import type { SimClock } from './clock.ts';
import { Crash } from './crash.ts';
import type { SimRandom } from './random.ts';

export interface SimExecutorOptions {
  readonly clock: SimClock;
  readonly random: SimRandom;
  readonly jobs: Readonly<Record<string, Job>>;
  /** A job takes a time between these, in virtual milliseconds. */
  readonly takesMs?: readonly [least: number, most: number];
}

export class SimExecutor implements Executor {
  readonly #options: SimExecutorOptions;
  readonly #running: Set<Promise<unknown>> = new Set();
  #closed = false;

  constructor(options: SimExecutorOptions) {
    this.#options = options;
  }

  run(kind: string, input: Uint8Array, shared?: readonly SharedArrayBuffer[]): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(new ExecutorError('the executor is closed'));
    const { jobs } = this.#options;
    const job = Object.hasOwn(jobs, kind) ? jobs[kind] : undefined;
    if (job === undefined) return Promise.reject(new ExecutorError(`no job of kind ${kind}`));
    const handedOver = input.slice();
    if (input.byteLength === input.buffer.byteLength) input.fill(0xdb);
    const listed = shared?.slice();
    const result = this.#pause().then(() => runJob(job, kind, handedOver, listed));
    const finished = result.then(ignore, ignore);
    this.#running.add(finished);
    void finished.then(() => this.#running.delete(finished));
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#running);
  }

  #pause(): Promise<void> {
    const { clock, random, takesMs = [0.1, 5] } = this.#options;
    const [least, most] = takesMs;
    return new Promise((resolve) => {
      clock.setTimer(least + random.fraction() * (most - least), resolve);
    });
  }
}

async function runJob(
  job: Job,
  kind: string,
  input: Uint8Array,
  shared: readonly SharedArrayBuffer[] | undefined,
): Promise<Uint8Array> {
  try {
    return (await job(input, shared)).slice();
  } catch (error: unknown) {
    if (error instanceof Crash) throw error;
    throw rebuildFailure(describeFailure(kind, error));
  }
}

function ignore(): void {}
