/** Zeros written ahead of small frames: they are no torn tail, they are given back, and a disk without room is no matter. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logName } from '../../src/commit-log/names.ts';
import { Events, keyOf, put, recordOf, SMALL, valueUnder, World } from '../support/world.ts';

const AHEAD = { ...SMALL, aheadBytes: 4096 };

function sizeOf(world: World, path: string): number {
  return world.disk.inspect().find((file) => file.path === path)?.sizeBytes ?? -1;
}

test('a segment reaches ahead of its frames while it is written, and not any more when it is closed', async () => {
  const world = new World();
  const engine = await world.open(AHEAD);
  put(engine, keyOf('a'), recordOf(1, '1'));
  engine.commitNow();
  const open = sizeOf(world, logName(1));
  put(engine, keyOf('a'), recordOf(2, '2'));
  engine.commitNow();
  assert.ok(open > 4096);
  assert.equal(sizeOf(world, logName(1)), open, 'the second frame stands where zeros stood');
  await world.scheduler.settle(engine.close());
  assert.ok(sizeOf(world, logName(1)) < 1000);
});

test('zeros behind the last frame are not called a torn tail, and hide nothing', async () => {
  const world = new World();
  const engine = await world.open(AHEAD);
  put(engine, keyOf('a'), recordOf(3, '1'));
  engine.commitNow();
  world.restart('dropped');
  const again = await world.open(AHEAD);
  assert.equal(again.recovery.cutBytes, 0);
  assert.equal(valueUnder(again, 'a'), '1');
});

test('a disk that has room for the frame but not for the zeros takes the frame', async () => {
  const events = new Events();
  const world = new World();
  const engine = await world.open(AHEAD, events);
  world.disk.capacityBytes = world.disk.usedBytes() + 1000;
  put(engine, keyOf('a'), recordOf(4, '1'));
  engine.commitNow();
  assert.deepEqual(
    events.lines.filter((line) => line.startsWith('refused')),
    [],
  );
  world.restart('dropped');
  assert.equal(valueUnder(await world.open(AHEAD), 'a'), '1');
});
