/** A manifest's life: made, appended to, opened again, rolled, copied, looked at. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError } from '@torc/base/assert';
import { manifestName, manifestNumbers } from '../../src/commit-log/names.ts';
import type { VersionEdit } from '../../src/manifest/edit.ts';
import { writeSnapshotManifest } from '../../src/manifest/manifest.ts';
import { readManifest } from '../../src/manifest/read-manifest.ts';
import { World } from '../support/world.ts';
import { appendAll, EDITS, open, table } from './bench.ts';

test('a fresh directory gets a secret, which stays', () => {
  const world = new World();
  const { contents, number, recovered } = open(world).manifest;
  assert.deepEqual([number, recovered.numbers, contents.logFloor, contents.nextTable], [1, [], 0, 1]);
  assert.notEqual(contents.hashKey0, contents.hashKey1);
  for (const key of [contents.hashKey0, contents.hashKey1]) assert.equal(key, key | 0);
  world.restart('dropped');
  assert.deepEqual(open(world).manifest.contents, contents);
  const other = open(new World({ seed: 2 })).manifest.contents;
  assert.notEqual(other.hashKey0, contents.hashKey0);
});

test('contents change when an edit is durable, not before, and every start makes a fresh manifest', async () => {
  const world = new World();
  const { manifest } = open(world);
  for (const edit of EDITS) {
    const before = manifest.contents;
    const done = manifest.append(edit);
    assert.equal(manifest.contents, before);
    await world.scheduler.settle(done);
    assert.notDeepEqual(manifest.contents, before);
    const { contents } = manifest;
    const copy = World.from(world.disk.snapshot('dropped'));
    assert.deepEqual(open(copy).manifest.contents, contents);
    assert.deepEqual(copy.names(), [manifestName(2)]);
  }
});

test('appends that are made at once go one after another, in order', async () => {
  const world = new World({ faults: { laterMs: [1, 9], shortWrites: 0.5 } });
  const { manifest } = open(world);
  const ended: number[] = [];
  EDITS.forEach((edit, at) => void manifest.append(edit).then(() => ended.push(at)));
  await world.scheduler.settle(manifest.settle());
  assert.deepEqual(ended, [...EDITS.keys()]);
  world.restart('dropped');
  assert.deepEqual(open(world).manifest.contents, manifest.contents);
});

test('an edit that does not fit is a bug, changes nothing, and those behind it go on', async () => {
  const world = new World();
  const { manifest } = open(world);
  const { bytes } = manifest;
  await assert.rejects(world.scheduler.settle(manifest.append({ removed: [1] })), InvariantError);
  await assert.rejects(world.scheduler.settle(manifest.append({ nextTable: 1.5 })), InvariantError);
  assert.equal(manifest.bytes, bytes);
  await appendAll(world, manifest, EDITS);
  world.restart('dropped');
  assert.deepEqual(open(world).manifest.contents, manifest.contents);
});

test('a manifest that has grown is rolled into a new one; the older goes', async () => {
  const world = new World();
  const { manifest } = open(world, { rollAboveBytes: 500 });
  const numbers = new Set<number>();
  for (let n = 0; n < 30; n += 1) {
    const edit: VersionEdit = n % 2 === 0 ? { put: [table(n + 1)] } : { removed: [n] };
    await world.scheduler.settle(manifest.append(edit));
    numbers.add(manifest.number);
    assert.deepEqual(world.names(), [manifestName(manifest.number)]);
    assert.ok(manifest.bytes < 1400);
  }
  assert.ok(numbers.size > 3, `${numbers.size} manifests`);
  world.restart('dropped');
  assert.deepEqual(open(world).manifest.contents, manifest.contents);
});

test('a manifest is not rolled below four times its snapshot', async () => {
  const world = new World();
  const { manifest } = open(world, { rollAboveBytes: 0 });
  await appendAll(world, manifest, [{ put: Array.from({ length: 20 }, (_, at) => table(at + 1)) }]);
  world.restart('dropped');
  const again = open(world, { rollAboveBytes: 0 }).manifest;
  const snapshotBytes = again.bytes;
  const { number } = again;
  while (again.number === number) {
    const { bytes } = again;
    await appendAll(world, again, [{ put: [table(1)] }]);
    if (again.number !== number) assert.ok(bytes > 4 * snapshotBytes);
    else assert.ok(again.bytes < 5 * snapshotBytes);
  }
});

test('of several manifests the highest counts; what a crash left under a temporary name is in nobody’s way', async () => {
  const world = new World();
  const old = open(world).manifest;
  await appendAll(world, old, EDITS.slice(0, 2));
  const before = old.contents;
  // A crash after the rename, before the removal, and one while the next is written.
  await world.scheduler.settle(writeSnapshotManifest(world.ports(), manifestName(7), { ...before, logFloor: 99 }));
  world.disk.create(`${manifestName(8)}.tmp`).writeNow(new Uint8Array(100), 0, 100, 0);
  const { manifest } = open(world);
  assert.deepEqual(manifest.contents, { ...before, logFloor: 99 });
  assert.deepEqual([manifest.number, manifest.recovered.numbers], [8, [1, 7]]);
  assert.deepEqual(world.names(), [manifestName(8)]);
});

test('an older manifest that cannot be removed does no harm, and goes later', async () => {
  const world = new World();
  await appendAll(world, open(world).manifest, EDITS);
  world.disk.faults.failNth('remove');
  const { manifest } = open(world);
  assert.deepEqual(manifestNumbers(world.names()), [1, 2]);
  assert.deepEqual(open(world).manifest.contents, manifest.contents);
  assert.deepEqual(manifestNumbers(world.names()), [3]);
});

test('a copy for a checkpoint stands in its own directory, durable, and opens there', async () => {
  const world = new World();
  const { manifest } = open(world);
  await appendAll(world, manifest, EDITS);
  world.disk.makeDirectory('copies/one');
  world.disk.syncDirectory('');
  world.disk.syncDirectory('copies');
  const path = `copies/one/${manifestName(1)}`;
  await world.scheduler.settle(writeSnapshotManifest(world.ports(), path, manifest.contents));
  world.restart('dropped');
  const { entries, end, number } = readManifest(world.disk, path);
  assert.deepEqual([entries.length, end, number], [1, 'whole', 1]);
  assert.deepEqual(entries[0]?.edit.put, [...manifest.contents.tables.values()]);
  assert.equal(entries[0]?.hashKeys?.hashKey0, manifest.contents.hashKey0);
});

test('a manifest can be read without being changed: its edits, where they stand, how it ends', async () => {
  const world = new World();
  const { manifest } = open(world);
  await appendAll(world, manifest, EDITS);
  const path = manifestName(1);
  const running = readManifest(world.disk, path);
  assert.deepEqual(
    running.entries.slice(1).map(({ edit }) => edit),
    EDITS,
  );
  assert.deepEqual(
    running.entries.map(({ frame }) => frame),
    [1, 2, 3, 4, 5, 6, 7],
  );
  for (const [at, { offset, syncedBytes }] of running.entries.entries()) {
    const before = running.entries[at - 1];
    assert.equal(offset, before === undefined ? 64 : before.offset + before.sizeBytes);
    assert.equal(syncedBytes, offset);
  }
  assert.deepEqual([running.end, running.endBytes, running.fileBytes], ['whole', manifest.bytes, manifest.bytes]);
  manifest.close();
  const closed = readManifest(world.disk, path);
  assert.deepEqual([closed.end, closed.entries.length, closed.endBytes], ['closed', 7, running.endBytes + 32]);
  world.disk.flipBit(path, (running.entries[3]?.offset ?? 0) + 40, 3);
  const damaged = readManifest(world.disk, path);
  assert.deepEqual([damaged.end, damaged.entries.length], ['damaged', 3]);
  assert.equal(damaged.damage?.offset, running.entries[3]?.offset);
  world.disk.flipBit(path, 3, 3);
  assert.deepEqual(
    [readManifest(world.disk, path)].map(({ end, number, entries, fileBytes }) => [end, number, entries, fileBytes]),
    [['damaged', 0, [], closed.fileBytes]],
  );
});

test('close waits for nobody: with an append under way it is a bug', async () => {
  const world = new World();
  const { manifest } = open(world);
  const done = manifest.append(EDITS[0] as VersionEdit);
  assert.throws(() => manifest.close(), InvariantError);
  await world.scheduler.settle(done);
  await world.scheduler.settle(manifest.settle());
  manifest.close();
  manifest.close();
  assert.throws(() => void manifest.append({}), InvariantError);
});
