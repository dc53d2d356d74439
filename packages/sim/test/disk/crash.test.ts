/** A crash strikes where it is armed, ends the process for good, and leaves what its moment allows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskError } from '@torc/base/errors';
import { Crash } from '../../src/crash.ts';
import { CRASH_MOMENTS } from '../../src/disk/operations.ts';
import { Stuck } from '../../src/scheduler.ts';
import { contents, crashing, durableFile, filled, makeDisk, put, values } from './bench.ts';

test('a crash is not an Error, and nothing that is caught by name holds it', () => {
  const crash = new Crash('test');
  assert.ok(!((crash as unknown) instanceof Error));
  assert.ok(!((crash as unknown) instanceof DiskError));
});

test('every operation that changes something is a crash point, and reads are none', () => {
  const disk = makeDisk();
  disk.makeDirectory('d');
  const file = disk.create('d/a');
  put(file, filled(10, 1), 0);
  file.truncate(5);
  file.syncNow();
  disk.rename('d/a', 'd/b');
  disk.syncDirectory('d');
  disk.remove('d/b');
  disk.create('a');
  disk.link('a', 'd/c');
  assert.equal(disk.operations, 10);
  disk.list('d');
  file.sizeBytes();
  file.readNow(new Uint8Array(1), 0, 1, 0);
  assert.equal(disk.operations, 10);
  assert.deepEqual(disk.trace(), [
    '#1 makeDirectory d',
    '#2 create d/a',
    '#3 write d/a 0+10',
    '#4 truncate d/a to 5',
    '#5 sync d/a',
    '#6 rename d/a',
    '#7 syncDirectory d',
    '#8 remove d/b',
    '#9 create a',
    '#10 link a',
  ]);
});

test('before, during and after a write', () => {
  const lengths = { before: new Set<number>(), during: new Set<number>(), after: new Set<number>() };
  for (const moment of CRASH_MOMENTS) {
    for (let seed = 0; seed < 40; seed++) {
      const disk = makeDisk(seed);
      disk.armCrash({ operation: 2, moment });
      const file = disk.create('a');
      crashing(() => file.writeNow(filled(2000, 1), 0, 2000, 0));
      lengths[moment].add(contents(disk.restart('kept'), 'a').length);
    }
  }
  assert.deepEqual([...lengths.before], [0]);
  assert.deepEqual([...lengths.after], [2000]);
  assert.ok(lengths.during.size > 20, `${lengths.during.size} different lengths`);
});

test('before, during and after a sync', () => {
  const kept = { before: new Set<number>(), during: new Set<number>(), after: new Set<number>() };
  for (const moment of CRASH_MOMENTS) {
    for (let seed = 0; seed < 40; seed++) {
      const disk = makeDisk(seed);
      const file = durableFile(disk, 'a', filled(20 * 512, 1));
      put(file, filled(20 * 512, 2), 0);
      disk.armCrash({ operation: disk.operations + 1, moment });
      crashing(() => file.syncNow());
      kept[moment].add(contents(disk.restart('dropped'), 'a').filter((byte) => byte === 2).length / 512);
    }
  }
  assert.deepEqual([...kept.before], [0]);
  assert.deepEqual([...kept.after], [20]);
  assert.ok(kept.during.size > 5 && [...kept.during].every(Number.isInteger), [...kept.during].join(' '));
});

test('during a syncDirectory some names have become durable, in order', () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const disk = makeDisk(seed);
    for (const name of ['a', 'b', 'c']) disk.create(name);
    disk.armCrash({ operation: 4, moment: 'during' });
    crashing(() => disk.syncDirectory(''));
    seen.add(disk.restart('dropped').list('').join(''));
  }
  assert.deepEqual([...seen].sort(), ['', 'a', 'ab', 'abc']);
});

test('before, during and after a link: the file stays, the new name is there or not', () => {
  const seen = { before: new Set<string>(), during: new Set<string>(), after: new Set<string>() };
  for (const moment of CRASH_MOMENTS) {
    for (let seed = 0; seed < 40; seed++) {
      const disk = makeDisk(seed);
      durableFile(disk, 'a', filled(3000, 1));
      disk.armCrash({ operation: disk.operations + 1, moment });
      crashing(() => disk.link('a', 'b'));
      const restarted = disk.restart('kept');
      for (const name of restarted.list('')) assert.deepEqual(contents(restarted, name), filled(3000, 1));
      seen[moment].add(restarted.list('').join(''));
      assert.deepEqual(disk.restart('dropped').list(''), ['a']);
    }
  }
  assert.deepEqual([...seen.before], ['a']);
  assert.deepEqual([...seen.during].sort(), ['a', 'ab']);
  assert.deepEqual([...seen.after], ['ab']);
});

test('after the crash every call of the dead disk throws it again', () => {
  const disk = makeDisk();
  const file = durableFile(disk, 'a', filled(10, 1));
  const crash = disk.crash('killed by the test');
  const buffer = new Uint8Array(1);
  for (const call of [
    () => disk.open('a'),
    () => disk.create('b'),
    () => disk.list(''),
    () => disk.rename('a', 'b'),
    () => disk.link('a', 'b'),
    () => disk.remove('a'),
    () => disk.makeDirectory('d'),
    () => disk.syncDirectory(''),
    () => file.sizeBytes(),
    () => file.readNow(buffer, 0, 1, 0),
    () => file.writeNow(buffer, 0, 1, 0),
    () => file.syncNow(),
    () => file.truncate(0),
  ]) {
    assert.equal(crashing(call), crash, call.toString());
  }
  assert.match(crash.trace.join(), /sync a/);
});

test('later calls of a dead disk never settle, and who waits with `alive` hears of it', async () => {
  const disk = makeDisk();
  const { scheduler } = disk.clock;
  const file = durableFile(disk, 'a', filled(10, 1));
  const pending = file.writeLater(filled(5, 2), 0, 5, 0);
  const watched = disk.alive(pending);
  const crash = disk.crash();
  await assert.rejects(scheduler.settle(pending), Stuck);
  await assert.rejects(scheduler.settle(file.syncLater()), Stuck);
  await assert.rejects(watched, (error: unknown) => error === crash);
  await assert.rejects(disk.alive(file.syncLater()), (error: unknown) => error === crash);
  assert.deepEqual(values(contents(disk.restart('kept'), 'a')), [1]);
});

test('a crash strikes inside a later call too', async () => {
  const disk = makeDisk();
  const file = durableFile(disk, 'a', filled(10, 1));
  disk.armCrash({ operation: disk.operations + 2, moment: 'after' });
  const work = disk.alive(
    Promise.all([file.writeLater(filled(10, 2), 0, 10, 0), file.writeLater(filled(10, 3), 0, 10, 10)]),
  );
  assert.equal(disk.crashed, undefined);
  await assert.rejects(disk.clock.scheduler.settle(work), (error: unknown) => error === disk.crashed);
  assert.match(String(disk.crashed), /after operation 6/);
});

test('a listener hears of the crash before it is thrown', () => {
  const disk = makeDisk();
  let heard: Crash | undefined;
  disk.onCrash((crash) => {
    heard = crash;
  });
  disk.armCrash({ operation: 1, moment: 'before' });
  assert.equal(
    crashing(() => disk.create('a')),
    heard,
  );
});
