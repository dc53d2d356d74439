/** Checkpoints: a copy that opens by itself, shows its moment, and stays whole whatever becomes of the original. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine } from '../../src/engine.ts';
import { keyOf, put, recordOf, valueUnder, World } from '../support/world.ts';

const TINY = { memtableBytes: 8 * 1024, tableBytes: 8 * 1024, blockBytes: 256, tierRuns: 2, upperShare: 0.5 };

/** A world of its own with the files of a checkpoint. */
function copyOf(world: World, name: string): World {
  const copy = new World({ seed: 2 });
  for (const file of world.disk.list(`checkpoints/${name}`)) {
    const from = world.disk.open(`checkpoints/${name}/${file}`);
    const bytes = new Uint8Array(from.sizeBytes());
    from.readNow(bytes, 0, bytes.length, 0);
    from.close();
    const to = copy.disk.create(file);
    for (let at = 0; at < bytes.length; ) at += to.writeNow(bytes, at, bytes.length - at, at);
    to.syncNow();
    to.close();
  }
  copy.disk.syncDirectory('');
  return copy;
}

async function fill(world: World, engine: Engine, from: number, to: number, text: string): Promise<void> {
  for (let n = from; n < to; n += 1) {
    put(engine, keyOf(`key ${n}`), recordOf(1_000_000 * text.length + n, `${text} ${n} ${'x'.repeat(40)}`));
    if (n % 20 === 0) await world.turn();
  }
  await world.turn();
}

function shows(engine: Engine, n: number): string | undefined {
  return engine.withLoaded(() => valueUnder(engine, `key ${n}`))?.split(' ')[0];
}

test('a checkpoint opens like any directory and shows its moment, tables and log alike', async () => {
  const world = new World();
  const engine = await world.open(TINY);
  await fill(world, engine, 0, 300, 'a');
  await world.scheduler.settle(engine.flush());
  await fill(world, engine, 300, 320, 'a');
  const report = await world.scheduler.settle(engine.checkpoint('first'));
  assert.ok(report.tables > 0 && report.segments > 0, JSON.stringify(report));
  await fill(world, engine, 0, 320, 'bb');
  await world.scheduler.settle(engine.flush());
  await world.scheduler.settle(engine.compact());
  const copy = copyOf(world, 'first');
  const again = await copy.open(TINY);
  for (let n = 0; n < 320; n += 1) assert.equal(shows(again, n), 'a', `key ${n} of the copy`);
  assert.equal(again.valueCount(0), 320);
  for (let n = 0; n < 320; n += 1) assert.equal(shows(engine, n), 'bb', `key ${n} of the original`);
});

test('it is durable when it is there, and outlives the files that it was linked to', async () => {
  const world = new World();
  const engine = await world.open(TINY);
  await fill(world, engine, 0, 200, 'a');
  await world.scheduler.settle(engine.flush());
  await world.scheduler.settle(engine.checkpoint('kept'));
  world.restart('dropped');
  const after = await world.open(TINY);
  await fill(world, after, 0, 200, 'bb');
  await world.scheduler.settle(after.flush());
  await world.scheduler.settle(after.compact());
  await world.scheduler.settle(after.close());
  const again = await copyOf(world, 'kept').open(TINY);
  for (let n = 0; n < 200; n += 1) assert.equal(shows(again, n), 'a');
});

test('an engine that has nothing but a memtable, or nothing at all, gives a checkpoint, too', async () => {
  const world = new World();
  const engine = await world.open();
  await world.scheduler.settle(engine.checkpoint('empty'));
  put(engine, keyOf('key 1'), recordOf(1, 'a 1'));
  await world.scheduler.settle(engine.checkpoint('one'));
  assert.equal((await copyOf(world, 'empty').open()).valueCount(0), 0);
  const one = await copyOf(world, 'one').open();
  assert.equal(shows(one, 1), 'a');
});

test('a name is taken once, and must be one', async () => {
  const world = new World();
  const engine = await world.open();
  await world.scheduler.settle(engine.checkpoint('a'));
  await assert.rejects(world.scheduler.settle(engine.checkpoint('a')), { name: 'DiskError', code: 'exists' });
  for (const name of ['', '..', 'a/b', '.hidden', 'x'.repeat(65)]) {
    await assert.rejects(world.scheduler.settle(engine.checkpoint(name)), { name: 'Refusal', code: 'bad-name' }, name);
  }
});
