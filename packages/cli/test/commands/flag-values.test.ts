/** The values of flags: what is taken, what is refused, and that what a default says can be given back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgumentError } from 'commander';
import { parseShare, parseSize, parseWhole, sizeText } from '../../src/commands/flag-values.ts';

const MIB = 1024 * 1024;

test('a size is bytes, or a number with a unit of 1024, in either case', () => {
  const sizes = { '4096': 4096, '4kb': 4096, '64mb': 64 * MIB, '64MB': 64 * MIB, '1gb': 1024 * MIB, '1Gb': 1024 * MIB };
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseSize(text, 1, 2 ** 40), bytes, text);
  assert.equal(parseSize('0', 0, 10), 0);
});

test('what is no size, or out of range, is refused with what would be right', () => {
  for (const text of [
    '',
    'mb',
    '1.5gb',
    '-1',
    '1 mb',
    '64m',
    '1tb',
    '0x10',
    '1e3',
    '3kb',
    '5gb',
    '9999999999999999mb',
  ]) {
    assert.throws(
      () => parseSize(text, 4096, 4 * 1024 * MIB),
      (error) => {
        return error instanceof InvalidArgumentError && /from 4kb to 4gb/.test(error.message);
      },
      text,
    );
  }
});

test('a size is written as a flag takes it', () => {
  for (const text of ['0', '1', '4095', '4kb', '6kb', '64mb', '1536mb', '3gb']) {
    assert.equal(sizeText(parseSize(text, 0, 2 ** 50)), text);
  }
});

test('whole numbers and shares have their range, and no other form', () => {
  assert.equal(parseWhole('7', 1, 10), 7);
  assert.equal(parseShare('0.25', 0.01, 4), 0.25);
  for (const text of ['', '-1', '1.5', 'x', '11', '1e1']) assert.throws(() => parseWhole(text, 1, 10), /from 1 to 10/);
  for (const text of ['', '0', '.5', '1e-1', '5', 'NaN'])
    assert.throws(() => parseShare(text, 0.01, 4), /from 0.01 to 4/);
});
