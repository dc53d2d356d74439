/** The filter: never a false negative, false positives as theory has them, malformed ones refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { writeU32 } from '@torc/base/bytes';
import {
  buildFilter,
  FILTER_TRAILER_BYTES,
  filterIsSound,
  filterMayContain,
  probesFor,
} from '../../src/filter/bloom.ts';
import { keyHash } from '../../src/key-hash.ts';

const RAW = new Uint8Array(8);

/** The hash of the n-th key. */
function hashOfKey(n: number): number {
  writeU32(RAW, 0, n);
  return keyHash(0, RAW, 0, RAW.length, 11, 22);
}

test('no false negative, whatever the hashes and the bits', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(0xffffffff), { minLength: 1, maxLength: 300 }),
      fc.double({ min: 0.1, max: 60, noNaN: true }),
      (hashes, bits) => {
        const filter = buildFilter(Uint32Array.from(hashes), hashes.length, bits);
        assert.ok(filterIsSound(filter, 0, filter.length));
        for (const hash of hashes) assert.ok(filterMayContain(filter, 0, filter.length, hash));
      },
    ),
    { seed: 1, numRuns: 100 },
  );
});

/**
 * The expected share of false positives with exact numbers: the mean of (filled / bits) ^ probes, over how many bits so
 * many throws fill. For large filters that is the textbook's formula.
 */
function theory(keys: number, bits: number, probes: number): number {
  if (keys > 50) return (1 - (1 - 1 / bits) ** (keys * probes)) ** probes;
  let filled = new Float64Array(bits + 1);
  filled[0] = 1;
  for (let n = keys * probes; n > 0; n -= 1) {
    const next = new Float64Array(bits + 1);
    for (let f = 0; f <= bits; f += 1) {
      const p = filled[f] as number;
      next[f] = (next[f] as number) + (p * f) / bits;
      if (f < bits) next[f + 1] = p * (1 - f / bits);
    }
    filled = next;
  }
  return filled.reduce((sum, p, f) => sum + p * (f / bits) ** probes, 0);
}

test('false positives are within 20 % of theory from 1 to 10,000 keys', () => {
  for (const [keys, bitsPerKey] of [
    [1, 10],
    [2, 30],
    [5, 10],
    [10, 10],
    [50, 8.5],
    [100, 10],
    [1000, 5],
    [1000, 10],
    [10_000, 10],
    [10_000, 12.3],
  ] as const) {
    const asked = 400_000;
    // Of few keys many filters: one alone may be lucky.
    const filters = keys >= 1000 ? 2 : 400;
    const hashes = new Uint32Array(keys);
    let wrong = 0;
    let next = 1;
    let bits = 0;
    for (let f = 0; f < filters; f += 1) {
      for (let i = 0; i < keys; i += 1) hashes[i] = hashOfKey(next++);
      const filter = buildFilter(hashes, keys, bitsPerKey);
      bits = Math.max(64, Math.ceil(keys * bitsPerKey));
      for (let i = 0; i < asked / filters; i += 1) {
        if (filterMayContain(filter, 0, filter.length, hashOfKey(next++))) wrong += 1;
      }
    }
    const expected = theory(keys, bits, probesFor(bitsPerKey)) * asked;
    // Four deviations of chance come on top where few are expected at all.
    const slack = 0.2 * expected + (expected < 500 ? 4 * Math.sqrt(expected) + 1 : 0);
    assert.ok(Math.abs(wrong - expected) <= slack, `${keys} keys, ${bitsPerKey} bits: ${wrong}, expected ${expected}`);
  }
});

test('bits per key give the probes of the textbook, within bounds', () => {
  assert.deepEqual(
    [0.1, 1, 5, 10, 12.3, 100].map((bits) => probesFor(bits)),
    [1, 1, 3, 7, 9, 30],
  );
});

test('a filter whose numbers do not agree with its size is not sound', () => {
  const filter = buildFilter(Uint32Array.of(1, 2, 3), 3, 10);
  const numbersAt = filter.length - FILTER_TRAILER_BYTES;
  for (const [at, value] of [
    [numbersAt, 0],
    [numbersAt, 65],
    [numbersAt, 0xffffffff],
    [numbersAt + 4, 0],
    [numbersAt + 4, 31],
  ] as const) {
    const bad = filter.slice();
    writeU32(bad, at, value);
    assert.equal(filterIsSound(bad, 0, bad.length), false);
    assert.equal(filterMayContain(bad, 0, bad.length, 99), true, 'what is not sound says maybe');
  }
  assert.equal(filterIsSound(filter, 0, filter.length - 1), false);
  assert.equal(filterIsSound(filter, 0, 8), false);
  assert.equal(filterIsSound(filter, 0, 0), false);
});
