/**
 * The part of the executor suite about jobs that take long and wait in the middle. Both sides talk by words of shared
 * memory, so that each case knows where a job stands and no case depends on time.
 */
import { type ExecutorBench, executorCase } from './executor-bench.ts';
import { type Case, expect, expectBytes, expectEqual } from './suite.ts';

/** Words of the control buffer, for the job `relay`. */
const [BEGUN, GO, DONE, SPARE] = [0, 1, 2, 3] as const;

export const LONG_JOB_CASES: readonly Case<ExecutorBench>[] = [
  executorCase('jobs that wait hold up no other, however many they are', async ({ executor, settle }) => {
    const control = new SharedArrayBuffer(16);
    const waiting = Array.from({ length: 6 }, () => executor.run('relay', Uint8Array.of(BEGUN, GO, DONE), [control]));
    await settle(executor.run('relay', Uint8Array.of(SPARE, BEGUN, SPARE), [control]));
    expectBytes(await settle(executor.run('reverse', Uint8Array.of(1, 2))), Uint8Array.of(2, 1), 'a job meanwhile');
    expectEqual(Atomics.load(new Int32Array(control), DONE), 0, 'jobs that went on without being told');
    await settle(executor.run('relay', Uint8Array.of(GO, GO, SPARE), [control]));
    for (const output of await settle(Promise.all(waiting))) {
      expectBytes(output, Uint8Array.of(BEGUN, GO, DONE), 'the answer of one that waited');
    }
  }),
  executorCase('two long jobs take turns, and neither harms the other', async ({ executor, settle }) => {
    const rounds = 12;
    const [turn, page] = [new SharedArrayBuffer(4), new SharedArrayBuffer(rounds * 2)];
    const works = [0, 1].map((me) => executor.run('takeTurns', Uint8Array.of(me, rounds), [turn, page]));
    const outputs = await settle(Promise.all(works));
    outputs.forEach((output, me) => {
      const wanted = Uint8Array.from({ length: rounds }, (_, round) => round * 2 + me);
      expectBytes(output, wanted, `the answer of job ${me}`);
    });
    const wanted = Uint8Array.from({ length: rounds * 2 }, (_, i) => (i % 2) + 1);
    expectBytes(new Uint8Array(page).slice(), wanted, 'what both wrote');
  }),
  executorCase('close waits for a job that stands in the middle', async ({ executor, settle }) => {
    const control = new SharedArrayBuffer(16);
    const words = new Int32Array(control);
    let answered = false;
    const work = executor.run('relay', Uint8Array.of(BEGUN, GO, DONE), [control]).then(() => {
      answered = true;
    });
    await settle(executor.run('relay', Uint8Array.of(SPARE, BEGUN, SPARE), [control]));
    let closed = false;
    const closing = executor.close().then(() => {
      closed = true;
    });
    expect(!answered && !closed, 'the job waits for a word that nobody has set');
    Atomics.store(words, GO, 1);
    await settle(closing);
    expectEqual(Atomics.load(words, DONE), 1, 'the last word of the job, once close is done');
    await settle(work);
    expect(answered, 'the job was not answered');
  }),
  executorCase('a long job that fails at last leaves another that waits alone', async ({ executor, settle }) => {
    const control = new SharedArrayBuffer(16);
    const work = executor.run('relay', Uint8Array.of(BEGUN, GO, DONE), [control]);
    await settle(executor.run('throwLater', new Uint8Array(0)).then(expectNothing, ignore));
    await settle(executor.run('relay', Uint8Array.of(GO, GO, SPARE), [control]));
    expectBytes(await settle(work), Uint8Array.of(BEGUN, GO, DONE), 'the answer of the other');
  }),
];

function expectNothing(): void {
  expect(false, 'the job that throws was answered');
}

function ignore(): void {}
