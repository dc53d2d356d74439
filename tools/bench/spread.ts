/**
 * The three numbers that a bench reports of its rounds. The median, because one disturbed round must not move the
 * result; the least and the most beside it, because a median alone hides how far rounds differ.
 */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Of an even count, the median is the mean of the two in the middle. Throws on an empty list or a number that is none. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('a spread needs at least one value');
  if (values.some((value) => !Number.isFinite(value))) throw new RangeError('a spread needs finite values');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  const lower = sorted.length % 2 === 0 ? (sorted[middle - 1] as number) : upper;
  return { min: sorted[0] as number, median: (lower + upper) / 2, max: sorted.at(-1) as number };
}

/**
 * One ratio a round, then their spread. A round measures both sides within seconds of each other, so what slows the
 * machine slows both; the ratio of two medians would compare moments that never met.
 */
export function ratioSpread(numerators: readonly number[], denominators: readonly number[]): Spread {
  if (numerators.length !== denominators.length) throw new RangeError('a ratio needs both sides of each round');
  return spreadOf(numerators.map((value, round) => value / (denominators[round] as number)));
}

/** The smallest value that at least `fraction` of all are not above (nearest rank). */
export function percentile(values: readonly number[], fraction: number): number {
  if (values.length === 0) throw new RangeError('a percentile needs at least one value');
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(fraction * sorted.length));
  return sorted[Math.min(rank, sorted.length) - 1] as number;
}
