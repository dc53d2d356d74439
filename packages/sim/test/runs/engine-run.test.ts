/** An engine alone, with parts, held snapshots and damaged tables, against a map that is folded by the record rules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineRun, type EngineRunResult } from '../../src/runs/engine-run.ts';

const RUNS = 25;

async function runs(flips: boolean): Promise<{ damaged: number; reached: Set<string> }> {
  let damaged = 0;
  const reached = new Set<string>();
  for (let seed = 0; seed < RUNS; seed += 1) {
    const result: EngineRunResult = await new EngineRun({ seed, steps: 80, flips }).run();
    assert.deepEqual(result.violations, [], `seed ${seed}`);
    damaged += result.damaged;
    for (const branch of result.reached.keys()) reached.add(branch);
  }
  return { damaged, reached };
}

test('it is equal to the model through flushes, compactions, restarts and held snapshots', async () => {
  const { damaged, reached } = await runs(false);
  assert.equal(damaged, 0);
  for (const branch of ['memtable-flushed', 'compacted-a-tier', 'compacted-into-the-bottom']) {
    assert.ok(reached.has(branch), branch);
  }
});

test('with damaged tables a read says so, or is right', async () => {
  const { damaged, reached } = await runs(true);
  assert.ok(damaged > 0);
  assert.ok(reached.has('damage-marked'));
});

test('the same seed is the same run', async () => {
  const once = (): Promise<EngineRunResult> => new EngineRun({ seed: 3, steps: 60, flips: true }).run();
  assert.deepEqual(await once(), await once());
});
