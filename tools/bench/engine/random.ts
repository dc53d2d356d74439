/** Randomness that a seed repeats: draws, a permutation of 32 bits, and one of any range. */

/** A permutation of the numbers of 32 bits (the finisher of MurmurHash3): no two numbers share a result. */
export function mix32(number: number): number {
  let hash = number | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Draws from 0 up to 1, in steps of 2^-32 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = mix32(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A permutation of the numbers below `count`: within the next power of two every step can be undone, and a result that
 * is too large is put through again until it is not.
 */
export function scrambler(count: number): (number: number) => number {
  const bits = Math.max(2, Math.ceil(Math.log2(count)));
  const mask = 2 ** bits - 1;
  const half = bits >>> 1;
  const once = (number: number): number => {
    let word = (Math.imul(number, 0x2c1b3c6d) + 0x297a2d39) & mask;
    word = Math.imul(word ^ (word >>> half), 0x5bd1e995) & mask;
    return (word ^ (word >>> half)) >>> 0;
  };
  return (number) => {
    let scrambled = once(number);
    while (scrambled >= count) scrambled = once(scrambled);
    return scrambled;
  };
}
