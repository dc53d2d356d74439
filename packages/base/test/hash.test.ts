import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from '@torc/base/crc32c';
import { halfSipHash13, hash32 } from '@torc/base/hash';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

test('CRC-32C gives the vectors of RFC 3720 B.4', () => {
  const zeros = new Uint8Array(32);
  const ones = new Uint8Array(32).fill(0xff);
  const up = Uint8Array.from({ length: 32 }, (_, i) => i);
  const down = Uint8Array.from({ length: 32 }, (_, i) => 31 - i);
  assert.equal(crc32c(zeros, 0, 32), 0x8a9136aa);
  assert.equal(crc32c(ones, 0, 32), 0x62a8ab43);
  assert.equal(crc32c(up, 0, 32), 0x46dd794e);
  assert.equal(crc32c(down, 0, 32), 0x113fdb5c);
  assert.equal(crc32c(ascii('123456789'), 0, 9), 0xe3069283);
});

test('CRC-32C goes on from a seed, at every split and every start', () => {
  const bytes = Uint8Array.from({ length: 67 }, (_, i) => (i * 73) & 0xff);
  for (let start = 0; start < 9; start += 1) {
    const whole = crc32c(bytes, start, bytes.length);
    for (let cut = start; cut <= bytes.length; cut += 1) {
      assert.equal(crc32c(bytes, cut, bytes.length, crc32c(bytes, start, cut)), whole);
    }
  }
});

test('hash32 is MurmurHash3 x86_32: published vectors', () => {
  const vectors: [string, number, number][] = [
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['test', 0, 0xba6bd213],
    ['test', 0x9747b28c, 0x704b81dc],
    ['Hello, world!', 0, 0xc0363e43],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
  ];
  for (const [text, seed, expected] of vectors) {
    const bytes = ascii(text);
    assert.equal(hash32(bytes, 0, bytes.length, seed), expected, `${text} ${seed}`);
  }
});

/** HalfSipHash written again, word by word as in its paper, with rounds as a parameter; holds `halfSipHash13` to it. */
function halfSipHash(rounds: [number, number], bytes: Uint8Array, k0: number, k1: number): number {
  let [v0, v1, v2, v3] = [k0, k1, 0x6c796765 ^ k0, 0x74656462 ^ k1];
  const rotate = (x: number, b: number): number => (x << b) | (x >>> (32 - b));
  const round = (): void => {
    v0 = (v0 + v1) | 0;
    v1 = rotate(v1, 5) ^ v0;
    v0 = rotate(v0, 16);
    v2 = (v2 + v3) | 0;
    v3 = rotate(v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotate(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotate(v1, 13) ^ v2;
    v2 = rotate(v2, 16);
  };
  const padded = new Uint8Array(Math.floor(bytes.length / 4) * 4 + 4);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length;
  const view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 4) {
    const word = view.getInt32(at, true);
    v3 ^= word;
    for (let i = 0; i < rounds[0]; i += 1) round();
    v0 ^= word;
  }
  v2 ^= 0xff;
  for (let i = 0; i < rounds[1]; i += 1) round();
  return (v1 ^ v3) >>> 0;
}

test('the reference used here gives the published HalfSipHash-2-4 vectors', () => {
  // From the authors' vectors: key 00 01 .. 07, input 00 01 .. of growing length, 32-bit output, little-endian.
  const expected = [0x5b9f35a9, 0xb85a4727, 0x03a662fa, 0x04e7fe8a];
  expected.forEach((hash, length) => {
    const input = Uint8Array.from({ length }, (_, i) => i);
    assert.equal(halfSipHash([2, 4], input, 0x03020100, 0x07060504), hash);
  });
});

test('halfSipHash13 agrees with the reference at every length, offset and key', () => {
  const bytes = Uint8Array.from({ length: 80 }, (_, i) => (i * 151 + 7) & 0xff);
  for (let start = 0; start < 4; start += 1) {
    for (let length = 0; length < 70; length += 1) {
      const key0 = Math.imul(length + 1, 0x9e3779b1) | 0;
      const key1 = Math.imul(start + 3, 0x85ebca6b) | 0;
      const input = bytes.subarray(start, start + length);
      assert.equal(halfSipHash13(bytes, start, start + length, key0, key1), halfSipHash([1, 3], input, key0, key1));
    }
  }
});
