/** The bench's arithmetic: a wrong median would be believed for years. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { percentile, ratioSpread, spreadOf } from './spread.ts';

describe('spread', () => {
  test('of one round all three are that round', () => {
    assert.deepEqual(spreadOf([7]), { min: 7, median: 7, max: 7 });
  });

  test('of an odd count the median is the middle one, whatever the order', () => {
    assert.deepEqual(spreadOf([30, 10, 20]), { min: 10, median: 20, max: 30 });
    assert.deepEqual(spreadOf([5, 1, 4, 2, 3]), { min: 1, median: 3, max: 5 });
  });

  test('of an even count the median is the mean of the two in the middle', () => {
    assert.deepEqual(spreadOf([1, 100, 2, 4]), { min: 1, median: 3, max: 100 });
  });

  test('numbers are ordered as numbers, not as text', () => {
    assert.deepEqual(spreadOf([100, 9, 80]), { min: 9, median: 80, max: 100 });
  });

  test('one disturbed round moves an end and not the median', () => {
    assert.equal(spreadOf([100, 101, 99, 3, 100]).median, 100);
  });

  test('the rounds themselves are left in order', () => {
    const rounds = [3, 1, 2];
    spreadOf(rounds);
    assert.deepEqual(rounds, [3, 1, 2]);
  });

  test('nothing and no number are refused', () => {
    assert.throws(() => spreadOf([]), RangeError);
    assert.throws(() => spreadOf([1, Number.NaN]), RangeError);
    assert.throws(() => spreadOf([1, Number.POSITIVE_INFINITY]), RangeError);
  });
});

describe('ratio of rounds', () => {
  test('is taken round by round: a slow minute that hits both sides leaves no trace', () => {
    assert.deepEqual(ratioSpread([200, 20, 200], [100, 10, 100]), { min: 2, median: 2, max: 2 });
  });

  test('is not the ratio of the medians', () => {
    const { median } = ratioSpread([100, 10, 50], [50, 20, 10]);
    assert.equal(median, 2);
    assert.notEqual(median, spreadOf([100, 10, 50]).median / spreadOf([50, 20, 10]).median);
  });

  test('needs both sides of each round, and no side that is zero', () => {
    assert.throws(() => ratioSpread([1, 2], [1]), RangeError);
    assert.throws(() => ratioSpread([1], [0]), RangeError);
  });
});

describe('percentile', () => {
  test('is the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    assert.equal(percentile(hundred, 0.5), 50);
    assert.equal(percentile(hundred, 0.99), 99);
    assert.equal(percentile(hundred, 1), 100);
    assert.equal(percentile(hundred, 0), 1);
  });

  test('of few values is one of them', () => {
    assert.equal(percentile([4], 0.99), 4);
    assert.equal(percentile([1, 2], 0.5), 1);
  });
});
