/** A worker finds and loads the jobs of the storage engine, over the directory that it is given. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ExecutorError } from '@torc/base/errors';
import type { EngineJobSettings } from '../src/engine-jobs.ts';
import { moduleBeside, WorkerExecutor } from '../src/executor-worker.ts';

test('the engine jobs load in a worker, with a disk of their own', async (context) => {
  const home = mkdtempSync(join(tmpdir(), 'torc-jobs-'));
  context.after(() => rmSync(home, { recursive: true }));
  const settings: EngineJobSettings = { root: join(home, 'data') };
  const module = moduleBeside(import.meta.resolve('../src/executor-worker.ts'), 'engine-jobs');
  const executor = new WorkerExecutor({ module, settings, threads: 1 });
  // A module that did not load would end its worker, and say so.
  await assert.rejects(executor.run('no such job', new Uint8Array(0)), (error: unknown) => {
    return error instanceof ExecutorError && error.message === 'no job of kind no such job';
  });
  assert.ok(existsSync(settings.root));
  await executor.close();
});
