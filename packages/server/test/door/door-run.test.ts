/** The door over the node in a simulated world, from fresh seeds; and planted bugs that these runs must find. */
import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';
import { DoorRun } from './door-run.ts';

const RUNS = 160;

/** Fresh each time, so that every run of the suite looks somewhere new; `TORC_SEED` repeats one. */
const FIRST_SEED = Number(process.env['TORC_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const BRANCHES = [
  'segment-rolled',
  'memtable-flushed',
  'compacted-into-the-bottom',
  'read-on-the-pool',
  'batch-refused-by-full-disk',
  'disk-full',
  'disk-has-room-again',
  'sync-on-the-pool',
];

test(`${RUNS} runs from fresh seeds: every command is answered once, in order, and durably`, async () => {
  const reached = new Set<string>();
  let replies = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed += 1) {
    const result = await DoorRun.run(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed} (TORC_SEED=${seed} repeats it)`, { cause: error });
    });
    assert.deepEqual(result.violations.slice(0, 5), [], `seed ${seed} (TORC_SEED=${seed} repeats it)`);
    for (const branch of result.reached.keys()) reached.add(branch);
    replies += result.replies;
  }
  const missing = BRANCHES.filter((branch) => !reached.has(branch));
  assert.deepEqual(missing, [], `not reached from TORC_SEED=${FIRST_SEED}`);
  assert.ok(replies > RUNS * 50, `${replies} replies`);
});

test('the same seed is the same run', async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + 5; seed += 1) {
    assert.deepEqual(await DoorRun.run(seed), await DoorRun.run(seed), `seed ${seed}`);
  }
});

for (const bug of ['ack-before-sync', 'full-disk-batch-kept-in-memory'] as const) {
  test(`the planted bug ${bug} is found`, async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const found = await DoorRun.run(seed, [bug]).then(
        ({ violations }) => violations.length > 0,
        () => true,
      );
      if (found) return;
    }
    assert.fail('not found');
  });
}
