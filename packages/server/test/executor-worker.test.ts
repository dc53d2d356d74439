/** The worker executor beyond its port: real threads, a module of one's own, workers that end. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DamageError, DiskError, ExecutorError } from '@torc/base/errors';
import { moduleBeside, WorkerExecutor } from '../src/executor-worker.ts';

const module = new URL('./fixtures/executor-jobs.ts', import.meta.url).href;
const NOTHING = new Uint8Array(0);

test('jobs run in another thread, with the settings that were given', async () => {
  const settings = { directory: 'somewhere', sizes: [1, 2] };
  const executor = new WorkerExecutor({ module, settings, threads: 1 });
  assert.deepEqual(JSON.parse(Buffer.from(await executor.run('settings', NOTHING)).toString()), settings);
  assert.equal((await executor.run('where', NOTHING))[0], 0);
  await executor.close();
});

test('a worker has a small young generation, and an old one as large as ever', async () => {
  const executor = new WorkerExecutor({ module, threads: 1 });
  const limits = JSON.parse(Buffer.from(await executor.run('limits', NOTHING)).toString()) as Record<string, number>;
  assert.equal(limits['maxYoungGenerationSizeMb'], 6);
  assert.ok((limits['maxOldGenerationSizeMb'] as number) >= 1024, `${limits['maxOldGenerationSizeMb']} MiB`);
  await executor.close();
});

test('a warm executor has its threads already, and a job does not start another', async () => {
  const executor = new WorkerExecutor({ module, threads: 2 });
  executor.warm();
  executor.warm();
  const [first, second] = await Promise.all([executor.run('where', NOTHING), executor.run('where', NOTHING)]);
  assert.notEqual(first?.[1], second?.[1]);
  const other = new WorkerExecutor({ module, threads: 1 });
  const next = (await other.run('where', NOTHING))[1];
  assert.equal(next, Math.max(first?.[1] as number, second?.[1] as number) + 1, 'two were started, no more');
  await Promise.all([executor.close(), other.close()]);
  executor.warm();
});

test('two threads run two jobs at the same time', async () => {
  const executor = new WorkerExecutor({ module, threads: 2 });
  await Promise.all([executor.run('where', NOTHING), executor.run('where', NOTHING)]);
  const ran = await Promise.all([executor.run('sleep', Uint8Array.of(50)), executor.run('sleep', Uint8Array.of(50))]);
  assert.notEqual(ran[0]?.[0], ran[1]?.[0]);
  await executor.close();
});

test('an input that owns its buffer is moved, a part of one is not', async () => {
  const executor = new WorkerExecutor({ module, threads: 1 });
  const whole = new Uint8Array(100);
  const part = new Uint8Array(100).subarray(10, 20);
  await Promise.all([executor.run('where', whole), executor.run('where', part)]);
  assert.equal(whole.byteLength, 0);
  assert.equal(part.byteLength, 10);
  await executor.close();
});

test('a worker that ends fails its jobs, and is replaced', async () => {
  const executor = new WorkerExecutor({ module, threads: 1 });
  const works = [executor.run('exit', NOTHING), executor.run('sleep', Uint8Array.of(1))];
  for (const work of works) {
    await assert.rejects(work, (error: unknown) => error instanceof ExecutorError && /ended/.test(error.message));
  }
  assert.equal((await executor.run('where', NOTHING))[0], 0);
  await executor.close();
});

test('a module may be named by its package', async () => {
  const executor = new WorkerExecutor({ module: '@torc/base/conformance/executor-jobs', settings: {}, threads: 1 });
  assert.deepEqual(await executor.run('reverse', Uint8Array.of(1, 2)), Uint8Array.of(2, 1));
  await executor.close();
});

test('a module beside another has its extension, in the sources and in what is built', () => {
  assert.equal(moduleBeside('file:///a/src/executor-worker.ts', 'jobs'), 'file:///a/src/jobs.ts');
  assert.equal(moduleBeside('file:///a/dist/executor-worker.js', 'jobs'), 'file:///a/dist/jobs.js');
});

test('an error of a job is of the class that is known here, and knows no other thread', async () => {
  const executor = new WorkerExecutor({ module: '@torc/base/conformance/executor-jobs', settings: {}, threads: 1 });
  for (const [kind, type] of [
    ['throwDiskError', DiskError],
    ['throwDamageError', DamageError],
    ['throwNow', ExecutorError],
  ] as const) {
    await assert.rejects(executor.run(kind, NOTHING), (error: unknown) => {
      assert.ok(error instanceof type, kind);
      return !(error.stack ?? '').includes('executor-jobs');
    });
  }
  await executor.close();
});

test('a module that cannot be loaded fails each job with the reason', async () => {
  const executor = new WorkerExecutor({ module: 'file:///no/such/module.ts', threads: 1 });
  for (let i = 0; i < 2; i++) {
    await assert.rejects(executor.run('where', NOTHING), (error: unknown) => {
      return error instanceof ExecutorError && /no\/such\/module/.test(error.message);
    });
  }
  await executor.close();
});

test('an idle executor does not keep its process alive, one with a job does', () => {
  const owner = fileURLToPath(new URL('./fixtures/executor-owner.ts', import.meta.url));
  for (const [mode, wanted] of [
    ['idle', ''],
    ['busy', 'slept'],
  ] as const) {
    const options = { encoding: 'utf8', timeout: 10_000 } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=torc-src', owner, mode], options);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, wanted);
  }
});
