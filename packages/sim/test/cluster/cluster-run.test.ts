/** Whole clusters under faults, from fresh seeds; and that one seed is one run. */
import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';
import { ClusterRun } from '../../src/cluster/cluster-run.ts';

const RUNS = 8;

/** Fresh each time; `TORC_SEED` repeats one. */
const FIRST_SEED = Number(process.env['TORC_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

test(`${RUNS} clusters from fresh seeds keep every promise, with enough going on in each`, async (t) => {
  t.diagnostic(`first seed ${FIRST_SEED}`);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed += 1) {
    const result = await new ClusterRun({ seed }).run();
    const where = `seed ${seed} (TORC_SEED=${seed} repeats it)`;
    assert.deepEqual(result.violations, [], where);
    const { reads, writes, applied } = result.operations;
    assert.ok(result.nodes >= 3 && result.partitions >= 8, where);
    assert.ok(reads + writes >= 2000 && applied >= 500, `${where}: ${reads + writes} operations, ${applied} applied`);
    assert.ok([...result.faults.values()].reduce((sum, count) => sum + count, 0) >= 10, where);
    for (const branch of ['memtable-flushed', 'compacted-into-the-bottom', 'segment-rolled']) {
      assert.ok((result.reached.get(branch) ?? 0) > 0, `${where}: ${branch}`);
    }
  }
});

test('the same seed is the same run, to the last line of its trace; another seed is another run', async () => {
  const options = { seed: FIRST_SEED, operations: 400, faults: 8 };
  const [one, again] = [await new ClusterRun(options).run(), await new ClusterRun(options).run()];
  assert.deepEqual(one, again);
  const other = await new ClusterRun({ ...options, seed: FIRST_SEED + 1 }).run();
  assert.notEqual(other.hash, one.hash);
});
