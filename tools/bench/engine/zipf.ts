/**
 * Zipfian draws as YCSB makes them (Gray et al., "Quickly generating billion-record synthetic databases"): of n keys the
 * k-th most asked for gets a share proportional to 1 / k^theta. Scrambled: which keys are hot has nothing to do with the
 * order in which they were put.
 */
import { randomFrom, scrambler } from './random.ts';

export const theta = 0.99;

/** The share of the hottest of `count` keys. */
export function hottestShare(count: number): number {
  return 1 / zeta(count);
}

/** Draws numbers below `count`; the hottest key is always the same one, whatever the seed. */
export function zipfian(count: number, seed: number): () => number {
  const random = randomFrom(seed);
  const scramble = scrambler(count);
  const zetaN = zeta(count);
  const alpha = 1 / (1 - theta);
  const second = 1 + 0.5 ** theta;
  const eta = (1 - (2 / count) ** (1 - theta)) / (1 - zeta(2) / zetaN);
  const rank = (): number => {
    const u = random();
    const uz = u * zetaN;
    if (uz < 1) return 0;
    if (uz < second) return 1;
    return Math.min(count - 1, Math.floor(count * (eta * u - eta + 1) ** alpha));
  };
  return () => scramble(rank());
}

/** Which number the most asked for key has. */
export function hottestNumber(count: number): number {
  return scrambler(count)(0);
}

function zeta(count: number): number {
  let sum = 0;
  for (let k = 1; k <= count; k += 1) sum += 1 / k ** theta;
  return sum;
}
