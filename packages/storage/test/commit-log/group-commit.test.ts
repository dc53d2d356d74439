/** Group commit: who shares a sync with whom, where it runs, and in which order the answers come. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommitLog } from '../../src/commit-log/commit-log.ts';
import { append, openLog } from '../support/log-bench.ts';
import { SyncCounter } from '../support/sync-counter.ts';
import { Events, World } from '../support/world.ts';

interface Bench {
  readonly world: World;
  readonly log: CommitLog;
  readonly syncs: SyncCounter;
  readonly events: Events;
}

function bench(cruelty = 0): Bench {
  const world = new World({ cruelty });
  const syncs = new SyncCounter(world.disk);
  const events = new Events();
  const { log } = openLog(world, { listener: events, ports: { ...world.ports(), disk: syncs } });
  syncs.now = 0;
  return { world, log, syncs, events };
}

test('all writes of a turn share one sync, in the turn while the disk is fast', async () => {
  const { world, log, syncs, events } = bench();
  for (let n = 0; n < 100; n += 1) append(log, `k=${n}`);
  assert.deepEqual(events.lines, []);
  await world.turn();
  assert.deepEqual([syncs.now, syncs.later], [1, 0]);
  assert.deepEqual(events.lines, ['durable 1']);
});

test('a turn that writes nothing syncs nothing', async () => {
  const { world, log, syncs } = bench();
  await world.scheduler.runFor(1000);
  log.commitNow();
  assert.equal(syncs.syncs, 0);
});

test('writes that arrive while a sync is on the pool share the next one; at most one is under way', async () => {
  const { world, log, syncs, events } = bench(1);
  world.disk.faults.set({ laterMs: [10, 10] });
  append(log, 'a=1');
  await world.turn();
  for (let turn = 0; turn < 5; turn += 1) {
    append(log, `b=${turn}`);
    append(log, `c=${turn}`);
    await world.turn();
  }
  assert.deepEqual([syncs.now, syncs.later], [0, 1]);
  assert.deepEqual(events.lines, []);
  await world.scheduler.runFor(100);
  assert.deepEqual([syncs.now, syncs.later, syncs.mostUnderWay], [0, 2, 1]);
  assert.deepEqual(events.lines, ['durable 1', 'durable 2']);
});

test('under a steady stream with syncs on the pool, one is under way at a time and batches become durable in order', async () => {
  const { world, log, syncs, events } = bench(1);
  world.disk.faults.set({ laterMs: [1, 20], shortWrites: 0.5 });
  for (let turn = 0; turn < 300; turn += 1) {
    append(log, `k=${turn}`);
    await world.turn();
  }
  await world.scheduler.runFor(100);
  assert.equal(syncs.mostUnderWay, 1);
  assert.ok(syncs.later > 10 && syncs.later < 150, `${syncs.later} syncs for 300 turns`);
  const order = events.lines.map((line) => Number(line.replace('durable ', '')));
  assert.deepEqual(
    order,
    Array.from({ length: order.length }, (_, at) => at + 1),
  );
  assert.equal(log.durableBatch, log.openBatch - 1);
});

test('what is forced to the disk while a sync is on the pool is durable at once, and the later landing changes nothing', async () => {
  const { world, log, syncs, events } = bench(1);
  world.disk.faults.set({ laterMs: [10, 10] });
  append(log, 'a=1');
  await world.turn();
  append(log, 'b=2');
  log.commitNow();
  assert.deepEqual(events.lines, ['durable 2']);
  await world.scheduler.runFor(100);
  assert.deepEqual(events.lines, ['durable 2']);
  assert.deepEqual([syncs.now, syncs.later], [1, 1]);
});

test('a slow disk moves the syncs to the pool, and a fast one brings them back', async () => {
  const { world, log, syncs } = bench();
  world.disk.faults.set({ nowMs: 3, laterMs: [0, 0.1] });
  await write(64);
  assert.deepEqual([log.pace.inTurn, syncs.now, syncs.later], [false, 64, 0]);
  assert.ok(log.pace.p99Ms >= 3);
  world.disk.faults.set({ nowMs: 0 });
  let more = 0;
  for (; !log.pace.inTurn && more < 1024; more += 1) await write(1);
  assert.ok(more <= 640, `${more} syncs on the pool before it came back`);
  const { later } = syncs;
  await write(10);
  assert.deepEqual([syncs.now, syncs.later], [74, later]);

  async function write(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      append(log, 'k=v');
      await world.scheduler.runFor(10);
    }
  }
});

test('a batch that waits for its sync is pending, and no other is', async () => {
  const { world, log } = bench(1);
  world.disk.faults.set({ laterMs: [10, 10] });
  assert.equal(log.pendingBatch(1), 0);
  append(log, 'a=1');
  assert.equal(log.pendingBatch(1), 1);
  await world.turn();
  append(log, 'b=2');
  assert.deepEqual([log.pendingBatch(1), log.pendingBatch(2), log.pendingBatch(3)], [1, 2, 0]);
  await world.scheduler.runFor(100);
  assert.deepEqual([log.pendingBatch(1), log.pendingBatch(2), log.pendingBatch(3)], [0, 0, 0]);
});

test('short writes are continued: every batch is whole after the power went', async () => {
  const { world, log, events } = bench();
  world.disk.faults.set({ shortWrites: 1 });
  const lines = Array.from({ length: 20 }, (_, n) => `k${n}=${'v'.repeat(n * 37)}`);
  for (const line of lines) {
    append(log, line);
    await world.turn();
  }
  assert.equal(events.lines.length, lines.length);
  world.restart('dropped');
  assert.deepEqual(openLog(world).lines, lines);
});

test('a segment ends with the batch that makes it long enough, and all come back', async () => {
  const world = new World();
  const segmentBytes = 400;
  const { log } = openLog(world, { segmentBytes });
  const lines = Array.from({ length: 30 }, (_, n) => `k${n}=${'v'.repeat(n === 17 ? 5000 : n * 7)}`);
  for (const line of lines) {
    append(log, line);
    await world.turn();
  }
  const sizes = world.disk.inspect().map(({ sizeBytes }) => sizeBytes);
  // The empty one behind the last is not; the others are, and only the large batch makes one much longer.
  assert.deepEqual(sizes.filter((size) => size < segmentBytes).length, 1);
  assert.equal(sizes.filter((size) => size > 2 * segmentBytes).length, 1);
  assert.ok(sizes.length > 10);
  world.restart('dropped');
  assert.deepEqual(openLog(world, { segmentBytes }).lines, lines);
});
