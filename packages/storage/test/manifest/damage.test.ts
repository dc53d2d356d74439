/**
 * Damage: every byte flipped, every length cut. The right contents, a cut tail where it is allowed, or a `DamageError`;
 * never other tables.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DamageError } from '@torc/base/errors';
import type { DiskImage } from '@torc/sim/disk/disk';
import { FRAME_END, FRAME_ENTRIES, FRAME_HEADER_BYTES, frameBytes, sealFrame } from '../../src/commit-log/frame.ts';
import { LogReader } from '../../src/commit-log/log-reader.ts';
import { manifestName } from '../../src/commit-log/names.ts';
import type { ManifestContents } from '../../src/manifest/edit.ts';
import { readManifest, type ManifestEntry } from '../../src/manifest/read-manifest.ts';
import { overwrite, tamper } from '../support/log-bench.ts';
import { World } from '../support/world.ts';
import { appendAll, contentsOf, EDITS, open } from './bench.ts';

const PATH = manifestName(1);

interface Made {
  readonly image: DiskImage;
  readonly bytes: Uint8Array;
  readonly entries: readonly ManifestEntry[];
  /** After the snapshot, and after each edit. */
  readonly history: readonly ManifestContents[];
}

async function make(clean: boolean): Promise<Made> {
  const world = new World();
  const { manifest } = open(world);
  const history = [manifest.contents];
  for (const edit of EDITS) {
    await appendAll(world, manifest, [edit]);
    history.push(manifest.contents);
  }
  await world.scheduler.settle(manifest.settle());
  if (clean) manifest.close();
  const { entries } = readManifest(world.disk, PATH);
  return { image: world.disk.snapshot('dropped'), bytes: contentsOf(world.disk, PATH), entries, history };
}

/** What opening answers: contents and how much was cut, or where the damage is. */
function outcome(world: World): { contents: ManifestContents; cutBytes: number } | DamageError {
  const before = world.disk.digest();
  try {
    const { manifest } = open(world);
    const { contents, recovered } = manifest;
    world.restart('dropped');
    const again = open(world).manifest;
    assert.deepEqual(again.contents, contents, 'what was read once is a promise');
    return { contents, cutBytes: recovered.cutBytes };
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    assert.equal(world.disk.digest(), before, 'a refusal changes nothing on the disk');
    return error;
  }
}

function flipped({ image }: Made, offset: number): ReturnType<typeof outcome> {
  const world = World.from(image);
  world.disk.flipBit(PATH, offset, offset % 8);
  return outcome(world);
}

test('a flip in any byte of a manifest that was closed cleanly is damage at the frame it hit, or cuts the mark alone', async () => {
  const made = await make(true);
  const markAt = made.bytes.length - 32;
  for (let offset = 0; offset < made.bytes.length; offset += 1) {
    const result = flipped(made, offset);
    if (offset >= markAt) {
      assert.deepEqual(result, { contents: made.history.at(-1), cutBytes: 32 }, `byte ${offset}`);
      continue;
    }
    assert.ok(result instanceof DamageError, `byte ${offset}`);
    const hit = made.entries.findLast((entry) => entry.offset <= offset);
    assert.equal(result.offset, hit?.offset ?? 0, `byte ${offset}`);
  }
});

test('without the mark, flips in the last frame alone pass for a torn tail: that edit is cut, and the cut is told', async () => {
  const made = await make(false);
  const last = made.entries.at(-1) as ManifestEntry;
  for (let offset = 0; offset < made.bytes.length; offset += 1) {
    const result = flipped(made, offset);
    if (offset < last.offset) assert.ok(result instanceof DamageError, `byte ${offset}`);
    else assert.deepEqual(result, { contents: made.history.at(-2), cutBytes: last.sizeBytes }, `byte ${offset}`);
  }
});

test('a manifest without edits has no byte that may be flipped unnoticed or cut', async () => {
  const world = new World();
  const fresh = open(world).manifest;
  await appendAll(world, fresh, EDITS);
  world.restart('dropped');
  open(world);
  const image = world.disk.snapshot('dropped');
  const path = manifestName(2);
  const { length } = contentsOf(world.disk, path);
  for (let offset = 0; offset < length; offset += 1) {
    const flip = World.from(image);
    flip.disk.flipBit(path, offset, offset % 8);
    assert.ok(outcome(flip) instanceof DamageError, `byte ${offset}`);
    const cut = World.from(image);
    tamper(cut.disk, path, (file) => file.truncate(offset));
    assert.ok(outcome(cut) instanceof DamageError, `cut at ${offset}`);
  }
});

test('cut at any length: damage inside the snapshot, behind it the edits that are whole, and the cut is told', async () => {
  for (const made of [await make(false), await make(true)]) {
    const snapshot = made.entries[0] as ManifestEntry;
    for (let size = 0; size <= made.bytes.length; size += 1) {
      const world = World.from(made.image);
      tamper(world.disk, PATH, (file) => file.truncate(size));
      const result = outcome(world);
      if (size < snapshot.offset + snapshot.sizeBytes) {
        assert.ok(result instanceof DamageError && result.offset === (size < 64 ? 0 : 64), `cut at ${size}`);
        continue;
      }
      const whole = made.entries.filter(({ offset, sizeBytes }) => offset + sizeBytes <= size);
      const end = whole.reduce((sum, { sizeBytes }) => sum + sizeBytes, 64);
      const cutBytes = size === made.bytes.length ? 0 : size - end;
      assert.deepEqual(result, { contents: made.history[whole.length - 1], cutBytes }, `cut at ${size}`);
    }
  }
});

