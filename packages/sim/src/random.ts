/**
 * The simulator's randomness: sfc32 (Chris Doty-Humphrey, PractRand), keyed by a seed and a path of labels.
 *
 * 1. The same seed and the same labels give the same stream, however many draws the parent has made: `fork` derives the
 *    child from the parent's key, which never changes, and not from its state, which does.
 * 2. Nothing here asks the machine for anything: no clock, no `Math.random`.
 *
 * What may go wrong: two consumers that use one label share one stream and see the same draws.
 */
import { assert } from '@torc/base/assert';
import type { Random } from '@torc/base/ports/random';

/** Four words that name a stream; its state starts from them. */
export type StreamKey = readonly [number, number, number, number];

export class SimRandom implements Random {
  readonly #key: StreamKey;
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: number | string | StreamKey) {
    this.#key = typeof seed === 'object' ? seed : absorb(INITIAL_KEY, String(seed));
    [this.#a, this.#b, this.#c, this.#counter] = this.#key;
    for (let round = 0; round < 12; round++) this.uint32();
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  below(limit: number): number {
    assert(Number.isInteger(limit) && limit >= 1 && limit <= TWO_POW_32, 'random.below: limit from 1 to 2^32');
    // Draws above the last whole multiple of `limit` are thrown away, so that no value is favoured.
    const ceiling = TWO_POW_32 - (TWO_POW_32 % limit);
    for (;;) {
      const drawn = this.uint32();
      if (drawn < ceiling) return drawn % limit;
    }
  }

  fraction(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  fork(label: string): SimRandom {
    return new SimRandom(absorb(this.#key, label));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return probability > 0 && this.fraction() < probability;
  }

  /** One element of a list that is not empty. */
  pick<T>(from: readonly T[]): T {
    assert(from.length > 0, 'random.pick: nothing to pick from');
    return from[this.below(from.length)] as T;
  }
}

const TWO_POW_32 = 4294967296;
const INITIAL_KEY: StreamKey = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667];

/** Mixes a label into a key, code unit by code unit and its length last, so that `a`+`b` is not `ab`. */
function absorb(key: StreamKey, label: string): StreamKey {
  let [a, b, c, d] = key;
  for (let i = 0; i <= label.length; i++) {
    const unit = i < label.length ? label.charCodeAt(i) : label.length ^ 0x5bf03635;
    a = b ^ Math.imul(a ^ unit, 0x85ebca6b);
    b = c ^ Math.imul(b ^ unit, 0xc2b2ae35);
    c = d ^ Math.imul(c ^ unit, 0x27d4eb2f);
    d = a ^ Math.imul(d ^ unit, 0x165667b1);
    a = (a << 13) | (a >>> 19);
    c = (c << 7) | (c >>> 25);
  }
  return [finish(a ^ c), finish(b ^ d ^ a), finish(c ^ b), finish(d ^ a ^ c)];
}

/** The finalizer of MurmurHash3. */
function finish(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
