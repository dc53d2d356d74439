/** The node under crashes at every disk operation, and under everything at once from fresh seeds. */
import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';
import { FRAME_HEADER_BYTES } from '@torc/storage/commit-log/frame';
import { LOSS_MODES } from '../../src/disk/loss.ts';
import { CRASH_MOMENTS } from '../../src/disk/operations.ts';
import { SimRandom } from '../../src/random.ts';
import { enumerateCrashes } from '../../src/runs/crash-enumeration.ts';
import { FlipRun } from '../../src/runs/flip-run.ts';
import { NodeRun, type NodeRunResult } from '../../src/runs/node-run.ts';
import { FLUSHING_WEIGHTS, HARSH_TABLE_WEIGHTS, HARSH_WEIGHTS, type Weights } from '../../src/runs/script.ts';

const SCRIPTS = [11, 12];
const STEPS = 18;
const LEAST_POINTS = 500;
const HARSH_RUNS = 120;

/** Fresh each time, so that every run of the suite looks somewhere new; `TORC_SEED` repeats one. */
const FIRST_SEED = Number(process.env['TORC_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const RARE_BRANCHES = [
  'segment-rolled',
  'memtable-flushed',
  'compacted-into-the-bottom',
  'manifest-rolled',
  'flush-failed',
  'tables-read-from',
  'read-on-the-pool',
  'tail-rewritten',
  'torn-tail-cut',
  'batch-refused-by-full-disk',
  'disk-full',
  'disk-has-room-again',
  'sync-on-the-pool',
  'stopped-by-failed-sync',
];

const SHAPES: readonly Weights[] = [HARSH_TABLE_WEIGHTS, HARSH_WEIGHTS, FLUSHING_WEIGHTS];

function harshRun(seed: number): Promise<NodeRunResult> {
  const random = new SimRandom(seed).fork('harsh run');
  const crash = { operation: 1 + random.below(150), moment: random.pick(CRASH_MOMENTS) };
  return new NodeRun({ seed, steps: 80, weights: SHAPES[seed % SHAPES.length] as Weights, crash }).run();
}

test('a crash at any disk operation, with any loss, breaks no promise', async () => {
  let points = 0;
  const losses = new Set<string>();
  const struck = new Set<string | undefined>();
  const violations: string[] = [];
  for (const seed of SCRIPTS) {
    for await (const run of enumerateCrashes(seed, STEPS)) {
      points += 1;
      losses.add(run.loss);
      struck.add(run.struck);
      const { operation, moment } = run.crash;
      for (const violation of run.violations) {
        violations.push(`seed ${seed}, crash ${moment} operation ${operation}, ${run.loss}: ${violation}`);
      }
    }
  }
  assert.deepEqual(violations, []);
  assert.ok(points >= LEAST_POINTS, `${points} crash points`);
  assert.equal(losses.size, LOSS_MODES.length + 1);
  for (const where of ['flush', 'compact', 'manifest', 'log', 'start']) assert.ok(struck.has(where), where);
});

test(`${HARSH_RUNS} harsh runs from fresh seeds break no promise and reach every rare branch`, async () => {
  const reached = new Map<string, number>();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + HARSH_RUNS; seed += 1) {
    const result = await harshRun(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed} (TORC_SEED=${seed} repeats it)`, { cause: error });
    });
    assert.deepEqual(result.violations, [], `seed ${seed} (TORC_SEED=${seed} repeats it)`);
    for (const [branch, count] of result.reached) reached.set(branch, (reached.get(branch) ?? 0) + count);
  }
  const missing = RARE_BRANCHES.filter((branch) => !reached.has(branch));
  assert.deepEqual(missing, [], `not reached from TORC_SEED=${FIRST_SEED}`);
});

test('the same seed is the same run', async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + 10; seed += 1) {
    assert.deepEqual(await harshRun(seed), await harshRun(seed), `seed ${seed}`);
  }
});

test('a seed that is not another’s is another run', async () => {
  const [one, other] = [await harshRun(1), await harshRun(2)];
  assert.notDeepEqual(
    [one.operations, one.writes, [...one.reached]],
    [other.operations, other.writes, [...other.reached]],
  );
});

for (const clean of [true, false]) {
  test(`a flip of any byte of a directory that was ${clean ? 'closed cleanly' : 'left by a kill'} is noticed`, async () => {
    const { flips, errors, damagedReads, scrubbed, bytes, violations } = await new FlipRun(7, clean).run();
    assert.deepEqual(violations, []);
    assert.ok(flips > 2000, `${flips} bytes`);
    for (const kind of ['table', 'manifest', 'log']) assert.ok((bytes.get(kind) ?? 0) > 500, kind);
    const damaged = errors + damagedReads + scrubbed;
    // The log has a mark of its own, and so has the manifest.
    if (clean) assert.equal(damaged, flips - 2 * FRAME_HEADER_BYTES, 'after a clean end only its marks can be cut');
    else assert.ok(damaged < flips - 2 * FRAME_HEADER_BYTES);
  });
}
