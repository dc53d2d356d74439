/** What the simulated disk does wrong without a crash: each fault, and what it leaves behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskError, type DiskErrorCode } from '@torc/base/errors';
import type { OperationKind } from '../../src/disk/faults.ts';
import { contents, durableFile, filled, makeDisk, put, values } from './bench.ts';

function coded(code: DiskErrorCode, path: string): (error: unknown) => boolean {
  return (error) => error instanceof DiskError && error.code === code && error.path === path;
}

test('the n-th call of each kind fails once, with code and path, and does nothing', () => {
  const disk = makeDisk();
  const file = durableFile(disk, 'a', filled(10, 1));
  const buffer = filled(4, 2);
  const calls: [OperationKind, string, () => unknown][] = [
    ['open', 'a', () => disk.open('a')],
    ['create', 'b', () => disk.create('b')],
    ['list', '', () => disk.list('')],
    ['rename', 'b', () => disk.rename('b', 'c')],
    ['link', 'a', () => disk.link('a', 'l')],
    ['remove', 'c', () => disk.remove('c')],
    ['makeDirectory', 'd', () => disk.makeDirectory('d')],
    ['syncDirectory', '', () => disk.syncDirectory('')],
    ['size', 'a', () => file.sizeBytes()],
    ['read', 'a', () => file.readNow(new Uint8Array(4), 0, 4, 0)],
    ['write', 'a', () => file.writeNow(buffer, 0, 4, 0)],
    ['sync', 'a', () => file.syncNow()],
    ['truncate', 'a', () => file.truncate(10)],
  ];
  for (const [kind, path, call] of calls) {
    disk.faults.failNth(kind, 1, 'io');
    const before = disk.digest();
    assert.throws(call, coded('io', path), kind);
    if (kind !== 'sync') assert.equal(disk.digest(), before, kind);
    call();
  }
});

test('a fault armed for the third call spares the first two', () => {
  const disk = makeDisk();
  disk.faults.failNth('create', 3, 'busy');
  disk.create('a');
  disk.create('b');
  assert.throws(() => disk.create('c'), coded('busy', 'c'));
  disk.create('c');
});

test('failAlways lasts until heal', () => {
  const disk = makeDisk();
  disk.faults.failAlways('create');
  for (let i = 0; i < 3; i++) assert.throws(() => disk.create('a'), coded('io', 'a'));
  disk.faults.heal();
  disk.create('a');
});

test('later calls fail too', async () => {
  const disk = makeDisk();
  const { scheduler } = disk.clock;
  const file = durableFile(disk, 'a', filled(10, 1));
  disk.faults.failNth('write');
  disk.faults.failNth('read');
  disk.faults.failSync(1, 'dirty');
  await assert.rejects(scheduler.settle(file.writeLater(filled(1, 2), 0, 1, 0)), coded('io', 'a'));
  await assert.rejects(scheduler.settle(file.readLater(filled(1, 2), 0, 1, 0)), coded('io', 'a'));
  await assert.rejects(scheduler.settle(file.syncLater()), coded('io', 'a'));
});

test('rates strike as often as they say', () => {
  const disk = makeDisk(1, { faults: { ioErrors: 0.3 } });
  let failed = 0;
  for (let i = 0; i < 1000; i++) {
    try {
      disk.create(`f${i}`);
    } catch (error: unknown) {
      if (!(error instanceof DiskError)) throw error;
      failed++;
    }
  }
  assert.ok(failed > 230 && failed < 370, String(failed));
});

test('a sync that failed and stayed dirty is made good by the next', () => {
  const disk = makeDisk();
  const file = durableFile(disk, 'a', filled(4096, 1));
  put(file, filled(4096, 2), 0);
  disk.faults.failSync(1, 'dirty');
  assert.throws(() => file.syncNow(), coded('io', 'a'));
  file.syncNow();
  assert.deepEqual(values(contents(disk.restart('dropped'), 'a')), [2]);
});

test('a sync that failed and forgot: readable, the next sync succeeds, and a crash loses it in every mode', () => {
  for (const mode of ['kept', 'dropped', 'random', 'torn-last', 'directories-lost'] as const) {
    let lost = 0;
    for (let seed = 0; seed < 20; seed++) {
      const disk = makeDisk(seed);
      const file = durableFile(disk, 'a', filled(4096, 1));
      put(file, filled(4096, 2), 0);
      disk.faults.failSync(1, 'forgotten');
      assert.throws(() => file.syncNow(), coded('io', 'a'));
      assert.deepEqual(values(contents(disk, 'a')), [2]);
      file.syncNow();
      assert.equal(disk.inspect()[0]?.unsyncedSectors, 0);
      if (values(contents(disk.restart(mode), 'a')).includes(1)) lost++;
    }
    assert.ok(lost > 10, `${mode}: lost ${lost} times`);
  }
});

test('what was forgotten is dropped from the page cache later: the old bytes are read again', () => {
  const disk = makeDisk(4);
  const file = durableFile(disk, 'a', filled(512, 1));
  put(file, filled(512, 2), 0);
  put(file, filled(512, 2), 512);
  disk.faults.failSync(1, 'forgotten');
  assert.throws(() => file.syncNow());
  const forgotten = disk.inspect()[0]?.forgottenSectors ?? 0;
  assert.ok(forgotten > 0);
  disk.evictForgotten();
  assert.ok(values(contents(disk, 'a')).some((value) => value !== 2));
  assert.equal(disk.inspect()[0]?.forgottenSectors, 0);
});

test('a sync that failed and dropped: the old bytes are back at once', () => {
  let back = 0;
  for (let seed = 0; seed < 20; seed++) {
    const disk = makeDisk(seed);
    const file = durableFile(disk, 'a', filled(4096, 1));
    put(file, filled(4096, 2), 0);
    disk.faults.failSync(1, 'dropped');
    assert.throws(() => file.syncNow());
    if (values(contents(disk, 'a')).includes(1)) back++;
  }
  assert.ok(back > 10);
});

test('a forgotten sector that is written again is synced again', () => {
  const disk = makeDisk();
  const file = durableFile(disk, 'a', filled(512, 1));
  put(file, filled(512, 2), 0);
  disk.faults.failSync(1, 'forgotten');
  assert.throws(() => file.syncNow());
  put(file, filled(512, 3), 0);
  file.syncNow();
  assert.deepEqual(values(contents(disk.restart('dropped'), 'a')), [3]);
});

test('a full disk: writes become short, then `full`; reads, overwrites and removal work; room comes back', () => {
  const disk = makeDisk(1, { capacityBytes: 1000 });
  const file = disk.create('a');
  assert.equal(file.writeNow(filled(600, 1), 0, 600, 0), 600);
  assert.equal(file.writeNow(filled(600, 2), 0, 600, 600), 400);
  assert.throws(() => file.writeNow(filled(200, 2), 0, 200, 1000), coded('full', 'a'));
  assert.throws(() => disk.create('b'), coded('full', 'b'));
  assert.throws(() => file.truncate(1001), coded('full', 'a'));
  assert.equal(file.writeNow(filled(100, 3), 0, 100, 950), 50);
  file.syncNow();
  assert.equal(contents(disk, 'a').length, 1000);
  file.truncate(500);
  assert.equal(disk.freeBytes(), 500);
  disk.create('b').writeNow(filled(500, 4), 0, 500, 0);
  disk.rename('b', 'a');
  assert.equal(disk.usedBytes(), 500);
  disk.remove('a');
  assert.equal(disk.usedBytes(), 0);
});

test('the names of one file take its room once, and a full disk takes no new name', () => {
  const disk = makeDisk(1, { capacityBytes: 1000 });
  const file = durableFile(disk, 'a', filled(600, 1));
  disk.link('a', 'b');
  assert.equal(disk.usedBytes(), 600);
  put(file, filled(100, 2), 600);
  assert.equal(disk.usedBytes(), 700);
  for (const mode of ['kept', 'random', 'directories-lost'] as const) {
    const restarted = disk.restart(mode);
    assert.equal(restarted.usedBytes(), contents(restarted, 'a').length, mode);
    for (const name of restarted.list('')) restarted.remove(name);
    assert.equal(restarted.usedBytes(), 0, mode);
  }
  const full = makeDisk(1, { capacityBytes: 600 });
  durableFile(full, 'a', filled(600, 1));
  assert.throws(() => full.link('a', 'b'), coded('full', 'b'));
  full.capacityBytes = 601;
  full.link('a', 'b');
  full.remove('a');
  assert.equal(full.usedBytes(), 600);
  full.remove('b');
  assert.equal(full.usedBytes(), 0);
});

test('the capacity can change while the disk runs, and holds after a restart', () => {
  const disk = makeDisk(1, { capacityBytes: 100 });
  const file = durableFile(disk, 'a', filled(100, 1));
  assert.throws(() => file.writeNow(filled(1, 1), 0, 1, 100), coded('full', 'a'));
  disk.capacityBytes = 50;
  assert.throws(() => file.writeNow(filled(1, 1), 0, 1, 100), coded('full', 'a'));
  disk.capacityBytes = 101;
  assert.equal(file.writeNow(filled(2, 1), 0, 2, 100), 1);
  const restarted = disk.restart('kept');
  assert.equal(restarted.freeBytes(), 0);
});

test('short writes: every one, or some', () => {
  const disk = makeDisk(1, { faults: { shortWrites: 1 } });
  const file = disk.create('a');
  for (let i = 0; i < 50; i++) {
    const written = file.writeNow(filled(100, 1), 0, 100, 0);
    assert.ok(written >= 1 && written < 100);
  }
  assert.equal(file.writeNow(filled(1, 1), 0, 1, 0), 1);
  disk.faults.set({ shortWrites: 0.5 });
  const lengths = Array.from({ length: 200 }, () => file.writeNow(filled(100, 1), 0, 100, 0));
  const whole = lengths.filter((length) => length === 100).length;
  assert.ok(whole > 60 && whole < 140, String(whole));
});

test('a flipped bit is stored, and survives', () => {
  const disk = makeDisk();
  durableFile(disk, 'a', filled(5000, 0));
  disk.flipBit('a', 4999, 3);
  assert.equal(contents(disk, 'a')[4999], 8);
  const restarted = disk.restart('dropped');
  assert.equal(contents(restarted, 'a')[4999], 8);
  restarted.flipBit('a', 4999, 3);
  assert.deepEqual(values(contents(restarted, 'a')), [0]);
});

test('a slow disk holds its own node up, and later calls take their time', async () => {
  const disk = makeDisk(1, { faults: { nowMs: 20, laterMs: [30, 40] } });
  const { clock } = disk;
  const file = disk.create('a');
  file.writeNow(filled(1, 1), 0, 1, 0);
  assert.equal(clock.monotonicMs(), 40);
  const started = clock.monotonicMs();
  await clock.scheduler.settle(file.syncLater());
  assert.ok(clock.monotonicMs() - started >= 30 && clock.monotonicMs() - started <= 40);
});

test('later calls take effect in any order', async () => {
  const orders = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const disk = makeDisk(seed);
    const file = disk.create('a');
    const order: number[] = [];
    const works = [1, 2, 3].map((i) => file.writeLater(filled(1, i), 0, 1, 0).then(() => order.push(i)));
    await disk.clock.scheduler.settle(Promise.all(works));
    orders.add(order.join(''));
    assert.equal(contents(disk, 'a')[0], order[2]);
  }
  assert.equal(orders.size, 6);
});

test('a later sync promises what was written before it began, and not always more', async () => {
  let notMore = 0;
  for (let seed = 0; seed < 60; seed++) {
    const disk = makeDisk(seed, { faults: { laterMs: [5, 6] } });
    const file = durableFile(disk, 'a', filled(1000, 1));
    put(file, filled(300, 2), 0);
    const work = file.syncLater();
    put(file, filled(300, 3), 300);
    put(file, filled(300, 3), 1000);
    await disk.clock.scheduler.settle(work);
    const bytes = contents(disk.restart('dropped'), 'a');
    assert.deepEqual(bytes.subarray(0, 300), filled(300, 2));
    if (bytes[300] === 1) notMore++;
  }
  assert.ok(notMore > 10 && notMore < 50, String(notMore));
});

test('overlapping later syncs: the younger promise is not taken back by the older', async () => {
  for (let seed = 0; seed < 60; seed++) {
    const disk = makeDisk(seed, { faults: { laterMs: [0, 10] } });
    const file = durableFile(disk, 'a', filled(100, 1));
    const works: Promise<void>[] = [];
    for (let i = 0; i < 6; i++) {
      put(file, filled(50, i + 2), 100 + i * 50);
      works.push(
        file.syncLater().then(() => {
          const bytes = contents(makeDisk(1, { image: disk.snapshot('dropped') }), 'a');
          for (let j = 0; j <= i; j++)
            assert.equal(bytes[100 + j * 50], j + 2, `seed ${seed}, write ${j} at sync ${i}`);
        }),
      );
    }
    await disk.clock.scheduler.settle(Promise.all(works));
  }
});

test('write-back: unsynced bytes become durable by themselves', () => {
  const disk = makeDisk(1, { faults: { writeBack: 1 } });
  const file = durableFile(disk, 'a', filled(4096, 1));
  for (let i = 0; i < 8; i++) put(file, filled(512, 2), i * 512);
  assert.deepEqual(values(contents(disk.restart('dropped'), 'a')), [1, 2]);
});
