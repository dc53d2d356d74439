/**
 * A Bloom filter over 32-bit hashes of keys. Byte by byte in `docs/formats/table.md`.
 *
 *     bits | u32 number of bits | u32 probes
 *
 * Double hashing out of one hash: the second comes from the first by a mixing function, and the step is stirred at every
 * probe, because the points of an even step are too alike in small filters. A hash is scaled to a bit by its high end, so
 * that the number of bits may be any.
 *
 * Never a false negative: a filter that is not sound says "maybe". Whoever has a path to name asks `filterIsSound` first.
 */
import { readU32, writeU32 } from '@torc/base/bytes';

export const FILTER_TRAILER_BYTES = 8;
export const MAX_PROBES = 30;
/** A smaller filter would be worse than its bits a key promise, and save nothing. */
const MIN_BITS = 64;
const TWO_32 = 4294967296;
const STIR = 0x9e3779b1;

/** How many probes are best for so many bits a key. */
export function probesFor(bitsPerKey: number): number {
  return Math.min(MAX_PROBES, Math.max(1, Math.round(bitsPerKey * Math.LN2)));
}

/** A filter over the first `count` hashes; `bitsPerKey` is above 0 and may be a fraction. */
export function buildFilter(hashes: Uint32Array, count: number, bitsPerKey: number): Uint8Array {
  const bits = Math.max(MIN_BITS, Math.ceil(count * bitsPerKey));
  const probes = probesFor(bitsPerKey);
  const bitBytes = Math.ceil(bits / 8);
  const filter = new Uint8Array(bitBytes + FILTER_TRAILER_BYTES);
  for (let i = 0; i < count; i += 1) {
    let point = hashes[i] as number;
    let step = secondHash(point);
    for (let probe = 0; probe < probes; probe += 1) {
      const bit = Math.floor(((point >>> 0) * bits) / TWO_32);
      filter[bit >>> 3] = (filter[bit >>> 3] as number) | (1 << (bit & 7));
      point = (point + step) | 0;
      step = Math.imul(step, STIR);
    }
  }
  writeU32(filter, bitBytes, bits);
  writeU32(filter, bitBytes + 4, probes);
  return filter;
}

/** Whether `[start, end)` holds a filter whose numbers agree with its size. */
export function filterIsSound(filter: Uint8Array, start: number, end: number): boolean {
  const bitBytes = end - start - FILTER_TRAILER_BYTES;
  if (bitBytes < 1) return false;
  const bits = readU32(filter, end - 8);
  const probes = readU32(filter, end - 4);
  return Math.ceil(bits / 8) === bitBytes && probes >= 1 && probes <= MAX_PROBES;
}

/** `false` only when no key with this hash went into the filter. */
export function filterMayContain(filter: Uint8Array, start: number, end: number, hash: number): boolean {
  if (!filterIsSound(filter, start, end)) return true;
  const bits = readU32(filter, end - 8);
  let point = hash;
  let step = secondHash(hash);
  for (let probe = readU32(filter, end - 4); probe > 0; probe -= 1) {
    const bit = Math.floor(((point >>> 0) * bits) / TWO_32);
    if (((filter[start + (bit >>> 3)] as number) & (1 << (bit & 7))) === 0) return false;
    point = (point + step) | 0;
    step = Math.imul(step, STIR);
  }
  return true;
}

/** The finish of MurmurHash3: every bit of the first hash moves every bit of the second. Odd, so that stirring keeps it so. */
function secondHash(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 1;
}
