/** `syncEveryMs`: answered when written, synced by a timer; what a power failure takes is at most that long ago. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Events, keyOf, put, recordOf, valueUnder, World } from '../support/world.ts';

const EVERY = { syncEveryMs: 100 };

test('a batch is called durable at once, and is after the timer', async () => {
  const world = new World();
  const events = new Events();
  const engine = await world.open(EVERY, events);
  put(engine, keyOf('a'), recordOf(1, 'one'));
  await world.turn();
  assert.deepEqual(events.lines, ['durable 1']);
  await world.scheduler.runFor(200);
  put(engine, keyOf('b'), recordOf(2, 'two'));
  await world.turn();
  assert.deepEqual(events.lines, ['durable 1', 'durable 2']);
  world.restart('dropped');
  const again = await world.open(EVERY);
  assert.equal(valueUnder(again, 'a'), 'one');
  assert.equal(valueUnder(again, 'b'), undefined, 'what was not synced yet is lost: that is the bargain');
});

test('a process that dies loses nothing, and neither does a clean stop', async () => {
  const world = new World();
  const engine = await world.open(EVERY);
  put(engine, keyOf('a'), recordOf(1, 'one'));
  await world.turn();
  world.restartProcess();
  const again = await world.open(EVERY);
  assert.equal(valueUnder(again, 'a'), 'one');
  put(again, keyOf('b'), recordOf(2, 'two'));
  await world.scheduler.settle(again.close());
  world.restart('dropped');
  assert.equal(valueUnder(await world.open(EVERY), 'b'), 'two');
});

test('a segment is synced before the next one begins, and a flush rests on synced segments', async () => {
  const world = new World();
  const engine = await world.open({ ...EVERY, syncEveryMs: 10_000, segmentBytes: 4096 });
  for (let n = 0; n < 60; n += 1) {
    put(engine, keyOf(`key ${n}`), recordOf(n + 1, 'v'.repeat(200)));
    await world.turn();
  }
  world.restart('dropped');
  const again = await world.open(EVERY);
  const there = Array.from({ length: 60 }, (_, n) => valueUnder(again, `key ${n}`) !== undefined);
  const lost = there.indexOf(false);
  assert.ok(lost > 20, `only what the last segment held may be lost, not from ${lost} on`);
  assert.ok(!there.slice(lost).includes(true), 'what is lost is the end');
});
