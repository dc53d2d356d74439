/** Every way to lose what was not synced really happens, and does what it says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOSS_MODES, type LossMode } from '../../src/disk/loss.ts';
import type { SimDisk } from '../../src/disk/disk.ts';
import { contents, durableFile, filled, makeDisk, put, values } from './bench.ts';

const SECTOR = 512;

/** Restarts one crash many times and collects what was seen. */
function outcomes<T>(disk: SimDisk, mode: LossMode, look: (restarted: SimDisk) => T, times: number = 200): T[] {
  return Array.from({ length: times }, (_, i) => look(disk.restart(mode, { label: String(i) })));
}

/** Ten sectors of 1, synced, then overwritten with 2 and grown by ten sectors of 3. */
function overwritten(): SimDisk {
  const disk = makeDisk();
  const file = durableFile(disk, 'a', filled(10 * SECTOR, 1));
  put(file, filled(10 * SECTOR, 2), 0);
  put(file, filled(10 * SECTOR, 3), 10 * SECTOR);
  return disk;
}

test('kept: nothing is lost', () => {
  const disk = overwritten();
  disk.create('b');
  for (const restarted of outcomes(disk, 'kept', (each) => each, 20)) {
    assert.deepEqual(restarted.list(''), ['a', 'b']);
    assert.deepEqual(values(contents(restarted, 'a')), [2, 3]);
    assert.equal(contents(restarted, 'a').length, 20 * SECTOR);
  }
});

test('dropped: everything unsynced is lost', () => {
  const disk = overwritten();
  disk.create('b');
  for (const restarted of outcomes(disk, 'dropped', (each) => each, 20)) {
    assert.deepEqual(restarted.list(''), ['a']);
    assert.deepEqual(contents(restarted, 'a'), filled(10 * SECTOR, 1));
  }
});

test('random: sectors are kept and lost one by one, in any order', () => {
  const sectorsKept = new Set<string>();
  for (const bytes of outcomes(overwritten(), 'random', (each) => contents(each, 'a'))) {
    sectorsKept.add(Array.from({ length: 10 }, (_, i) => (bytes[i * SECTOR] === 2 ? 'x' : '.')).join(''));
  }
  assert.ok(sectorsKept.size > 50, `${sectorsKept.size} different patterns`);
  assert.ok(
    [...sectorsKept].some((pattern) => pattern.includes('.x')),
    'a later sector without an earlier one',
  );
});

test('random: sectors are torn part-way', () => {
  let torn = 0;
  for (const bytes of outcomes(overwritten(), 'random', (each) => contents(each, 'a'))) {
    for (let i = 0; i < 10; i++) if (values(bytes.subarray(i * SECTOR, (i + 1) * SECTOR)).length > 1) torn++;
  }
  assert.ok(torn > 50, `${torn} torn sectors`);
});

test('random: a new length without the bytes shows zeros; lengths in between occur', () => {
  const disk = makeDisk();
  const file = durableFile(disk, 'a', filled(SECTOR, 1));
  for (let i = 1; i < 6; i++) put(file, filled(SECTOR, 3), i * SECTOR);
  const seen = outcomes(disk, 'random', (each) => contents(each, 'a'));
  assert.deepEqual(
    [...new Set(seen.map((bytes) => bytes.length / SECTOR))].sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6],
  );
  assert.ok(
    seen.some((bytes) => bytes.subarray(SECTOR, 2 * SECTOR).every((byte) => byte === 0) && bytes.length > SECTOR),
  );
  for (const bytes of seen) {
    assert.deepEqual(bytes.subarray(0, SECTOR), filled(SECTOR, 1));
    assert.ok(values(bytes.subarray(SECTOR)).every((byte) => byte === 0 || byte === 3));
  }
});

test('torn-last: all is kept but the end of the last write', () => {
  const disk = overwritten();
  const lengths = new Set<number>();
  for (const bytes of outcomes(disk, 'torn-last', (each) => contents(each, 'a'))) {
    assert.deepEqual(bytes.subarray(0, 10 * SECTOR), filled(10 * SECTOR, 2));
    assert.ok(bytes.subarray(10 * SECTOR).every((byte) => byte === 3));
    assert.ok(bytes.length < 20 * SECTOR);
    lengths.add(bytes.length);
  }
  assert.ok(
    [...lengths].some((length) => length % SECTOR !== 0) && [...lengths].some((length) => length % SECTOR === 0),
  );
  assert.ok(lengths.size > 50);
});