/** A sound frame behind the last one, as this release would never write it. */
function withForged({ image, bytes, entries }: Made, payload: readonly number[], type = FRAME_ENTRIES): World {
  const world = World.from(image);
  const { seed } = LogReader.open(world.disk, PATH, 'manifest').header;
  const frame = new Uint8Array(frameBytes(payload.length));
  frame.set(payload, FRAME_HEADER_BYTES);
  const fields = { type, batch: entries.length + 1, entries: 1, payloadBytes: payload.length, synced: bytes.length };
  sealFrame(frame, 0, fields, seed);
  overwrite(world.disk, PATH, bytes.length, frame);
  return world;
}

test('a sound frame that does not parse or does not fit is damage, also as the last: never passed over', async () => {
  const made = await make(false);
  const forged: readonly (readonly [readonly number[], number, string])[] = [
    [[99, 1], FRAME_ENTRIES, 'an item of a later release'],
    [[3, 77], FRAME_ENTRIES, 'a table that does not live is removed'],
    [[4, 1], FRAME_ENTRIES, 'the log floor goes back'],
    [[1, 0, 0, 0, 0, 0, 0, 0, 0], FRAME_ENTRIES, 'an edit with a secret'],
    [[4, 9], FRAME_END, 'a frame of another type'],
  ];
  assert.ok(!(outcome(withForged(made, [4, 9])) instanceof DamageError));
  for (const [payload, type, what] of forged) {
    const result = outcome(withForged(made, payload, type));
    assert.ok(result instanceof DamageError && result.offset === made.bytes.length, what);
    const { manifest, gaps } = open(withForged(made, payload, type), { salvage: true });
    assert.deepEqual(manifest.contents, made.history.at(-1), what);
    assert.deepEqual([gaps.length, gaps[0]?.firstBatch], [1, made.entries.length + 1], what);
  }
});

test('a manifest under the number of another is damage', async () => {
  const made = await make(true);
  const world = World.from(made.image);
  world.disk.rename(PATH, manifestName(3));
  const result = outcome(world);
  assert.ok(result instanceof DamageError && result.path === manifestName(3));
});

test('the highest manifest is never passed over in silence for an older one', async () => {
  const world = await withTwo();
  for (const offset of [5, 50, 70, 100]) {
    const damaged = World.from(world.disk.snapshot());
    damaged.disk.flipBit(manifestName(2), offset, 1);
    const result = outcome(damaged);
    assert.ok(result instanceof DamageError && result.path === manifestName(2), `byte ${offset}`);
  }
});

test('a salvage falls back to the newest manifest that is whole, says so, and keeps the files aside', async () => {
  const world = await withTwo();
  const older = readManifest(world.disk, manifestName(1));
  world.disk.flipBit(manifestName(2), 70, 1);
  const { manifest, gaps } = open(world, { salvage: true });
  assert.equal(manifest.contents.tables.size, new Set([9, 5]).size);
  assert.equal(older.entries.length, 7);
  assert.deepEqual(
    gaps.map(({ path, fromBytes, firstBatch }) => [path, fromBytes, firstBatch]),
    [[manifestName(2), 64, 1]],
  );
  assert.match(gaps[0]?.detail ?? '', /all of this manifest is given up/);
  assert.deepEqual(world.names(), [manifestName(3), `salvaged-${manifestName(1)}`, `salvaged-${manifestName(2)}`]);
  const again = open(world);
  assert.deepEqual(again.manifest.contents, manifest.contents);
});

test('a salvage of the only manifest, with its snapshot damaged, is still an error', async () => {
  const { image } = await make(true);
  const world = World.from(image);
  world.disk.flipBit(PATH, 70, 1);
  assert.throws(() => open(world, { salvage: true }), DamageError);
});

test('a salvage goes on behind each damaged edit, with what still fits', async () => {
  const made = await make(true);
  for (const [at, entry] of made.entries.entries()) {
    if (at === 0) continue;
    const world = World.from(made.image);
    world.disk.flipBit(PATH, entry.offset + 40, 1);
    const { manifest, gaps } = open(world, { salvage: true });
    const end = entry.offset + entry.sizeBytes;
    assert.deepEqual(
      gaps.map(({ path, fromBytes, toBytes, firstBatch, lastBatch }) => [
        path,
        fromBytes,
        toBytes,
        firstBatch,
        lastBatch,
      ]),
      // Behind the last edit only the closing mark is left.
      [[PATH, entry.offset, at === EDITS.length ? end + 32 : end, at + 1, at === EDITS.length ? undefined : at + 1]],
      `edit ${at}`,
    );
    if (at < EDITS.length) assert.ok(manifest.contents.tables.has(9), `edit ${at}: the last edit counts`);
  }
});

/** An older manifest that could not be removed, and a newer one. */
async function withTwo(): Promise<World> {
  const world = new World();
  await appendAll(world, open(world).manifest, EDITS);
  world.disk.faults.failNth('remove');
  open(world);
  world.disk.faults.heal();
  return World.from(world.disk.snapshot('kept'));
}
