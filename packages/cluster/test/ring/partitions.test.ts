/** Partitions are equal arcs that cover the ring; doubling splits each in two. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvariantError } from '@torc/base/assert';
import { partitionOf } from '@torc/base/position';
import {
  childrenOf,
  MAX_PARTITION_BITS,
  parentOf,
  partitionCount,
  rangeOfPartition,
} from '../../src/ring/partitions.ts';

const bits = fc.integer({ min: 0, max: MAX_PARTITION_BITS });
const positions = fc.integer({ min: 0, max: 0xffffffff });

test('a position lies in the range of its partition and in no other', () => {
  fc.assert(
    fc.property(bits, positions, (bits, position) => {
      const partition = partitionOf(position, bits);
      const { first, last } = rangeOfPartition(partition, bits);
      assert.ok(first <= position && position <= last);
      assert.ok(partition < partitionCount(bits));
    }),
  );
});

test('ranges follow each other without a gap, from the first position to the last', () => {
  for (let bits = 0; bits <= 8; bits += 1) {
    let next = 0;
    for (let partition = 0; partition < partitionCount(bits); partition += 1) {
      const { first, last } = rangeOfPartition(partition, bits);
      assert.equal(first, next);
      next = last + 1;
    }
    assert.equal(next, 2 ** 32);
  }
});

test('the children of a partition cover what it covered, and know it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX_PARTITION_BITS - 1 }), positions, (bits, position) => {
      const parent = partitionOf(position, bits);
      const [left, right] = childrenOf(parent);
      const whole = rangeOfPartition(parent, bits);
      assert.equal(rangeOfPartition(left, bits + 1).first, whole.first);
      assert.equal(rangeOfPartition(right, bits + 1).last, whole.last);
      assert.equal(parentOf(partitionOf(position, bits + 1)), parent);
    }),
  );
});

test('what is no partition is a bug', () => {
  assert.throws(() => partitionCount(15), InvariantError);
  assert.throws(() => rangeOfPartition(4, 2), InvariantError);
  assert.throws(() => rangeOfPartition(-1, 2), InvariantError);
});