test('torn-last: an overwrite keeps the old bytes behind the tear', () => {
  const disk = makeDisk();
  put(durableFile(disk, 'a', filled(1000, 1)), filled(300, 2), 100);
  for (const bytes of outcomes(disk, 'torn-last', (each) => contents(each, 'a'), 50)) {
    assert.equal(bytes.length, 1000);
    assert.match(String.fromCharCode(...bytes.map((byte) => byte + 48)), /^1{100}2{0,299}1+$/);
  }
});

test('torn-last: what was synced is not torn', () => {
  const disk = makeDisk();
  const file = durableFile(disk, 'a', filled(700, 1));
  put(file, filled(700, 2), 700);
  file.syncNow();
  for (const bytes of outcomes(disk, 'torn-last', (each) => contents(each, 'a'), 50)) assert.equal(bytes.length, 1400);
});

test('directories-lost: any subset of the pending names', () => {
  const disk = makeDisk();
  durableFile(disk, 'old', filled(1, 1));
  for (const name of ['x', 'y', 'z']) {
    const file = disk.create(name);
    put(file, filled(1, 2), 0);
    file.syncNow();
  }
  disk.remove('old');
  const seen = new Set(outcomes(disk, 'directories-lost', (each) => each.list('').join(' '), 500));
  assert.equal(seen.size, 16, [...seen].join(' | '));
});

test('a synced file disappears when its name was not synced', () => {
  const disk = makeDisk();
  put(disk.create('a'), filled(10, 1), 0);
  disk.open('a').syncNow();
  for (const mode of ['dropped', 'random', 'directories-lost'] as const) {
    assert.ok(outcomes(disk, mode, (each) => each.list('').length).includes(0), mode);
  }
});

test('a rename without syncDirectory may or may not have happened, and is never half', () => {
  const disk = makeDisk();
  durableFile(disk, 'now', filled(10, 1));
  durableFile(disk, 'new', filled(10, 2));
  disk.rename('new', 'now');
  for (const mode of ['random', 'directories-lost'] as const) {
    const seen = outcomes(disk, mode, (each) => `${each.list('').join('+')}:${contents(each, 'now')[0]}`);
    assert.deepEqual([...new Set(seen)].sort(), ['new+now:1', 'now:2'], mode);
  }
  disk.crash();
});

test('a rename between directories needs a sync of both', () => {
  const disk = makeDisk();
  for (const directory of ['a', 'b']) disk.makeDirectory(directory);
  disk.syncDirectory('');
  durableFile(disk, 'a/f', filled(10, 1));
  disk.rename('a/f', 'b/f');
  disk.syncDirectory('b');
  assert.deepEqual(new SimImage(disk).names(), ['a/f']);
  const both = makeDisk();
  for (const directory of ['a', 'b']) both.makeDirectory(directory);
  both.syncDirectory('');
  durableFile(both, 'a/f', filled(10, 1));
  both.rename('a/f', 'b/f');
  both.syncDirectory('b');
  both.syncDirectory('a');
  assert.deepEqual(new SimImage(both).names(), ['b/f']);
});

test('a later sync of a directory promises what was done before it began, and often no more', async () => {
  const late = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const disk = makeDisk(seed);
    disk.create('a').close();
    const work = disk.syncDirectoryLater('');
    assert.deepEqual(new SimImage(disk).names(), [], 'nothing before it takes effect');
    disk.create('b').close();
    await disk.clock.scheduler.settle(work);
    late.add(new SimImage(disk).names().join('+'));
  }
  assert.deepEqual([...late].sort(), ['a', 'a+b']);
});

/** A durable file `a` with a second name in `d` that was not synced. */
function linked(): SimDisk {
  const disk = makeDisk();
  disk.makeDirectory('d');
  disk.syncDirectory('');
  durableFile(disk, 'a', filled(5000, 1));
  disk.link('a', 'd/a');
  return disk;
}

