/** The words that the engine and its jobs share (`jobs/job-codec.ts`), and the table numbers that jobs are given. */
import type { Executor } from '@torc/base/ports/executor';
import type { Random } from '@torc/base/ports/random';
import {
  CONTROL_ABORT,
  CONTROL_BYTES,
  CONTROL_RATE,
  CONTROL_YIELD,
  decodeJob,
  encodeJob,
  type OutputFile,
  type RemoveJob,
} from '../jobs/job-codec.ts';

export class JobControl {
  readonly #executor: Executor;
  readonly #aside: (work: Promise<unknown>) => void;
  readonly #random: Random;
  readonly #shared = new SharedArrayBuffer(CONTROL_BYTES);
  readonly #words = new Int32Array(this.#shared);
  #nextTable: number;
  #urgent = 0;
  #running = 0;

  /** `aside` takes work that nobody waits for. */
  constructor(executor: Executor, random: Random, nextTable: number, aside: (work: Promise<unknown>) => void) {
    this.#executor = executor;
    this.#aside = aside;
    this.#random = random;
    this.#nextTable = nextTable;
  }

  /** No table below this has been given out. */
  get nextTable(): number {
    return this.#nextTable;
  }

  /** Whether a job runs: the disk may be busy with it. */
  get isWriting(): boolean {
    return this.#running > 0;
  }

  outputs(count: number): OutputFile[] {
    return Array.from({ length: count }, () => {
      const number = this.#nextTable;
      this.#nextTable += 1;
      return { number, nonceLow: this.#random.uint32(), nonceHigh: this.#random.uint32() };
    });
  }

  /** Runs a job; others stand still meanwhile when it is urgent. */
  async run<R>(kind: string, job: unknown, buffers: readonly SharedArrayBuffer[] = [], urgent = false): Promise<R> {
    if (urgent) this.#setUrgent(1);
    this.#running += 1;
    try {
      return decodeJob<R>(await this.#executor.run(kind, encodeJob(job), [this.#shared, ...buffers]));
    } finally {
      this.#running -= 1;
      if (urgent) this.#setUrgent(-1);
    }
  }

  /** Removes files that nothing names any more, at leisure. A failure leaves them to the next start. */
  remove(paths: readonly string[]): void {
    if (paths.length === 0) return;
    const job: RemoveJob = { paths };
    this.#aside(this.#executor.run('remove', encodeJob(job)));
  }

  setRate(bytesPerSecond: number): void {
    Atomics.store(this.#words, CONTROL_RATE, Math.min(bytesPerSecond, 0x7fffffff));
  }

  /** Jobs that run end with an error at their next look. */
  abort(): void {
    Atomics.store(this.#words, CONTROL_ABORT, 1);
  }

  #setUrgent(by: number): void {
    this.#urgent += by;
    Atomics.store(this.#words, CONTROL_YIELD, this.#urgent);
  }
}
