/** A crash in the middle of the last frame: at every length, what came before is there and the rest is cut. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiskImage } from '@torc/sim/disk/disk';
import { logName } from '../../src/commit-log/names.ts';
import {
  append,
  appendEach,
  contents,
  forgeFrame,
  frameOffsets,
  openLog,
  overwrite,
  tamper,
} from '../support/log-bench.ts';
import { World } from '../support/world.ts';

const PATH = logName(1);
const EARLIER = ['a=1', 'b=22', 'c=333'];
const LAST = ['d=the last batch', 'e=of several entries'];

interface Killed {
  readonly image: DiskImage;
  readonly bytes: Uint8Array;
  /** Where the last frame begins and ends. */
  readonly from: number;
  readonly to: number;
}

/** A log that was killed after its last batch. */
function killed(): Killed {
  const world = new World();
  const { log } = openLog(world);
  appendEach(log, EARLIER);
  for (const line of LAST) append(log, line);
  log.commitNow();
  const [from, to] = frameOffsets(world.disk, PATH).slice(-2) as [number, number];
  return { image: world.disk.snapshot(), bytes: contents(world.disk, PATH), from, to };
}

/** Opens what `change` made of the log, twice: what was read once must stay. */
function judge(image: DiskImage, change: (world: World) => void, expected: readonly string[], framesEnd: number): void {
  const world = World.from(image);
  change(world);
  // Zeros may have been written ahead: they are no tail.
  const tail = contents(world.disk, PATH).subarray(framesEnd);
  const cutBytes = tail.findLastIndex((byte) => byte !== 0) + 1;
  const { lines, recovered } = openLog(world);
  assert.deepEqual(lines, expected);
  assert.equal(recovered.cutBytes, cutBytes);
  world.restart('dropped');
  const again = openLog(world);
  assert.deepEqual(again.lines, expected);
  assert.equal(again.recovered.cutBytes, 0);
}

test('a log cut at any byte of its last frame keeps every earlier batch and invents nothing', () => {
  const { image, from, to } = killed();
  for (let size = from; size < to; size += 1) {
    judge(image, ({ disk }) => tamper(disk, PATH, (file) => file.truncate(size)), EARLIER, from);
  }
});

test('a last frame whose bytes are zeros from any byte on is cut, unless it was zeros there anyway', () => {
  const { image, bytes, from, to } = killed();
  for (let at = from; at < to; at += 1) {
    const same = bytes.subarray(at, to).every((byte) => byte === 0);
    const zeros = new Uint8Array(to - at);
    const expected = same ? [...EARLIER, ...LAST] : EARLIER;
    judge(image, ({ disk }) => overwrite(disk, PATH, at, zeros), expected, same ? to : from);
  }
});

test('a file that is longer than what was written to it is cut where the frames end', () => {
  const { image, to } = killed();
  for (const filler of [0, 0x5a]) {
    const tail = new Uint8Array(100).fill(filler);
    judge(image, ({ disk }) => overwrite(disk, PATH, to, tail), [...EARLIER, ...LAST], to);
  }
});

test('a frame behind a torn one is not delivered, however sound it is, when it does not vouch for it', () => {
  const { image, to } = killed();
  const world = World.from(image);
  // Two frames written one behind the other before any sync: the second says durable only up to where the first begins.
  const first = forgeFrame(world.disk, PATH, { batch: 5, synced: to, line: 'x=one' });
  const second = forgeFrame(world.disk, PATH, { batch: 6, synced: to, line: 'y=two' });
  overwrite(world.disk, PATH, to, first);
  overwrite(world.disk, PATH, to + first.length, second);
  const both = world.disk.snapshot();
  const end = to + first.length + second.length;
  judge(both, () => {}, [...EARLIER, ...LAST, 'x=one', 'y=two'], end);
  judge(both, ({ disk }) => disk.flipBit(PATH, to + 40, 3), [...EARLIER, ...LAST], to);
});