test('a link without syncDirectory may be lost and is never torn; the file stays whole under its other name', () => {
  for (const mode of LOSS_MODES) {
    const seen = new Set<number>();
    for (const restarted of outcomes(linked(), mode, (each) => each, 60)) {
      assert.deepEqual(contents(restarted, 'a'), filled(5000, 1), mode);
      for (const name of restarted.list('d')) assert.deepEqual(contents(restarted, `d/${name}`), filled(5000, 1), mode);
      seen.add(restarted.list('d').length);
    }
    const wanted = { kept: [1], dropped: [0], random: [0, 1], 'torn-last': [1], 'directories-lost': [0, 1] };
    assert.deepEqual(seen, new Set(wanted[mode]), mode);
    const synced = linked();
    synced.syncDirectory('d');
    for (const restarted of outcomes(synced, mode, (each) => each, 20)) {
      assert.deepEqual(contents(restarted, 'd/a'), filled(5000, 1), mode);
    }
  }
});

test('a link is durable without the name that it was made from', () => {
  const disk = makeDisk();
  disk.makeDirectory('d');
  disk.syncDirectory('');
  const file = disk.create('a');
  put(file, filled(10, 1), 0);
  file.syncNow();
  disk.link('a', 'd/a');
  disk.syncDirectory('d');
  assert.deepEqual(new SimImage(disk).names(), ['d/a']);
});

test('a link that was not synced does not hold a file whose other name is durably removed', () => {
  const disk = linked();
  disk.remove('a');
  disk.syncDirectory('');
  assert.deepEqual(new SimImage(disk).names(), []);
  disk.syncDirectory('d');
  assert.deepEqual(new SimImage(disk).names(), ['d/a']);
});

test('two names of a file are one file after a crash, with one loss', () => {
  const disk = overwritten();
  disk.link('a', 'b');
  disk.syncDirectory('');
  for (const mode of LOSS_MODES) {
    for (const restarted of outcomes(disk, mode, (each) => each, 20)) {
      assert.deepEqual(contents(restarted, 'a'), contents(restarted, 'b'), mode);
      put(restarted.open('a'), filled(10, 9), 0);
      assert.equal(contents(restarted, 'b')[0], 9, mode);
    }
  }
});

test('a checkpoint below the root is there once each directory on the way to it was synced', () => {
  const steps: ((disk: SimDisk) => void)[] = [
    (disk) => disk.syncDirectory('checkpoints/monday'),
    (disk) => disk.syncDirectory('checkpoints'),
    (disk) => disk.syncDirectory(''),
  ];
  for (let left = 0; left <= steps.length; left++) {
    const disk = makeDisk();
    durableFile(disk, 'table', filled(5000, 1));
    disk.makeDirectory('checkpoints/monday');
    disk.link('table', 'checkpoints/monday/table');
    steps.forEach((step, i) => {
      if (i !== left) step(disk);
    });
    const whole = left === steps.length;
    const wanted = whole ? ['checkpoints/monday/table', 'table'] : ['table'];
    assert.deepEqual(new SimImage(disk).names(), wanted, `without step ${left}`);
  }
});

test('everything below a directory goes when its own name was not synced', () => {
  const disk = makeDisk();
  disk.makeDirectory('a/b');
  durableFile(disk, 'a/b/f', filled(10, 1));
  assert.deepEqual(new SimImage(disk).names(), []);
});

test('the dead disk is not changed by a restart', () => {
  const disk = overwritten();
  disk.crash();
  const before = disk.digest();
  for (const mode of LOSS_MODES) {
    const restarted = disk.restart(mode);
    const file = restarted.open('a');
    put(file, filled(20 * SECTOR, 9), 0);
    file.syncNow();
  }
  assert.equal(disk.digest(), before);
});

test('an image starts any number of disks, none of which sees the others', () => {
  const disk = overwritten();
  const image = disk.snapshot();
  put(disk.open('a'), filled(10, 8), 0);
  const [one, two] = [makeDisk(2, { image }), makeDisk(3, { image })];
  put(one.open('a'), filled(10, 7), 0);
  assert.deepEqual(values(contents(two, 'a')), [2, 3]);
  assert.deepEqual(values(contents(one, 'a')), [2, 3, 7]);
  assert.equal(two.inspect()[0]?.durableSizeBytes, 20 * SECTOR);
});

/** The files that a crash leaves which drops all that was not synced. */
class SimImage {
  readonly #disk: SimDisk;

  constructor(disk: SimDisk) {
    this.#disk = makeDisk(1, { image: disk.snapshot('dropped') });
  }

  names(): string[] {
    return this.#disk
      .inspect()
      .filter(({ kind }) => kind === 'file')
      .map(({ path }) => path);
  }
}
