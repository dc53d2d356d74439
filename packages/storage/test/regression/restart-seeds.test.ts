/**
 * Whole node runs that once ended in a start that refused: one died between a rename and the sync of its directory, and
 * the next built on a name that could still be lost.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeRun } from '@torc/sim/runs/node-run';
import { PLAIN_WEIGHTS } from '@torc/sim/runs/script';

const STEPS = 120;
const RESTLESS = { ...PLAIN_WEIGHTS, jump: 10, restart: 4 };

for (const [seed, weights, name] of [
  [79, RESTLESS, 'restless'],
  [34, RESTLESS, 'restless'],
  [149, RESTLESS, 'restless'],
  [287, PLAIN_WEIGHTS, 'plain'],
] as const) {
  test(`a start that dies while it names files never makes a later one refuse: ${name} seed ${seed}`, async () => {
    const { violations, lives } = await new NodeRun({ seed, steps: STEPS, weights }).run();
    assert.deepEqual(violations, []);
    assert.ok(lives > 1);
  });
}

test('restless runs around them are sound too', async () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const { violations } = await new NodeRun({ seed, steps: STEPS, weights: RESTLESS }).run();
    assert.deepEqual(violations, [], `seed ${seed}`);
  }
});
