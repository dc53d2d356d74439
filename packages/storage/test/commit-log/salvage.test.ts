/**
 * Salvage: whatever is damaged, everything that is sound is kept, what was given up is named exactly, the damaged files stay
 * aside, and the next start is an ordinary one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DamageError } from '@torc/base/errors';
import { Crash } from '@torc/sim/crash';
import type { DiskImage } from '@torc/sim/disk/disk';
import type { Gap } from '../../src/commit-log/salvage.ts';
import { logName, logNumbers } from '../../src/commit-log/names.ts';
import { FILE_HEADER_BYTES } from '../../src/commit-log/frame.ts';
import { contents, frameOffsets } from '../support/log-bench.ts';
import { keyOf, put, recordOf, valueUnder, World } from '../support/world.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
/** Two batches of these tests make a segment as long as it should be. */
const TWO_PER_SEGMENT = { segmentBytes: 240 };

/** One batch per key, from the first life of a directory; killed afterwards. */
async function written(options: object): Promise<World> {
  const world = new World();
  const engine = await world.open(options);
  for (const [at, key] of KEYS.entries()) {
    put(engine, keyOf(key), recordOf(at + 1, `value of ${key}`));
    await world.turn();
  }
  return world;
}

/** What salvage must do with a damaged disk. Returns what it gave up. */
async function salvages(
  image: DiskImage,
  damage: (world: World) => void,
  lost: readonly string[],
  aside: readonly string[],
): Promise<readonly Gap[]> {
  const world = World.from(image);
  damage(world);
  await assert.rejects(World.from(world.disk.snapshot()).open(TWO_PER_SEGMENT), DamageError);
  const damaged = new Map(aside.map((name) => [name, contents(world.disk, name)]));
  const engine = await world.open({ ...TWO_PER_SEGMENT, salvage: true });
  const expected = KEYS.map((key) => (lost.includes(key) ? undefined : `value of ${key}`));
  assert.deepEqual(
    KEYS.map((key) => valueUnder(engine, key)),
    expected,
  );
  for (const [name, bytes] of damaged) assert.deepEqual(contents(world.disk, `salvaged-${name}`), bytes, name);
  put(engine, keyOf('z'), recordOf(100, 'written after'));
  await world.turn();
  world.restart('dropped');
  const next = await world.open(TWO_PER_SEGMENT);
  assert.deepEqual(
    KEYS.map((key) => valueUnder(next, key)),
    expected,
  );
  assert.equal(valueUnder(next, 'z'), 'written after');
  assert.deepEqual(next.recovery.gaps, []);
  return engine.recovery.gaps;
}

const ranges = (gaps: readonly Gap[]): unknown[] =>
  gaps.map(({ path, fromBytes, toBytes, firstBatch, lastBatch }) => [path, fromBytes, toBytes, firstBatch, lastBatch]);

test('a damaged frame in the middle of the last segment: all others are kept', async () => {
  const image = (await written({})).disk.snapshot();
  const offsets = frameOffsets(World.from(image).disk, logName(1));
  for (let frame = 0; frame + 1 < KEYS.length; frame += 1) {
    const [from, to] = [offsets[frame] as number, offsets[frame + 1] as number];
    for (let at = from; at < to; at += 5) {
      const gaps = await salvages(
        image,
        ({ disk }) => disk.flipBit(logName(1), at, 2),
        [KEYS[frame] as string],
        [logName(1)],
      );
      assert.deepEqual(ranges(gaps), [[logName(1), from, to, frame + 1, frame + 1]], `byte ${at}`);
    }
  }
});

test('two damaged places are two gaps; neighbours are one', async () => {
  const image = (await written({})).disk.snapshot();
  const offsets = frameOffsets(World.from(image).disk, logName(1));
  const flip = (frames: number[]) => (world: World) => {
    for (const frame of frames) world.disk.flipBit(logName(1), (offsets[frame] as number) + 33, 1);
  };
  const apart = await salvages(image, flip([1, 4]), ['b', 'e'], [logName(1)]);
  assert.deepEqual(ranges(apart), [
    [logName(1), offsets[1], offsets[2], 2, 2],
    [logName(1), offsets[4], offsets[5], 5, 5],
  ]);
  const together = await salvages(image, flip([1, 2]), ['b', 'c'], [logName(1)]);
  assert.deepEqual(ranges(together), [[logName(1), offsets[1], offsets[3], 2, 3]]);
});

