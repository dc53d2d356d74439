/** Boundaries between segments: drawn on the pool or in the turn, they divide what came before from what comes later. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskError, Refusal } from '@torc/base/errors';
import { logName } from '../../src/commit-log/names.ts';
import { append, frameOffsets, openLog } from '../support/log-bench.ts';
import { SyncCounter } from '../support/sync-counter.ts';
import { Events, World } from '../support/world.ts';

const SLOW = { cruelty: 1, faults: { laterMs: [10, 10] } } as const;

/** How many batches stand in a segment. */
function batchesIn(world: World, segment: number): number {
  return frameOffsets(world.disk, logName(segment)).length - 1;
}

test('what is open when a boundary is drawn stands before it; what is appended meanwhile behind it', async () => {
  const events = new Events();
  const world = new World(SLOW);
  const { log } = openLog(world, { listener: events });
  append(log, 'a=1');
  let drawn = 0;
  const boundary = log.boundaryLater((segment) => {
    drawn = segment;
  });
  assert.equal(drawn, 2, 'drawn in the turn');
  append(log, 'b=2');
  await world.turn();
  assert.deepEqual(events.lines, [], 'nothing is durable before the old segment is');
  assert.equal(log.segment, 1);
  await world.scheduler.settle(boundary);
  assert.deepEqual([log.segment, events.lines], [2, ['durable 1']]);
  await world.scheduler.runFor(100);
  assert.deepEqual(events.lines, ['durable 1', 'durable 2']);
  assert.deepEqual([batchesIn(world, 1), batchesIn(world, 2)], [1, 1]);
  world.restart('dropped');
  assert.deepEqual(openLog(world).lines, ['a=1', 'b=2']);
});

test('a boundary waits for the batch whose sync is on the pool', async () => {
  const world = new World(SLOW);
  const { log } = openLog(world);
  append(log, 'a=1');
  await world.turn();
  append(log, 'b=2');
  let drawn = 0;
  const boundary = log.boundaryLater((segment) => {
    drawn = segment;
  });
  append(log, 'c=3');
  assert.equal(drawn, 0);
  await world.scheduler.settle(boundary);
  assert.deepEqual([drawn, log.segment, batchesIn(world, 1)], [2, 2, 2]);
});

test('a roll costs the turn no sync, of a file or of the directory', async () => {
  const world = new World(SLOW);
  const counter = new SyncCounter(world.disk);
  const { log } = openLog(world, { ports: { ...world.ports(), disk: counter }, segmentBytes: 500 });
  const [files, directories] = [counter.now, counter.directoriesNow];
  for (let n = 0; n < 20; n += 1) {
    append(log, `k${n}=${'v'.repeat(100)}`);
    await world.scheduler.runFor(100);
  }
  assert.ok(log.segment > 4, `${log.segment}`);
  assert.deepEqual([counter.now, counter.directoriesNow], [files, directories]);
  assert.equal(counter.directoriesLater, log.segment - 1);
});

test('at every moment of a roll, who cannot wait has it ended in the turn, and nothing is lost or written twice', async () => {
  for (let ms = 0; ms < 60; ms += 3) {
    const events = new Events();
    const world = new World(SLOW);
    const { log } = openLog(world, { listener: events });
    append(log, 'a=1');
    const boundary = log.boundaryLater(() => {});
    await world.scheduler.runFor(ms);
    append(log, 'b=2');
    log.commitNow();
    assert.deepEqual([log.durableBatch, log.segment], [2, 2], `after ${ms} ms`);
    assert.deepEqual(events.lines, ['durable 1', 'durable 2']);
    await world.scheduler.settle(boundary);
    append(log, 'c=3');
    await world.scheduler.runFor(100);
    await world.scheduler.settle(log.close());
    world.restart('dropped');
    assert.deepEqual(openLog(world).lines, ['a=1', 'b=2', 'c=3']);
  }
});

test('a boundary in the turn while one is on its way: both are drawn', async () => {
  const world = new World(SLOW);
  const { log } = openLog(world);
  append(log, 'a=1');
  const boundary = log.boundaryLater(() => {});
  append(log, 'b=2');
  assert.equal(log.boundaryNow(), 3);
  await world.scheduler.settle(boundary);
  assert.equal(log.boundaryNow(), 3, 'an empty segment is not left');
  assert.deepEqual([batchesIn(world, 1), batchesIn(world, 2)], [1, 1]);
});

test('without room for the next segment the roll is owed: batches are refused until there is room', async () => {
  const events = new Events();
  const world = new World(SLOW);
  const { log } = openLog(world, { listener: events });
  append(log, 'a=1');
  await world.scheduler.runFor(100);
  world.disk.capacityBytes = world.disk.usedBytes();
  let drawn = 0;
  const boundary = log.boundaryLater((segment) => {
    drawn = segment;
  });
  append(log, 'b=2');
  const isFull = (error: unknown): boolean => error instanceof DiskError && error.code === 'full';
  await assert.rejects(world.scheduler.settle(boundary), isFull);
  await world.scheduler.runFor(100);
  assert.deepEqual([drawn, log.segment, events.lines], [2, 1, ['durable 1', 'refused 2']]);
  append(log, 'c=3');
  log.commitNow();
  assert.equal(events.lines.at(-1), 'refused 3');
  assert.throws(() => log.boundaryNow(), isFull);
  world.disk.capacityBytes = Number.POSITIVE_INFINITY;
  append(log, 'd=4');
  await world.scheduler.runFor(100);
  assert.deepEqual([log.segment, events.lines.at(-1)], [2, 'durable 4']);
  assert.deepEqual([batchesIn(world, 1), batchesIn(world, 2)], [1, 1]);
  world.restart('dropped');
  assert.deepEqual(openLog(world).lines, ['a=1', 'd=4']);
});

test('who waits for a boundary is told when the log stops or closes', async () => {
  const stopped = new World(SLOW);
  const { log } = openLog(stopped);
  append(log, 'a=1');
  await stopped.turn();
  stopped.disk.faults.failSync(1, 'dirty');
  const isStopped = (error: unknown): boolean => error instanceof Refusal && error.code === 'stopped';
  await assert.rejects(stopped.scheduler.settle(log.boundaryLater(() => {})), isStopped);
  const closed = new World(SLOW);
  const other = openLog(closed).log;
  append(other, 'a=1');
  const boundary = other.boundaryLater(() => {}).catch((error: unknown) => error);
  await closed.scheduler.settle(other.close());
  await closed.scheduler.settle(boundary);
  closed.restart('dropped');
  assert.deepEqual(openLog(closed).lines, ['a=1']);
});
