/** What a case of the executor suite gets. */
import type { Executor } from '../ports/executor.ts';
import { type Case, type Closable, oneCase } from './suite.ts';

export interface ExecutorBench extends Closable {
  /** An executor with the jobs of `createJobs`, from `executor-jobs.ts`. */
  readonly executor: Executor;
  settle<T>(work: Promise<T>): Promise<T>;
}

export const executorCase: (name: string, body: (bench: ExecutorBench) => Promise<void>) => Case<ExecutorBench> =
  oneCase<ExecutorBench>;
