/**
 * The conformance suite of the `Executor` port. At the far side stand the jobs of `executor-jobs.ts`, with a pause that
 * whoever runs the suite brings.
 */
import { DamageError, DiskError, ExecutorError } from '../errors.ts';
import { type ExecutorBench, executorCase } from './executor-bench.ts';
import { DISK_ERROR_CODES } from './executor-jobs.ts';
import { LONG_JOB_CASES } from './executor-long.ts';
import { type Case, expect, expectBytes, expectEqual, expectRejects, noise } from './suite.ts';

const SHORT_JOB_CASES: readonly Case<ExecutorBench>[] = [
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
    const shared = [64, 4096, 20, 1 << 20].map((sizeBytes) => new SharedArrayBuffer(sizeBytes));
    const views = shared.map((buffer) => new Uint8Array(buffer));
    views.forEach((view, place) => {
      view[view.length - 1] = 9 + place;
    });
    const seen = await settle(executor.run('markShared', noise(10), shared));
    expectBytes(seen, Uint8Array.of(9, 10, 11, 12), 'seen by the job, in order');
    views.forEach((view, place) => {
      expectBytes(view.slice(0, 11), Uint8Array.of(...noise(10), place), `seen by the caller in buffer ${place}`);
    });
  }),
  executorCase('nothing shared is no buffer, and one buffer may be shared twice', async ({ executor, settle }) => {
    expectEqual((await settle(executor.run('markShared', noise(1)))).length, 0, 'buffers, with no list');
    expectEqual((await settle(executor.run('markShared', noise(1), []))).length, 0, 'buffers, with an empty list');
    const shared = new SharedArrayBuffer(8);
    new Uint8Array(shared)[7] = 5;
    const works = [1, 2].map(() => executor.run('markShared', noise(1), [shared, shared]));
    for (const seen of await settle(Promise.all(works))) expectBytes(seen, Uint8Array.of(5, 5), 'seen by the job');
  }),
  executorCase('the list of what is shared is read at once', async ({ executor, settle }) => {
    const list = [new SharedArrayBuffer(8)];
    const work = executor.run('markShared', noise(1), list);
    list.push(new SharedArrayBuffer(8));
    list.shift();
    list.shift();
    expectEqual((await settle(work)).length, 1, 'buffers that the job saw');
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
  executorCase('a DiskError of a job arrives as what it was, with its facts', async ({ executor, settle }) => {
    for (const [place, code] of DISK_ERROR_CODES.entries()) {
      const run = (): Promise<unknown> => settle(executor.run('throwDiskError', Uint8Array.of(place)));
      const error = await expectRejects(DiskError, run, code);
      expectEqual(error.name, 'DiskError', 'name');
      expectEqual(error.code, code, 'code');
      expectEqual(error.path, 'tables/7: new', 'path');
      expectEqual(error.message, 'tables/7: new: the disk: is unhappy', 'message');
    }
    expectBytes(await settle(executor.run('echo', noise(6))), noise(6), 'the job after');
  }),
  executorCase('a DamageError of a job arrives as what it was, with its facts', async ({ executor, settle }) => {
    const run = (): Promise<unknown> => settle(executor.run('throwDamageError', noise(1)));
    const error = await expectRejects(DamageError, run, 'damage');
    expectEqual(error.name, 'DamageError', 'name');
    expectEqual(error.path, 'tables/7', 'path');
    expectEqual(error.offset, 2 ** 40 + 1, 'offset');
    expectEqual(error.message, new DamageError('tables/7', 2 ** 40 + 1, 'checksum of block 3').message, 'message');
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

/** Every case of the port. */
export const EXECUTOR_CASES: readonly Case<ExecutorBench>[] = [...SHORT_JOB_CASES, ...LONG_JOB_CASES];
