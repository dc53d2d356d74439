/** A failed sync stops the log for good: nothing after it is ever called durable. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@torc/base/errors';
import { SYNC_FAILURES } from '@torc/sim/disk/faults';
import type { CommitLog } from '../../src/commit-log/commit-log.ts';
import { logName } from '../../src/commit-log/names.ts';
import { append, openLog } from '../support/log-bench.ts';
import { Events, World } from '../support/world.ts';

/** The log has stopped, stays so, and touches the disk no more. */
async function assertStopped(world: World, log: CommitLog, events: Events): Promise<void> {
  const told = [...events.lines];
  assert.equal(told.filter((line) => line === 'stopped').length, 1);
  assert.equal(told.at(-1), 'stopped');
  // What is on the pool still lands.
  await world.scheduler.runFor(100);
  const { durableBatch } = log;
  const { operations } = world.disk;
  world.disk.faults.heal();
  for (let n = 0; n < 3; n += 1) {
    assert.throws(
      () => append(log, 'later=1'),
      (error) => error instanceof Refusal && error.code === 'stopped',
    );
    assert.throws(
      () => log.appendState(1, 1),
      (error) => error instanceof Refusal && error.code === 'stopped',
    );
    assert.throws(
      () => log.boundaryNow(),
      (error) => error instanceof Refusal && error.code === 'stopped',
    );
    log.commitNow();
    await world.scheduler.runFor(100);
  }
  await world.scheduler.settle(log.close());
  assert.equal(world.disk.operations, operations, 'nothing more is written, not even a clean end');
  assert.equal(log.durableBatch, durableBatch);
  assert.deepEqual(events.lines, told);
}

for (const cruelty of [0, 1]) {
  const where = cruelty === 0 ? 'in the turn' : 'on the pool';
  for (const how of SYNC_FAILURES) {
    test(`after a sync that failed ${where} (${how}) the log is stopped for good`, async () => {
      const events = new Events();
      const world = new World({ cruelty });
      const { log } = openLog(world, { listener: events });
      append(log, 'a=1');
      await world.turn();
      world.disk.faults.failSync(1, how);
      append(log, 'b=2');
      await world.turn();
      assert.deepEqual(events.lines, ['durable 1', 'stopped']);
      await assertStopped(world, log, events);
      world.restart('dropped');
      const { lines } = openLog(world);
      assert.equal(lines[0], 'a=1');
      assert.deepEqual(
        lines.slice(1).filter((line) => line !== 'b=2'),
        [],
      );
    });
  }
}

test('a write that fails with an error other than a full disk stops the log', async () => {
  const events = new Events();
  const world = new World();
  const { log } = openLog(world, { listener: events });
  world.disk.faults.failNth('write');
  append(log, 'a=1');
  await world.turn();
  assert.deepEqual(events.lines, ['stopped']);
  await assertStopped(world, log, events);
});

test('what was gathered while the failing sync was on the pool is never written', async () => {
  const events = new Events();
  const world = new World({ cruelty: 1, faults: { laterMs: [10, 10] } });
  const { log } = openLog(world, { listener: events });
  world.disk.faults.failSync(1, 'dirty');
  append(log, 'a=1');
  await world.turn();
  append(log, 'b=2');
  await world.scheduler.runFor(100);
  assert.deepEqual(events.lines, ['stopped']);
  await assertStopped(world, log, events);
});

for (const how of SYNC_FAILURES) {
  test(`a sync that fails (${how}) while a segment is rolled over a sync on the pool stops the log`, async () => {
    const events = new Events();
    const world = new World({ cruelty: 1, faults: { laterMs: [10, 10] } });
    const { log } = openLog(world, { listener: events, segmentBytes: 200 });
    append(log, 'a=1');
    await world.turn();
    append(log, `b=${'x'.repeat(200)}`);
    world.disk.faults.failSync(1, how);
    log.commitNow();
    assert.deepEqual(events.lines, ['stopped']);
    await assertStopped(world, log, events);
  });

  test(`a sync that fails (${how}) when a roll on the pool is ended in the turn stops the log`, async () => {
    // Of the old segment, and of the next one.
    for (const ms of [5, 15]) {
      const events = new Events();
      const world = new World({ cruelty: 1, faults: { laterMs: [10, 10] } });
      const { log } = openLog(world, { listener: events });
      append(log, 'a=1');
      const told = log.boundaryLater(() => {}).catch((error: unknown) => error);
      await world.scheduler.runFor(ms);
      append(log, 'b=2');
      world.disk.faults.failSync(1, how);
      log.commitNow();
      assert.equal(events.lines.at(-1), 'stopped', `after ${ms} ms`);
      await assertStopped(world, log, events);
      assert.ok((await world.scheduler.settle(told)) instanceof Refusal);
      world.restart('dropped');
      assert.ok(!openLog(world).lines.includes('b=2'));
    }
  });

  test(`a sync that fails (${how}) in the turn ends the roll on the pool, which would vouch for what is lost`, async () => {
    const events = new Events();
    const world = new World({ cruelty: 1, faults: { laterMs: [10, 10] } });
    const { log } = openLog(world, { listener: events });
    append(log, 'a=1');
    const told = log.boundaryLater(() => {}).catch((error: unknown) => error);
    await world.scheduler.runFor(5);
    world.disk.faults.failSync(1, how);
    log.commitNow();
    assert.deepEqual(events.lines, ['stopped']);
    await assertStopped(world, log, events);
    assert.ok((await world.scheduler.settle(told)) instanceof Refusal);
    assert.ok(!world.names().includes(logName(2)), 'the next segment has no name');
    world.restart('dropped');
    openLog(world);
  });

  test(`a sync that fails (${how}) when a boundary is drawn in the turn stops the log`, async () => {
    const events = new Events();
    const world = new World({ cruelty: 1, faults: { laterMs: [10, 10] } });
    const { log } = openLog(world, { listener: events });
    append(log, 'a=1');
    await world.turn();
    world.disk.faults.failSync(1, how);
    assert.throws(() => log.boundaryNow());
    assert.deepEqual(events.lines, ['stopped']);
    await assertStopped(world, log, events);
  });
}
