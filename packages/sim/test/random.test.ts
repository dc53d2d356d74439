/** The streams of the simulator stay what they are: a seed in a corpus must mean the same run for ever. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '../src/random.ts';

function first(random: SimRandom): number[] {
  return [random.uint32(), random.uint32(), random.uint32()];
}

test('known streams', () => {
  assert.deepEqual(
    [first(new SimRandom(0)), first(new SimRandom('seed')), first(new SimRandom(7).fork('disk').fork('faults'))],
    [
      [1749898054, 729307617, 3354941253],
      [1739365278, 1318865193, 2503865983],
      [1749230368, 3025974944, 2677608793],
    ],
  );
});

test('chance and pick', () => {
  const random = new SimRandom(1);
  assert.equal(random.chance(0), false);
  assert.equal(random.chance(1), true);
  assert.equal(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c']))).size, 3);
  assert.throws(() => random.pick([]));
});

test('neighbouring seeds have nothing in common', () => {
  const seen = new Set<number>();
  for (let seed = 0; seed < 1000; seed++) for (const word of first(new SimRandom(seed))) seen.add(word);
  assert.ok(seen.size >= 2998, String(seen.size));
});
