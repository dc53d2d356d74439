/** What is read is checked by these; a check that sees nothing would let a store answer anything. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DataSet, keyBytes } from './data.ts';

const valueBytes = 100;

function pair(data: DataSet, number: number): { readonly key: Uint8Array; readonly value: Uint8Array } {
  const key = new Uint8Array(keyBytes);
  const value = new Uint8Array(data.valueBytes);
  data.writeKey(number, key, 0);
  data.writeValue(number, value, 0);
  return { key, value };
}

describe('data set', () => {
  const data = new DataSet(valueBytes);

  test('a value passes for its own number and key alone', () => {
    for (const number of [0, 1, 255, 256, 4_000_000_000]) {
      const { key, value } = pair(data, number);
      data.check(number, value, 0, valueBytes);
      data.checkPair(key, 0, keyBytes, value, 0, valueBytes);
      assert.throws(() => data.check(number + 1, value, 0, valueBytes), /has the value of key/);
      assert.throws(
        () => data.checkPair(pair(data, number + 1).key, 0, keyBytes, value, 0, valueBytes),
        /under another/,
      );
    }
  });

  test('what is missing, too short or too long does not pass', () => {
    const { value } = pair(data, 7);
    assert.throws(() => data.check(7, undefined, 0, 0), /missing/);
    assert.throws(() => data.check(7, value, 0, valueBytes - 1), /99 bytes instead of 100/);
    assert.throws(() => data.check(7, new Uint8Array(200), 0, 200), /200 bytes/);
  });

  test('keys differ, and their order has nothing to do with the numbers', () => {
    const texts = Array.from({ length: 5000 }, (_, number) => Buffer.from(pair(data, number).key).toString('hex'));
    assert.equal(new Set(texts).size, texts.length);
    const rising = texts.filter((text, i) => i > 0 && text > (texts[i - 1] ?? '')).length / texts.length;
    assert.ok(rising > 0.45 && rising < 0.55, `${rising}`);
  });

  test('a key overwritten gets another value', () => {
    assert.notDeepEqual(pair(data, 1).value, pair(data, 1).value);
  });

  test('values too small for their number are refused', () => {
    assert.throws(() => new DataSet(4), RangeError);
  });
});
