/** A document comes back as it was; bytes that are no document are refused, whatever they claim. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { crc32c } from '@torc/base/crc32c';
import { writeU32 } from '@torc/base/bytes';
import { CodecError } from '@torc/base/errors';
import { SimRandom } from '@torc/sim/random';
import { decodeTopology, encodeTopology } from '../../src/topology/codec.ts';
import { addMember, bootstrap, changeMember } from '../../src/topology/edits.ts';
import { changeSeats } from '../../src/topology/seat-edits.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { planned } from '../support/changes.ts';
import { drawCluster } from '../support/worlds.ts';

/** The document of the example in `docs/formats/topology.md`. */
function example(): Topology {
  const place = { rack: 'r', dc: 'd', weight: 100 };
  const first = bootstrap({
    clusterId: 'c1',
    formatNumber: 1,
    partitionBits: 1,
    member: { id: 'n1', host: 'h1', ...place },
    classes: [{ name: 'two', copies: 2, copiesByDc: [{ dc: 'd', copies: 2 }] }],
    buckets: [{ name: 'default', db: 0, conflict: 'latest', placementClass: 'two' }],
  });
  const at = { placementClass: 'two' };
  const seated = changeSeats(first, [
    { ...at, partition: 0, kind: 'add', to: 1 },
    { ...at, partition: 1, kind: 'add', to: 1 },
  ]);
  const joined = addMember(seated, { id: 'n2', host: 'h2', ...place });
  return changeSeats(changeMember(joined, 2, { state: 'active' }), [{ ...at, partition: 1, kind: 'add', to: 2 }]);
}

function resealed(bytes: Uint8Array): Uint8Array {
  writeU32(bytes, bytes.length - 4, crc32c(bytes, 0, bytes.length - 4));
  return bytes;
}

test('a document comes back as it was, and its bytes come back as they were', () => {
  for (let seed = 1; seed <= 150; seed += 1) {
    const random = new SimRandom(seed);
    const drawn = drawCluster(random);
    const topology = random.chance(0.7) ? planned(drawn) : drawn;
    const bytes = encodeTopology(topology);
    const back = decodeTopology(bytes);
    assert.deepEqual(back, topology, `seed ${seed}`);
    assert.deepEqual(encodeTopology(back), bytes, `seed ${seed}`);
  }
});

test('every flipped bit and every cut is refused', () => {
  const bytes = encodeTopology(example());
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = bytes.slice();
    flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
    assert.throws(() => decodeTopology(flipped), CodecError);
  }
  for (let length = 0; length < bytes.length; length += 1)
    assert.throws(() => decodeTopology(bytes.subarray(0, length)), CodecError);
});

test('bytes with a right checksum are refused, or are the one form of what they say', () => {
  let refused = 0;
  let read = 0;
  const bytes = encodeTopology(example());
  for (let seed = 1; seed <= 20_000; seed += 1) {
    const random = new SimRandom(seed);
    const length = random.chance(0.8) ? bytes.length : random.below(bytes.length + 8);
    const changed = new Uint8Array(length);
    changed.set(bytes.subarray(0, length));
    for (let n = 1 + random.below(2); n > 0; n -= 1) changed[random.below(Math.max(1, length))] = random.below(256);
    if (length < 4) continue;
    try {
      assert.deepEqual(encodeTopology(decodeTopology(resealed(changed))), changed, `seed ${seed}`);
      read += 1;
    } catch (error) {
      assert.ok(error instanceof CodecError, `seed ${seed}: ${String(error)}`);
      refused += 1;
    }
  }
  assert.ok(refused > 5000 && read > 500, `${refused} refused, ${read} read`);
});

test('a version that is not known is told by its number', () => {
  const later = encodeTopology(example());
  later[8] = 2;
  assert.throws(() => decodeTopology(resealed(later)), /topology of version 2; version 1 is known here/);
});

test('the example in docs/formats/topology.md is what the code writes', () => {
  const page = readFileSync(new URL('../../../../docs/formats/topology.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^[\da-f]{4} {2}((?:[\da-f]{2} )*[\da-f]{2})(?: {2,}.*)?$/gm)];
  const bytes = rows.flatMap(([, row]) => (row ?? '').split(' ').map((pair) => Number.parseInt(pair, 16)));
  assert.deepEqual(Uint8Array.from(bytes), encodeTopology(example()));
});
