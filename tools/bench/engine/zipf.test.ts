/** The skew of the mixed rows: with another one every number there would mean something else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mix32, scrambler } from './random.ts';
import { hottestNumber, hottestShare, zipfian } from './zipf.ts';

const keys = 100_000;
const draws = 200_000;

function shares(seed: number): Uint32Array {
  const next = zipfian(keys, seed);
  const counts = new Uint32Array(keys);
  for (let draw = 0; draw < draws; draw += 1) {
    const number = next();
    counts[number] = (counts[number] ?? 0) + 1;
  }
  return counts;
}

describe('zipfian draws', () => {
  test('the hottest of 100 000 keys should get 7.8 %', () => {
    assert.ok(Math.abs(hottestShare(keys) - 0.078) < 0.0005, `${hottestShare(keys)}`);
  });

  for (const seed of [1, 2]) {
    test(`with seed ${seed} it gets that, within four deviations of sampling`, () => {
      const counts = shares(seed);
      const hottest = counts.indexOf(counts.reduce((most, count) => Math.max(most, count), 0));
      assert.equal(hottest, hottestNumber(keys));
      const expected = hottestShare(keys);
      const deviation = Math.sqrt((expected * (1 - expected)) / draws);
      const share = (counts[hottest] ?? 0) / draws;
      assert.ok(Math.abs(share - expected) < 4 * deviation, `${share} instead of ${expected}`);
    });
  }

  test('the second key gets half as much, about, and a tenth of the keys get most of it', () => {
    const sorted = shares(3).toSorted((a, b) => b - a);
    const ratio = (sorted[0] ?? 0) / (sorted[1] ?? 1);
    assert.ok(ratio > 1.8 && ratio < 2.2, `${ratio}`);
    const tenth = sorted.subarray(0, keys / 10).reduce((sum, count) => sum + count, 0) / draws;
    assert.ok(tenth > 0.75 && tenth < 0.9, `${tenth}`);
  });

  test('hot keys are not those that were put first', () => {
    const counts = shares(4);
    const first = counts.subarray(0, keys / 10).reduce((sum, count) => sum + count, 0) / draws;
    assert.ok(first < 0.3, `${first}`);
  });
});

describe('permutations', () => {
  for (const count of [1, 2, 3, 1000, 65_536, 100_000]) {
    test(`each of ${count} numbers comes out once`, () => {
      const scramble = scrambler(count);
      const seen = new Set(Array.from({ length: count }, (_, number) => scramble(number)));
      assert.equal(seen.size, count);
      assert.ok([...seen].every((number) => number >= 0 && number < count));
    });
  }

  test('no two numbers of a run are mixed into one', () => {
    const seen = new Set(Array.from({ length: 50_000 }, (_, number) => mix32(number)));
    assert.equal(seen.size, 50_000);
  });
});
