/** Damage below what a later frame calls durable: the log refuses to open, and names the file and the place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DamageError } from '@torc/base/errors';
import type { DiskImage } from '@torc/sim/disk/disk';
import { FILE_HEADER_BYTES } from '../../src/commit-log/frame.ts';
import { logName } from '../../src/commit-log/names.ts';
import { appendEach, contents, frameOffsets, openLog, overwrite, tamper } from '../support/log-bench.ts';
import { World } from '../support/world.ts';

const BATCHES = ['a=1', 'b=22', 'c=333', 'd=4444'];

function image(segmentBytes: number): DiskImage {
  const world = new World();
  appendEach(openLog(world, { segmentBytes }).log, BATCHES);
  return world.disk.snapshot();
}

/** A segment for each batch. */
const MANY = image(1);
const ONE = image(1 << 20);

function refuses(from: DiskImage, change: (world: World) => void, path: string, offset: number, what: string): void {
  const world = World.from(from);
  change(world);
  const before = world.disk.digest();
  assert.throws(
    () => openLog(world),
    (error) => error instanceof DamageError && error.path === path && error.offset === offset,
    what,
  );
  assert.equal(world.disk.digest(), before, `${what}: a refusal changes nothing on the disk`);
}

test('a flipped bit in any byte below a later frame’s synced offset is damage at the frame it hit', () => {
  const path = logName(1);
  const offsets = frameOffsets(World.from(ONE).disk, path);
  assert.equal(offsets.length, BATCHES.length + 1);
  for (let frame = 0; frame + 1 < BATCHES.length; frame += 1) {
    const [from, to] = [offsets[frame] as number, offsets[frame + 1] as number];
    for (let at = from; at < to; at += 1) {
      refuses(ONE, ({ disk }) => disk.flipBit(path, at, at & 7), path, from, `byte ${at}`);
    }
  }
});

test('several damaged frames are reported at the first of them', () => {
  const path = logName(1);
  const offsets = frameOffsets(World.from(ONE).disk, path);
  const change = ({ disk }: World): void => {
    disk.flipBit(path, (offsets[1] as number) + 9, 1);
    disk.flipBit(path, (offsets[2] as number) + 9, 1);
  };
  refuses(ONE, change, path, offsets[1] as number, 'two frames');
});

test('a flipped bit in the header of any segment is damage at byte 0', () => {
  for (let number = 1; number <= BATCHES.length; number += 1) {
    for (let at = 0; at < FILE_HEADER_BYTES; at += 1) {
      refuses(
        MANY,
        ({ disk }) => disk.flipBit(logName(number), at, at & 7),
        logName(number),
        0,
        `${number} byte ${at}`,
      );
    }
  }
});

test('a segment with a successor is durable to its end: damage or loss anywhere in it is damage', () => {
  for (let number = 1; number < BATCHES.length; number += 1) {
    const path = logName(number);
    const { length } = contents(World.from(MANY).disk, path);
    for (let at = FILE_HEADER_BYTES; at < length; at += 1) {
      refuses(MANY, ({ disk }) => disk.flipBit(path, at, at & 7), path, FILE_HEADER_BYTES, `${number} byte ${at}`);
      const cut = ({ disk }: World): void => tamper(disk, path, (file) => file.truncate(at));
      refuses(MANY, cut, path, FILE_HEADER_BYTES, `${number} cut at ${at}`);
    }
  }
});

test('a missing segment, first or in the middle, is damage that names it', () => {
  for (let number = 1; number < BATCHES.length; number += 1) {
    refuses(MANY, ({ disk }) => disk.remove(logName(number)), logName(number), 0, `segment ${number}`);
  }
});

test('a segment put in the place of another is damage', () => {
  const change = ({ disk }: World): void => {
    const bytes = contents(disk, logName(1));
    tamper(disk, logName(2), (file) => file.truncate(0));
    overwrite(disk, logName(2), 0, bytes);
  };
  const world = World.from(MANY);
  change(world);
  assert.throws(() => openLog(world), DamageError);
});

test('after a clean close even the last batch is vouched for', async () => {
  const world = new World();
  const { log } = openLog(world);
  appendEach(log, BATCHES);
  await world.scheduler.settle(log.close());
  const path = logName(1);
  const offsets = frameOffsets(world.disk, path);
  const from = offsets[BATCHES.length - 1] as number;
  const closed = world.disk.snapshot();
  for (let at = from; at < (offsets[BATCHES.length] as number); at += 1) {
    refuses(closed, ({ disk }) => disk.flipBit(path, at, at & 7), path, from, `byte ${at}`);
  }
});
