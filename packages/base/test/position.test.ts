import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hash32 } from '@torc/base/hash';
import { crc16, partitionOf, positionOf, slotOf } from '@torc/base/position';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const slot = (text: string): number => slotOf(positionOf(ascii(text), 0, text.length));

test('CRC16-XMODEM gives its check value', () => {
  assert.equal(crc16(ascii('123456789'), 0, 9), 0x31c3);
});

test('slots are those of Redis Cluster (redis-cli CLUSTER KEYSLOT)', () => {
  const vectors: [string, number][] = [
    ['', 0],
    ['foo', 12182],
    ['bar', 5061],
    ['hello', 866],
    ['somekey', 11058],
    ['foo{hash_tag}', 2515],
    ['hash_tag', 2515],
    ['{user1000}.following', 3443],
    ['{user1000}.followers', 3443],
    ['foo{}{bar}', 8363],
    ['foo{{bar}}zap', 4015],
    ['foo{bar}{zap}', 5061],
  ];
  for (const [key, expected] of vectors) assert.equal(slot(key), expected, key);
});

test('the low 18 bits are the top of hash32 of the tag, so keys of one tag share a position', () => {
  const tag = ascii('user:1');
  const position = positionOf(tag, 0, tag.length);
  assert.equal(position & 0x3ffff, hash32(tag, 0, tag.length, 0) >>> 14);
  const tagged = ascii('cart{user:1}x');
  assert.equal(positionOf(tagged, 0, tagged.length), position);
});

test('a key is read from its range only', () => {
  const around = ascii('{a}foo{b}');
  assert.equal(slotOf(positionOf(around, 3, 6)), 12182);
});

test('partitions are the top bits; one partition needs no shift by 32', () => {
  assert.equal(partitionOf(0xffffffff, 0), 0);
  assert.equal(partitionOf(0xffffffff, 8), 255);
  assert.equal(partitionOf(0x80000000, 1), 1);
  assert.equal(partitionOf(0x7fffffff, 1), 0);
  for (const position of [0, 1, 0x12345678, 0xfedcba98, 0xffffffff]) {
    for (let bits = 0; bits < 14; bits += 1) {
      assert.equal(partitionOf(position, bits + 1) >>> 1, partitionOf(position, bits));
    }
  }
});
