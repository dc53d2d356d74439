/**
 * The conformance suite of the `Executor` port, with the jobs that must be registered at the far side: a worker loads
 * this module and calls `createJobs`.
 */
import { ExecutorError } from '../errors.ts';
import type { Executor, Job } from '../ports/executor.ts';
import { type Case, type Closable, expect, expectBytes, expectEqual, expectRejects, noise, oneCase } from './suite.ts';

export interface ExecutorBench extends Closable {
  /** An executor with the jobs of `createJobs`. */
  readonly executor: Executor;
  settle<T>(work: Promise<T>): Promise<T>;
}

export function createJobs(): Readonly<Record<string, Job>> {
  let kept: Uint8Array | undefined;
  return {
    echo: (input) => input,
    reverse: async (input) => input.slice().reverse(),
    sum: (input) => Uint8Array.of(input.reduce((sum, byte) => sum + byte, 0) & 0xff),
    throwNow: () => {
      throw new RangeError('the job is unhappy');
    },
    throwLater: async () => {
      throw new RangeError('the job is unhappy later');
    },
    markShared: (input, shared) => {
      if (shared === undefined) throw new RangeError('nothing is shared');
      const view = new Uint8Array(shared);
      view.set(input);
      return Uint8Array.of(view[view.length - 1] ?? 0);
    },
    keep: (input) => {
      kept = input;
      return input;
    },
    scribbleOnKept: () => {
      // Where arrays are moved, what was kept is empty by now.
      if (kept !== undefined && kept.length > 0) kept.fill(0xee);
      return new Uint8Array(0);
    },
    spin: (input) => {
      let state = 1;
      for (let i = 0; i < (input[0] ?? 0) * 10000; i++) state = (state * 31 + i) | 0;
      return Uint8Array.of(input[0] ?? 0, state === 0 ? 1 : 0);
    },
  };
}

const executorCase = oneCase<ExecutorBench>;

export const EXECUTOR_CASES: readonly Case<ExecutorBench>[] = [
  executorCase('a job answers', async ({ executor, settle }) => {
    expectBytes(await settle(executor.run('reverse', Uint8Array.of(1, 2, 3))), Uint8Array.of(3, 2, 1), 'reverse');
    expectBytes(await settle(executor.run('sum', Uint8Array.of(1, 2, 3))), Uint8Array.of(6), 'sum');
  }),
  executorCase('empty and large inputs come back whole', async ({ executor, settle }) => {
    for (const length of [0, 1, 65536, 1 << 20]) {
      expectBytes(await settle(executor.run('echo', noise(length))), noise(length), `${length} bytes`);
    }
  }),
  executorCase('an input that is part of a buffer leaves its neighbours alone', async ({ executor, settle }) => {
    const arena = noise(4096);
    expectBytes(await settle(executor.run('echo', arena.subarray(100, 200))), noise(4096).subarray(100, 200), 'part');
    expectBytes(arena.subarray(0, 100), noise(4096).subarray(0, 100), 'bytes before');
    expectBytes(arena.subarray(200), noise(4096).subarray(200), 'bytes behind');
  }),
  executorCase("the result is the caller's own", async ({ executor, settle }) => {
    const result = await settle(executor.run('keep', noise(100)));
    await settle(executor.run('scribbleOnKept', new Uint8Array(0)));
    expectBytes(result, noise(100), 'the result after the job scribbled');
    result.fill(1);
  }),
  executorCase('shared memory is seen by both sides', async ({ executor, settle }) => {
    const shared = new SharedArrayBuffer(64);
    new Uint8Array(shared)[63] = 9;
    expectBytes(await settle(executor.run('markShared', noise(10), shared)), Uint8Array.of(9), 'seen by the job');
    expectBytes(new Uint8Array(shared).slice(0, 10), noise(10), 'seen by the caller');
  }),
  executorCase('jobs run beside each other, each with its own answer', async ({ executor, settle }) => {
    const works = Array.from({ length: 50 }, (_, i) => executor.run(i % 2 === 0 ? 'echo' : 'spin', Uint8Array.of(i)));
    const results = await settle(Promise.all(works));
    results.forEach((result, i) => {
      expectEqual(result[0], i, `answer ${i}`);
    });
  }),
  executorCase('an unknown kind is an ExecutorError that names it', async ({ executor, settle }) => {
    for (const kind of ['nothing', '', '__proto__', 'toString']) {
      const error = await expectRejects(ExecutorError, () => settle(executor.run(kind, noise(1))), `kind "${kind}"`);
      expect(error.message.includes(kind), `message: ${error.message}`);
    }
  }),
  executorCase('a job that throws rejects with its message, and others go on', async ({ executor, settle }) => {
    const good = executor.run('echo', noise(5));
    for (const kind of ['throwNow', 'throwLater']) {
      const error = await expectRejects(ExecutorError, () => settle(executor.run(kind, noise(1))), kind);
      expect(error.message.includes('the job is unhappy'), `message: ${error.message}`);
    }
    expectBytes(await settle(good), noise(5), 'the job before');
    expectBytes(await settle(executor.run('echo', noise(6))), noise(6), 'the job after');
  }),
  executorCase('close waits for running jobs', async ({ executor, settle }) => {
    let finished = 0;
    const works = Array.from({ length: 8 }, (_, i) =>
      executor.run('spin', Uint8Array.of(i)).then(() => {
        finished++;
      }),
    );
    await settle(executor.close());
    await settle(Promise.all(works));
    expectEqual(finished, 8, 'finished jobs');
  }),
  executorCase('run after close rejects; closing twice is fine', async ({ executor, settle }) => {
    await settle(executor.close());
    await settle(executor.close());
    await expectRejects(ExecutorError, () => settle(executor.run('echo', noise(1))), 'run after close');
  }),
];
