/**
 * The two hashes of Torc. Neither is for secrets.
 *
 * - `hash32` is MurmurHash3 x86_32 (A. Appleby, public domain). With seed 0 it is part of the formats (positions on the
 *   ring, record digests): it never changes; vectors stand in `docs/formats/position.md`.
 * - `halfSipHash13` (Aumasson and Bernstein, the 32-bit SipHash with 1 and 3 rounds) indexes memory under a key drawn at
 *   start, so that nobody outside can choose keys that collide.
 */
export function hash32(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let h = seed;
  let i = start;
  for (const last = end - 3; i < last; i += 4) {
    h ^= scramble(
      (bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24),
    );
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  if (i < end) {
    let tail = bytes[i] as number;
    if (i + 1 < end) tail |= (bytes[i + 1] as number) << 8;
    if (i + 2 < end) tail |= (bytes[i + 2] as number) << 16;
    h ^= scramble(tail);
  }
  h ^= end - start;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function scramble(word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}

export function halfSipHash13(bytes: Uint8Array, start: number, end: number, key0: number, key1: number): number {
  let v0 = key0;
  let v1 = key1;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1;
  const whole = end - ((end - start) & 3);
  // One more word than the input holds: the rest of the bytes with the length on top. Then three rounds to finish.
  for (let i = start, finish = 0; finish < 4; i += 4) {
    let word = 0;
    if (i < whole) {
      word =
        (bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24);
    } else {
      if (finish === 0) word = lastWord(bytes, whole, end, end - start);
      else if (finish === 1) v2 ^= 0xff;
      finish += 1;
    }
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}

function lastWord(bytes: Uint8Array, start: number, end: number, length: number): number {
  let word = length << 24;
  if (start < end) word |= bytes[start] as number;
  if (start + 1 < end) word |= (bytes[start + 1] as number) << 8;
  if (start + 2 < end) word |= (bytes[start + 2] as number) << 16;
  return word;
}
