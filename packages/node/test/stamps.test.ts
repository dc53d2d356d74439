/** Stamps and lineage floors across restarts: no dot is given twice, and no forgotten write is covered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '@torc/base/record/clock';
import { SILENT_PROBE } from '@torc/base/ports/probe';
import { SimClock } from '@torc/sim/clock';
import { SimCompressor } from '@torc/sim/compressor';
import { SimDisk } from '@torc/sim/disk/disk';
import { LOSS_MODES } from '@torc/sim/disk/loss';
import { SimExecutor } from '@torc/sim/executor';
import { SimRandom } from '@torc/sim/random';
import { Scheduler } from '@torc/sim/scheduler';
import { Engine } from '@torc/storage/engine';
import { storageJobs } from '@torc/storage/jobs';
import { STATE_STAMP_CEILING } from '@torc/storage/state-names';
import { NodeWorld, OPTIONS } from './support/node-world.ts';

const HOUR_MS = 3_600_000;

test('stamps rise strictly across restarts, losses and a wall clock that jumps either way', async () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const world = new NodeWorld(seed);
    const random = new SimRandom(seed);
    await world.open();
    let last = 0;
    for (let life = 0; life < 15; life += 1) {
      for (let n = random.below(8); n > 0; n -= 1) {
        if (random.chance(0.2)) world.clock.jumpWall(random.pick([-HOUR_MS, -1, 1, HOUR_MS]));
        if (random.chance(0.3)) await world.pass(random.pick([1, 100, 30_000]));
        world.node.coordinator.prepare();
        const stamp = world.write(`k${random.below(3)}`, 'v');
        assert.ok(stamp > last, `seed ${seed}: ${stamp} after ${last}`);
        last = stamp;
      }
      await world.restart(random.pick(LOSS_MODES), random.pick([-HOUR_MS, 0, 0, HOUR_MS]));
    }
  }
});

test('the ceiling is durable before any stamp at or below it is given', async () => {
  const world = new NodeWorld();
  await world.open();
  for (let n = 0; n < 40; n += 1) {
    const stamp = world.write('a', String(n));
    assert.ok((await durableCeiling(world)) >= stamp, `write ${n}`);
    await world.pass(n % 5 === 0 ? 11_000 : 700);
  }
});

/** What a disk that lost everything unsynced would tell the next start. */
async function durableCeiling(world: NodeWorld): Promise<number> {
  const scheduler = new Scheduler();
  const clock = new SimClock(scheduler);
  const random = new SimRandom(1);
  const disk = new SimDisk({ clock, random }, { image: world.disk.snapshot('dropped') });
  const files = { clock, disk, probe: SILENT_PROBE, compressor: new SimCompressor() };
  const ports = { ...files, random, executor: new SimExecutor({ clock, random, jobs: storageJobs(files) }) };
  const listener = { durable(): void {}, refused(): void {}, stopped(): void {} };
  return (await scheduler.settle(Engine.open(ports, OPTIONS.engine, listener))).state(STATE_STAMP_CEILING);
}

test('a stamp is above every stamp in its context and in the local record, however far ahead those are', async () => {
  const world = new NodeWorld();
  await world.open();
  const first = world.write('a', '1');
  const ahead = first + 1e9;
  const second = world.write('a', '2', { context: [{ actor: 9, since: ahead, upto: ahead }] });
  assert.ok(second > ahead);
  assert.ok(world.write('a', '3') > second);
  assert.ok(world.write('b', '4') > second, 'what was given once is never given again, under any key');
});

test('sequential writes of one start extend one interval', async () => {
  const world = new NodeWorld();
  await world.open();
  const stamps = ['1', '2', '3'].map((value) => world.write('a', value));
  assert.deepEqual(world.record('a')?.clock, [{ actor: 1, since: stamps[0], upto: stamps[2] }]);
});

test('the lineage floor rises at every start: a key written in two starts has two intervals, and the gap is not covered', async () => {
  const world = new NodeWorld();
  await world.open();
  const first = world.write('a', 'kept');
  await world.turn();
  // Given, seen by somebody, and lost: the next start must not claim to have seen it.
  const lost = world.write('a', 'lost');
  await world.restart('dropped');
  assert.equal(world.value('a'), 'kept');
  const third = world.write('a', 'after');
  assert.deepEqual(world.record('a')?.clock, [
    { actor: 1, since: first, upto: first },
    { actor: 1, since: third, upto: third },
  ]);
  assert.ok(!covers(world.record('a')?.clock ?? [], { actor: 1, stamp: lost }));
  assert.deepEqual(
    world.record('a')?.siblings.map(({ dot }) => dot.stamp),
    [third],
  );
});

test('a refused batch raises the floor too: what a peer was sent of it is never covered', async () => {
  const world = new NodeWorld();
  await world.open();
  const first = world.write('a', 'kept');
  await world.turn();
  world.disk.capacityBytes = world.disk.usedBytes() + 50;
  const refused = world.write('a', 'refused');
  await world.turn();
  assert.equal(world.value('a'), 'kept');
  world.disk.capacityBytes = Number.POSITIVE_INFINITY;
  await world.pass(1100);
  const third = world.write('a', 'after');
  const clock = world.record('a')?.clock ?? [];
  assert.ok(covers(clock, { actor: 1, stamp: first }) && covers(clock, { actor: 1, stamp: third }));
  assert.ok(!covers(clock, { actor: 1, stamp: refused }));
});

test('the actor stays and the boot number rises with every start', async () => {
  const world = new NodeWorld();
  const identities = [(await world.open()).identity];
  for (const mode of LOSS_MODES) identities.push((await world.restart(mode)).identity);
  assert.deepEqual(
    identities,
    identities.map((_, at) => ({ actor: 1, boot: at + 1 })),
  );
});
