/** A full disk: the batch is refused and undone, deletes go on out of the reserve, writes come back by themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@torc/base/errors';
import { Crash } from '@torc/sim/crash';
import { SimRandom } from '@torc/sim/random';
import type { Engine } from '../../src/engine.ts';
import { logName } from '../../src/commit-log/names.ts';
import { frameOffsets } from '../support/log-bench.ts';
import { Events, keyOf, put, recordOf, valueUnder, World } from '../support/world.ts';

const RESERVE = { reserveBytes: 4096 };
const isFull = (error: unknown): boolean => error instanceof Refusal && error.code === 'disk-full';

interface Bench {
  readonly world: World;
  readonly engine: Engine;
  readonly events: Events;
}

/** An engine with two keys on a disk with `room` bytes left. */
async function bench(room: number, options: object = RESERVE): Promise<Bench> {
  const world = new World();
  const events = new Events();
  const engine = await world.open(options, events);
  put(engine, keyOf('a'), recordOf(1, 'old a'));
  put(engine, keyOf('b'), recordOf(2, 'old b'));
  await world.turn();
  world.disk.capacityBytes = world.disk.usedBytes() + room;
  return { world, engine, events };
}

test('a batch that does not fit is refused whole, cut back, and memory shows the old values', async () => {
  const { world, engine, events } = await bench(200);
  const path = logName(engine.recovery.segments);
  const before = frameOffsets(world.disk, path);
  const { count } = engine.parts.memtables.active.memtable;
  const values = engine.valueCount(0);
  put(engine, keyOf('a'), recordOf(3, 'new a'));
  put(engine, keyOf('c'), recordOf(4, 'c'.repeat(500)));
  put(engine, keyOf('a'), recordOf(5, 'newer a'));
  put(engine, keyOf('b'), recordOf(6));
  assert.equal(valueUnder(engine, 'a'), 'newer a');
  await world.turn();
  assert.deepEqual(events.lines, ['durable 1', 'refused 2']);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => valueUnder(engine, key)),
    ['old a', 'old b', undefined],
  );
  assert.deepEqual([engine.parts.memtables.active.memtable.count, engine.valueCount(0)], [count, values]);
  assert.deepEqual(frameOffsets(world.disk, path), before);
  const size = world.disk.inspect().find((file) => file.path === path)?.sizeBytes;
  assert.equal(size, before.at(-1), 'nothing of the batch is left in the file');
  assert.ok(engine.isFull);
});

test('while the disk is full values are refused before anything is written; deletes go on out of the reserve', async () => {
  const { world, engine, events } = await bench(200);
  put(engine, keyOf('c'), recordOf(3, 'c'.repeat(500)));
  await world.turn();
  for (let n = 0; n < 3; n += 1) assert.throws(() => put(engine, keyOf('d'), recordOf(4, 'd')), isFull);
  put(engine, keyOf('a'), recordOf(5));
  await world.turn();
  assert.deepEqual(events.lines, ['durable 1', 'refused 2', 'durable 3']);
  world.restart('dropped');
  const again = await world.open({ reserveBytes: 0 });
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => valueUnder(again, key)),
    [undefined, 'old b', undefined, undefined],
  );
});

test('writes come back by themselves one second after there is room, and not before', async () => {
  const { world, engine, events } = await bench(200);
  put(engine, keyOf('c'), recordOf(3, 'c'.repeat(500)));
  await world.turn();
  // Somebody else takes what the reserve gave up.
  world.disk.capacityBytes = world.disk.usedBytes() + 1000;
  await world.scheduler.runFor(10_100);
  assert.ok(engine.isFull, 'without room it stays full');
  world.disk.capacityBytes = Number.POSITIVE_INFINITY;
  await world.scheduler.runFor(500);
  assert.ok(engine.isFull);
  await world.scheduler.runFor(600);
  assert.ok(!engine.isFull);
  put(engine, keyOf('c'), recordOf(4, 'c'.repeat(500)));
  await world.turn();
  assert.equal(events.lines.at(-1), 'durable 3');
  assert.ok((world.probe.counts.get('disk-has-room-again') ?? 0) > 0);
});

test('a disk that is full at the start opens, reads and deletes', async () => {
  const { world } = await bench(200);
  world.restart('dropped');
  // Room for what a start itself writes, and for no reserve.
  if (world.names().includes('reserve')) world.disk.remove('reserve');
  world.disk.capacityBytes = world.disk.usedBytes() + 600;
  const events = new Events();
  const engine = await world.open(RESERVE, events);
  assert.equal(valueUnder(engine, 'a'), 'old a');
  assert.throws(() => put(engine, keyOf('c'), recordOf(9, 'c')), isFull);
  put(engine, keyOf('a'), recordOf(10));
  await world.turn();
  assert.equal(valueUnder(engine, 'a'), undefined);
  assert.match(events.lines.join(), /^durable/);
});

test('a segment that cannot be begun for want of room is a refusal, and is begun when there is room again', async () => {
  const options = { segmentBytes: 600, reserveBytes: 0 };
  for (let room = 0; room < 140; room += 1) {
    const { world, engine, events } = await bench(room, options);
    put(engine, keyOf('c'), recordOf(3, 'c'.repeat(560)));
    await world.turn();
    assert.deepEqual(events.lines, ['durable 1', 'refused 2'], `room for ${room} bytes`);
    world.disk.capacityBytes = Number.POSITIVE_INFINITY;
    await world.scheduler.runFor(1100);
    put(engine, keyOf('c'), recordOf(4, 'c'.repeat(560)));
    await world.turn();
    assert.deepEqual(events.lines, ['durable 1', 'refused 2', 'durable 3'], `room for ${room} bytes`);
    world.restart('dropped');
    assert.equal(valueUnder(await world.open(options), 'c'), 'c'.repeat(560));
  }
});

test('a flush that does not fit leaves nothing behind, the log still holds everything, and it is tried again', async () => {
  const { world, engine } = await bench(1000, { reserveBytes: 0 });
  put(engine, keyOf('c'), recordOf(3, randomText(600)));
  await world.turn();
  await world.scheduler.settle(engine.flush());
  assert.deepEqual(
    world.names().filter((name) => name.endsWith('.tmp') || name.startsWith('table-')),
    [],
  );
  const image = world.disk.snapshot('dropped');
  assert.equal(valueUnder(await World.from(image).open(), 'c'), randomText(600));
  world.disk.capacityBytes = Number.POSITIVE_INFINITY;
  await world.scheduler.runFor(2500);
  assert.ok(world.names().includes('table-0000000002') || world.names().includes('table-0000000001'));
  assert.equal(valueUnder(engine, 'c'), randomText(600));
  assert.ok(!engine.isFull);
});

test('a crash at any operation of a start does not leave a smaller reserve for good', async () => {
  for (let operation = 1; ; operation += 1) {
    const world = new World({ seed: operation });
    world.disk.armCrash({ operation, moment: 'during' });
    const started = world.disk.alive(world.open(RESERVE));
    const crashed = await world.scheduler.settle(started).then(
      () => false,
      (error: unknown) => error instanceof Crash,
    );
    world.restart('kept');
    await world.open(RESERVE);
    const reserve = world.disk.inspect().find(({ path }) => path === 'reserve');
    assert.equal(reserve?.sizeBytes, RESERVE.reserveBytes, `a crash during operation ${operation}`);
    if (!crashed) break;
  }
});

/** Text that LZ4 finds nothing in. */
function randomText(length: number): string {
  const random = new SimRandom('text');
  return Array.from({ length }, () => String.fromCharCode(32 + random.below(90))).join('');
}
