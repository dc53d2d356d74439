/** A full disk, a failed sync, any failed call, at every place: what `append` said is what the next start finds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskError, Refusal } from '@torc/base/errors';
import { SYNC_FAILURES, type OperationKind } from '@torc/sim/disk/faults';
import type { ManifestContents } from '../../src/manifest/edit.ts';
import { applyEdit } from '../../src/manifest/contents.ts';
import type { Manifest } from '../../src/manifest/manifest.ts';
import { World } from '../support/world.ts';
import { EDITS, open } from './bench.ts';

/** Small enough that the edits roll the manifest. */
const ROLLS = { rollAboveBytes: 100 };

interface Ended {
  readonly errors: readonly Error[];
  /** With, besides, the edit whose append failed: it may have come to be durable. */
  readonly allowed: readonly ManifestContents[];
}

/** Appends the edits one by one; one that follows from a lost one is left out. */
async function run(world: World, manifest: Manifest): Promise<Ended> {
  const errors: Error[] = [];
  const allowed: ManifestContents[] = [];
  for (const edit of EDITS) {
    if ((edit.removed ?? []).some((number) => !manifest.contents.tables.has(number))) continue;
    const before = manifest.contents;
    try {
      await world.scheduler.settle(manifest.append(edit));
    } catch (error) {
      assert.ok(error instanceof DiskError || error instanceof Refusal);
      assert.equal(manifest.contents, before);
      if (errors.length === 0) allowed.push(applyEdit(before, edit));
      errors.push(error);
    }
  }
  return { errors, allowed: [manifest.contents, ...allowed] };
}

function assertFound(world: World, allowed: readonly ManifestContents[], what: string): void {
  for (const mode of ['dropped', 'kept', 'random'] as const) {
    const copy = World.from(world.disk.snapshot(mode));
    const { contents } = open(copy).manifest;
    const found = allowed.some((each) => isEqual(each, contents));
    assert.ok(found, `${what}, ${mode}: ${[...contents.tables.keys()].join()}`);
  }
}

function isEqual(a: ManifestContents, b: ManifestContents): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch (error) {
    if (error instanceof assert.AssertionError) return false;
    throw error;
  }
}

for (const how of SYNC_FAILURES) {
  test(`a sync that fails (${how}), at any place, stops the manifest for good`, async () => {
    for (let nth = 1; ; nth += 1) {
      const world = new World();
      const { manifest } = open(world, ROLLS);
      world.disk.faults.failSync(nth, how);
      const { errors, allowed } = await run(world, manifest);
      if (errors.length === 0) {
        assert.ok(nth > EDITS.length + 1, 'syncs of edits and of rolls were failed');
        return;
      }
      assert.ok(errors[0] instanceof DiskError);
      for (const error of errors.slice(1)) assert.ok(error instanceof Refusal && error.code === 'stopped');
      const { operations } = world.disk;
      await assert.rejects(world.scheduler.settle(manifest.append({ logFloor: 50 })), Refusal);
      manifest.close();
      assert.equal(world.disk.operations, operations, 'nothing more is written, not even a clean end');
      assertFound(world, allowed, `sync ${nth}`);
    }
  });
}

test('a sync for which there is no room is a failed sync all the same: the manifest stops', async () => {
  for (let nth = 1; nth <= EDITS.length; nth += 1) {
    const world = new World();
    const { manifest } = open(world, ROLLS);
    world.disk.faults.failNth('sync', nth, 'full');
    const { errors, allowed } = await run(world, manifest);
    assert.ok(errors[0] instanceof DiskError);
    await assert.rejects(world.scheduler.settle(manifest.append({ logFloor: 50 })), Refusal);
    assertFound(world, allowed, `sync ${nth}`);
  }
});

test('any call that fails with an error other than a full disk stops the manifest, or does no harm', async () => {
  const kinds: readonly OperationKind[] = ['create', 'write', 'rename', 'syncDirectory', 'remove', 'list'];
  for (const kind of kinds) {
    for (let nth = 1; ; nth += 1) {
      const world = new World();
      const { manifest } = open(world, ROLLS);
      world.disk.faults.failNth(kind, nth);
      const { errors, allowed } = await run(world, manifest);
      for (const error of errors.slice(1)) assert.ok(error instanceof Refusal && error.code === 'stopped');
      assertFound(world, allowed, `${kind} ${nth}`);
      if (errors.length === 0 && kind !== 'remove') break;
      if (nth > EDITS.length * 3) break;
    }
  }
});

for (const kind of ['write', 'create'] as const) {
  test(`a full disk at the nth ${kind} refuses at most that edit, and the next ones succeed`, async () => {
    let refused = 0;
    for (let nth = 1; ; nth += 1) {
      const world = new World({ faults: { shortWrites: 0.5 } });
      const { manifest } = open(world, ROLLS);
      const { operations } = world.disk;
      world.disk.faults.failNth(kind, nth, 'full');
      const { errors } = await run(world, manifest);
      assert.ok(errors.length <= 1);
      for (const error of errors) assert.ok(error instanceof DiskError && error.code === 'full');
      refused += errors.length;
      assertFound(world, [manifest.contents], `${kind} ${nth}`);
      if (nth > 40) break;
      assert.ok(world.disk.operations > operations);
    }
    if (kind === 'write') assert.ok(refused > EDITS.length);
    else assert.equal(refused, 0, 'without room for a roll the old file goes on');
  });
}

test('a disk with any number of bytes left: edits are refused whole, cut back, and come back with room', async () => {
  for (let room = 0; room < 1800; room += 13) {
    const world = new World();
    const { manifest } = open(world, ROLLS);
    world.disk.capacityBytes = world.disk.usedBytes() + room;
    const { errors } = await run(world, manifest);
    for (const error of errors) assert.ok(error instanceof DiskError && error.code === 'full', `room ${room}`);
    const size = world.disk.inspect().reduce((sum, file) => sum + file.sizeBytes, 0);
    assert.equal(size, manifest.bytes, `room ${room}: nothing of what was refused is left`);
    assertFound(new World({ image: world.disk.snapshot() }), [manifest.contents], `room ${room}`);
    world.disk.capacityBytes = Number.POSITIVE_INFINITY;
    await world.scheduler.settle(manifest.append({ logFloor: 50 }));
    assertFound(world, [manifest.contents], `room ${room}, then more`);
  }
});

test('opening on a full disk is a DiskError, leaves nothing behind, and works again with room', async () => {
  const world = new World();
  const { manifest } = open(world);
  await run(world, manifest);
  const image = world.disk.snapshot();
  const used = world.disk.usedBytes();
  for (let room = 0; ; room += 7) {
    const full = new World({ image, capacityBytes: used + room });
    const names = full.names();
    try {
      assert.deepEqual(open(full).manifest.contents, manifest.contents);
      assert.ok(room > 100);
      return;
    } catch (error) {
      assert.ok(error instanceof DiskError && error.code === 'full');
    }
    assert.deepEqual(full.names(), names);
    full.disk.capacityBytes = Number.POSITIVE_INFINITY;
    assert.deepEqual(open(full).manifest.contents, manifest.contents);
  }
});
