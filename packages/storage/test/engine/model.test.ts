/**
 * The engine against a map folded by record rules: random programs of writes, parts, flushes, compactions, snapshots, full
 * disks and restarts of every kind, under random small settings. `TORC_ROUNDS` says how many times as many.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineRun } from '../support/engine-run.ts';
import { keyOf, put, recordOf, valueUnder, World } from '../support/world.ts';

const SEEDS = 40 * Number(process.env['TORC_ROUNDS'] ?? 1);
const FIRST_SEED = Number(process.env['TORC_SEED'] ?? 1);

test('random programs over many lives agree with a map, in records, order, counts and snapshots', async () => {
  const reached = new Map<string, number>();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
    const run = new EngineRun(seed);
    try {
      await run.go(6);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
    for (const [branch, count] of run.world.probe.counts) reached.set(branch, (reached.get(branch) ?? 0) + count);
  }
  for (const branch of [
    'memtable-flushed',
    'compacted-a-tier',
    'compacted-into-the-bottom',
    'read-on-the-pool',
    'batch-refused-by-full-disk',
    'disk-has-room-again',
  ]) {
    assert.ok((reached.get(branch) ?? 0) > 0, `${branch} was reached`);
  }
});

test('many short lives do not pile up segments: a flush bounds them', async () => {
  const world = new World();
  for (let life = 0; life < 100; life += 1) {
    const engine = await world.open();
    put(engine, keyOf('a'), recordOf(life + 1, String(life)));
    await world.scheduler.runFor(50);
    world.restart('dropped', String(life));
  }
  assert.ok(world.names().length < 75, world.names().join(' '));
  assert.equal(valueUnder(await world.open(), 'a'), '99');
});

test('a snapshot taken while a sync is on the pool sees what that sync was for', async () => {
  const world = new World({ cruelty: 1, faults: { laterMs: [10, 10] } });
  const engine = await world.open();
  put(engine, keyOf('a'), recordOf(1, 'old'));
  await world.scheduler.runFor(100);
  put(engine, keyOf('a'), recordOf(2, 'new'));
  await world.turn();
  assert.equal(engine.durableBatch, 1);
  const snapshot = engine.snapshots.take();
  assert.equal(engine.durableBatch, 2);
  const cursor = snapshot.cursor();
  assert.equal(cursor.seek(new Uint8Array(0), 0, 0), 1);
  world.restart('dropped');
  assert.equal(valueUnder(await world.open(), 'a'), 'new');
});

test('expired values that may not be forgotten yet are not rewritten for ever', async () => {
  const world = new World();
  const engine = await world.open({ tierRuns: 2 });
  engine.forgets(() => ({ horizon: 5, wallMs: world.clock.wallMs() }));
  const soon = world.clock.wallMs() + 10;
  for (let round = 0; round < 2; round += 1) {
    for (let n = 0; n < 10; n += 1) put(engine, keyOf(`key ${n}`), recordOf(10 * round + n + 1, 'v', soon));
    await world.scheduler.settle(engine.flush());
  }
  await world.scheduler.runFor(1000);
  await world.scheduler.settle(engine.compact());
  const { steps } = engine.parts.compactor;
  for (let n = 0; n < 20; n += 1) await world.scheduler.settle(engine.compact());
  assert.ok(engine.parts.compactor.steps <= steps && steps < 5, `${engine.parts.compactor.steps} steps`);
});

test('a writer that never reads: 8 memtables behind is the bound, then writes are refused, and nothing is changed', async () => {
  const world = new World({ jobMs: [1e6, 1e6] });
  const engine = await world.open({ memtableBytes: 1000, logBytes: 1 << 30 });
  put(engine, keyOf('a'), recordOf(1, 'x'.repeat(9000)));
  const { operations } = world.disk;
  assert.throws(() => put(engine, keyOf('b'), recordOf(2, 'y')), { name: 'Refusal', code: 'memory-full' });
  assert.equal(world.disk.operations, operations);
  assert.equal(valueUnder(engine, 'b'), undefined);
  put(engine, keyOf('a'), recordOf(3));
  assert.equal(valueUnder(engine, 'a'), undefined);
});
