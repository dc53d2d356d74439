/**
 * Partitions: 2^`bits` equal arcs of the ring of 2^32 positions (DESIGN section 5). Which one a position belongs to is
 * `partitionOf` in `@torc/base/position`.
 *
 * When their number doubles, partition p becomes 2p and 2p + 1: a prefix of the position grows by one bit, so the children
 * cover exactly what the parent covered, and no key changes its place on disk.
 */
import { assert } from '@torc/base/assert';

/** 16384 partitions: one for each of Redis's slots, which no partition ever splits. */
export const MAX_PARTITION_BITS = 14;

const POSITION_BITS = 32;

export interface PositionRange {
  /** u32, inclusive. */
  readonly first: number;
  /** u32, inclusive: the end of the last partition, 2^32, would not be a u32. */
  readonly last: number;
}

export function partitionCount(bits: number): number {
  assert(
    Number.isInteger(bits) && bits >= 0 && bits <= MAX_PARTITION_BITS,
    `partitions: not a power that can be: ${bits}`,
  );
  return 2 ** bits;
}

/** The positions of a partition. */
export function rangeOfPartition(partition: number, bits: number): PositionRange {
  const count = partitionCount(bits);
  assert(Number.isInteger(partition) && partition >= 0 && partition < count, `partitions: no ${partition} of ${count}`);
  const positions = 2 ** (POSITION_BITS - bits);
  return { first: partition * positions, last: (partition + 1) * positions - 1 };
}

/** The two partitions that this one becomes when the number of partitions doubles. */
export function childrenOf(partition: number): readonly [number, number] {
  return [partition * 2, partition * 2 + 1];
}

/** The partition that this one was part of before the number of partitions doubled. */
export function parentOf(partition: number): number {
  return partition >>> 1;
}
