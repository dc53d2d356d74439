/** The example in `docs/formats/manifest.md` is what the code writes, byte for byte. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { asciiBytes } from '@torc/base/bytes';
import { manifestName } from '../../src/commit-log/names.ts';
import type { PlacedTable } from '../../src/manifest/edit.ts';
import { EngineKey, KEY_PREFIX_BYTES, writeKeyPrefix } from '../../src/key.ts';
import { readManifest } from '../../src/manifest/read-manifest.ts';
import { World } from '../support/world.ts';
import { appendAll, contentsOf, open } from './bench.ts';

const TABLE: PlacedTable = {
  rank: 2,
  meta: {
    number: 1,
    fileBytes: 4321,
    entries: 3,
    parts: 0,
    tombstones: 1,
    expiring: 1,
    firstKey: engineKey('b'),
    lastKey: engineKey('a'),
    lowStamp: 0x75cd78800001,
    highStamp: 0x75cd78800003,
    lowExpiryMs: 0x1941f297c00,
    highExpiryMs: 0x1941f297c00,
    keyBytes: 21,
    recordBytes: 171,
    blocks: 1,
    filterBytes: 64,
    indexBytes: 40,
  },
  holes: [{ from: asciiBytes('x'), to: asciiBytes('y') }],
  damaged: [{ from: asciiBytes('z') }],
};

function engineKey(text: string): Uint8Array {
  const key = asciiBytes(text);
  const bytes = new Uint8Array(KEY_PREFIX_BYTES + key.length);
  writeKeyPrefix(bytes, 0, 0, new EngineKey().aim(0, key, 0, key.length).position);
  bytes.set(key, KEY_PREFIX_BYTES);
  return bytes;
}

/** The bytes of the example: lines of an offset, two spaces, hex. */
function documented(): Uint8Array {
  const text = readFileSync(new URL('../../../../docs/formats/manifest.md', import.meta.url), 'utf8');
  const bytes: number[] = [];
  for (const line of text.split('\n')) {
    const found = /^([0-9a-f]{4})  ((?:[0-9a-f]{2} ?)+)(?:  |$)/.exec(line);
    if (found === null) continue;
    assert.equal(Number.parseInt(found[1] as string, 16), bytes.length, line);
    for (const byte of (found[2] as string).trim().split(' ')) bytes.push(Number.parseInt(byte, 16));
  }
  return Uint8Array.from(bytes);
}

test('the documented manifest is what the code writes and reads', async () => {
  const world = new World({ seed: 'manifest.md' });
  const { manifest } = open(world);
  const edit = {
    put: [TABLE],
    logFloor: 2,
    nextTable: 2,
    state: new Map([[2, 1]]),
    counts: new Map([[0, 2]]),
  };
  await appendAll(world, manifest, [edit, { removed: [1], countChanges: new Map([[0, -1]]) }]);
  await world.scheduler.settle(manifest.settle());
  manifest.close();
  const path = manifestName(1);
  assert.deepEqual(documented(), contentsOf(world.disk, path));
  assert.deepEqual(readManifest(world.disk, path).entries[1]?.edit, edit);
});
