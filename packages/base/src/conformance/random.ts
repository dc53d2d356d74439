/**
 * The conformance suite of the `Random` port: ranges, evenness in the rough, and forks that nobody shifts.
 */
import { InvariantError } from '../assert.ts';
import type { Random } from '../ports/random.ts';
import { type Case, type Closable, expect, expectEqual, expectList, expectThrows, oneCase } from './suite.ts';

export interface RandomBench extends Closable {
  readonly random: Random;
}

const randomCase = oneCase<RandomBench>;

export const RANDOM_CASES: readonly Case<RandomBench>[] = [
  randomCase('uint32 gives integers of 32 bits, every bit both ways', async ({ random }) => {
    let ever = 0;
    let always = -1;
    for (let i = 0; i < 2000; i++) {
      const word = random.uint32();
      expect(Number.isInteger(word) && word >= 0 && word < 2 ** 32, `${word} is no uint32`);
      ever |= word;
      always &= word;
    }
    expectEqual(ever >>> 0, 0xffffffff, 'bits ever set');
    expectEqual(always >>> 0, 0, 'bits always set');
  }),
  randomCase('uint32 does not repeat itself', async ({ random }) => {
    const seen = new Set(draws(random, 5000));
    // Five thousand draws out of 2^32 share a value about 0.003 times.
    expect(seen.size >= 4995, `only ${seen.size} different values in 5000 draws`);
  }),
  randomCase('below stays below, at both ends of its range', async ({ random }) => {
    for (const limit of [1, 2, 3, 1000, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32]) {
      for (let i = 0; i < 50; i++) {
        const drawn = random.below(limit);
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < limit, `${drawn} below ${limit}`);
      }
    }
    expectEqual(random.below(1), 0, 'below 1');
  }),
  randomCase('below is even', async ({ random }) => {
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 12000; i++) bump(counts, random.below(6));
    // Each expects 2000 with a deviation of 41: seven deviations either way.
    for (const count of counts) expect(count > 1700 && count < 2300, `uneven: ${counts.join(' ')}`);
  }),
  randomCase('below has no bias towards small numbers', async ({ random }) => {
    // With a bare remainder the lower third of this range would come twice as often as the rest.
    const limit = 3 * 2 ** 30;
    const thirds = [0, 0, 0];
    for (let i = 0; i < 6000; i++) bump(thirds, Math.floor(random.below(limit) / 2 ** 30));
    for (const count of thirds) expect(count > 1740 && count < 2260, `uneven: ${thirds.join(' ')}`);
  }),
  randomCase('below refuses a limit outside its range as a bug', async ({ random }) => {
    for (const limit of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) {
      expectThrows(InvariantError, () => random.below(limit), `limit ${limit}`);
    }
  }),
  randomCase('fraction is in [0, 1) and even', async ({ random }) => {
    let sum = 0;
    for (let i = 0; i < 4000; i++) {
      const drawn = random.fraction();
      expect(drawn >= 0 && drawn < 1, `${drawn} is no fraction`);
      sum += drawn;
    }
    expect(Math.abs(sum / 4000 - 0.5) < 0.035, `mean ${sum / 4000}`);
  }),
  randomCase('a fork is the same however many draws the parent has made', async ({ random }) => {
    const early = draws(random.fork('x'), 20);
    draws(random, 100);
    expectList(draws(random.fork('x'), 20), early, 'the later fork');
  }),
  randomCase('forks of forks are the same too', async ({ random }) => {
    const parent = random.fork('x');
    const early = draws(parent.fork('y'), 20);
    draws(parent, 7);
    expectList(draws(random.fork('x').fork('y'), 20), early, 'the same path of labels');
  }),
  randomCase('a fork does not shift its parent', async ({ random }) => {
    const plain = draws(random.fork('p'), 20);
    const parent = random.fork('p');
    draws(parent.fork('child'), 5);
    expectList(draws(parent, 20), plain, 'draws of a parent that forked');
  }),
  randomCase('streams of different labels have nothing in common', async ({ random }) => {
    const labels = ['', 'a', 'b', 'ab', 'ba', 'a b', '\0', 'label 1', 'label 2', 'ä', '鍵'];
    const seen = new Set<number>();
    for (const label of labels) for (const word of draws(random.fork(label), 50)) seen.add(word);
    for (const word of draws(random.fork('a').fork('b'), 50)) seen.add(word);
    for (const word of draws(random, 50)) seen.add(word);
    expect(seen.size >= (labels.length + 2) * 50 - 3, `streams share values: ${seen.size}`);
  }),
];

function draws(random: Random, count: number): number[] {
  const drawn: number[] = [];
  for (let i = 0; i < count; i++) drawn.push(random.uint32());
  return drawn;
}

function bump(counts: number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}