test('a damaged frame of an earlier segment: all others are kept', async () => {
  const image = (await written(TWO_PER_SEGMENT)).disk.snapshot();
  for (const segment of [1, 2, 3]) {
    const offsets = frameOffsets(World.from(image).disk, logName(segment));
    assert.equal(offsets.length, 3, 'two frames in a segment');
    for (const frame of [0, 1]) {
      const [from, to] = [offsets[frame] as number, offsets[frame + 1] as number];
      const batch = segment * 2 - 1 + frame;
      const damage = ({ disk }: World): void => disk.flipBit(logName(segment), from + 40, 0);
      const gaps = await salvages(image, damage, [KEYS[batch - 1] as string], [logName(segment)]);
      const [first] = ranges(gaps) as [unknown[]];
      assert.deepEqual(first.slice(0, 4), [logName(segment), from, to, batch]);
    }
  }
});

test('a damaged header of a segment costs that segment and no other', async () => {
  const image = (await written(TWO_PER_SEGMENT)).disk.snapshot();
  for (const segment of [1, 2, 3, 4]) {
    for (const at of [0, 9, 13, 20, 30, 35, FILE_HEADER_BYTES - 1]) {
      const lost = KEYS.slice(segment * 2 - 2, segment * 2);
      const gaps = await salvages(image, ({ disk }) => disk.flipBit(logName(segment), at, 0), lost, [logName(segment)]);
      assert.ok(
        gaps.some(({ path }) => path === logName(segment)),
        `segment ${segment} byte ${at}`,
      );
    }
  }
});

test('a missing segment costs what stood in it and no more', async () => {
  const image = (await written(TWO_PER_SEGMENT)).disk.snapshot();
  for (const segment of [1, 2, 3]) {
    const lost = KEYS.slice(segment * 2 - 2, segment * 2);
    const gaps = await salvages(image, ({ disk }) => disk.remove(logName(segment)), lost, []);
    const named = gaps.filter(({ path }) => path === logName(segment));
    assert.equal(named.length, 1);
    if (segment > 1) assert.ok(gaps.some((gap) => gap.firstBatch === segment * 2 - 1 && gap.lastBatch === segment * 2));
    assert.equal(gaps.length, segment > 1 ? 2 : 1, JSON.stringify(gaps));
  }
});

test('segments of different lengths: a missing one does not shorten the one before it', async () => {
  const world = new World();
  const engine = await world.open(TWO_PER_SEGMENT);
  for (const [at, key] of KEYS.entries()) {
    if (key === 'd') put(engine, keyOf('big'), recordOf(50, 'x'.repeat(1500)));
    put(engine, keyOf(key), recordOf(at + 1, `value of ${key}`));
    await world.turn();
  }
  const image = world.disk.snapshot();
  const logs = world.names().filter((name) => name.startsWith('log-'));
  const sizes = logs.map((name) => contents(World.from(image).disk, name).length);
  assert.ok(new Set(sizes).size > 1);
  for (const name of logs.slice(0, -1)) {
    const trial = World.from(image);
    trial.disk.remove(name);
    const saved = await trial.open({ ...TWO_PER_SEGMENT, salvage: true });
    const left = KEYS.filter((key) => valueUnder(saved, key) !== undefined).length;
    assert.ok(left >= KEYS.length - 2, `${left} keys left without ${name}`);
  }
});

test('what was saved stands in tables: the next start reads no log of before', async () => {
  const world = World.from((await written(TWO_PER_SEGMENT)).disk.snapshot());
  world.disk.flipBit(logName(2), 100, 1);
  const engine = await world.open({ ...TWO_PER_SEGMENT, salvage: true });
  await world.scheduler.runFor(100);
  assert.deepEqual(logNumbers(world.names()).length, 1);
  assert.equal(engine.parts.shelf.current.runs.length, 1);
  world.restart('dropped');
  const next = await world.open(TWO_PER_SEGMENT);
  assert.deepEqual([next.recovery.batches, next.recovery.tables], [0, 1]);
});

test('a salvage that is killed at any operation is not forgotten: the next start refuses, or has all that is sound', async () => {
  const image = (await written({})).disk.snapshot();
  const [, from] = frameOffsets(World.from(image).disk, logName(1));
  for (let operation = 1; ; operation += 1) {
    const world = World.from(image);
    world.disk.flipBit(logName(1), (from as number) + 40, 0);
    world.disk.armCrash({ operation, moment: 'after' });
    const salvaging = world.disk.alive(world.open({ salvage: true }));
    const crashed = await world.scheduler.settle(salvaging).then(
      () => false,
      (error: unknown) => error instanceof Crash,
    );
    world.restart('kept', String(operation));
    const image2 = world.disk.snapshot();
    const plain = World.from(image2);
    const engine = await plain.open().catch((error: unknown) => {
      assert.ok(error instanceof DamageError);
      return World.from(image2).open({ salvage: true });
    });
    const left = KEYS.filter((key) => valueUnder(engine, key) === `value of ${key}`);
    assert.deepEqual(
      left,
      KEYS.filter((key) => key !== 'b'),
      `killed after operation ${operation}`,
    );
    if (!crashed) break;
  }
});
