/**
 * The tree of a vnode (DESIGN section 8): what one node holds of one partition, in one placement class, as hashes.
 *
 * 1. Leaves are equal sub-ranges of the partition's positions, 2^depth of them. A leaf's hash is the XOR of the digests of
 *    its entries (`entry-digest.ts`), 64 bits in two lanes; it also counts its keys.
 * 2. A node's hash is the XOR of its children's. So the hash of a range does not depend on how many leaves a tree has: trees
 *    of different depths compare down to the lesser one, a tree shrinks exactly, and it splits exactly when partitions double.
 *    It grows only by listing its keys again.
 * 3. An update touches its leaf and marks a block of leaves; the nodes above are summed when somebody asks. Leaves take
 *    memory from the first update on, inner nodes from the first question on.
 *
 * What may go wrong: an update whose old digest is not what the tree was told before leaves the leaf wrong for good. The
 * exchange then lists that leaf every time and finds nothing; building the tree again from the records heals it.
 */
import { assert } from '@torc/base/assert';
import { partitionOf } from '@torc/base/position';
import type { Digest } from '@torc/base/record/hash';
import { rangeOfPartition, type PositionRange } from '../ring/partitions.ts';
import { highLane, lowLane } from './entry-digest.ts';

export const MIN_DEPTH = 6;
export const MAX_DEPTH = 14;

/** A leaf with so many keys costs as much to list as four nodes on the way to it. */
const KEYS_PER_LEAF = 4;
/** Leaves whose parents are summed together: 2^6. */
const BLOCK_BITS = 6;

/** The depth for so many keys: 64 to 16384 leaves. */
export function depthFor(keyCount: number): number {
  let depth = MIN_DEPTH;
  while (depth < MAX_DEPTH && 2 ** depth * KEYS_PER_LEAF < keyCount) depth += 1;
  return depth;
}

/** The positions of a node of a tree: node `index` of the 2^level on its level. */
export function rangeOfNode(tree: PartitionName, level: number, index: number): PositionRange {
  const { first, last } = rangeOfPartition(tree.partition, tree.partitionBits);
  const positions = (last - first + 1) / 2 ** level;
  return { first: first + index * positions, last: first + (index + 1) * positions - 1 };
}

export interface PartitionName {
  readonly partitionBits: number;
  readonly partition: number;
}

/** The leaves of a tree as they are saved. `low`, `high` and `counts` have 2^depth items. */
export interface Leaves {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly counts: Uint32Array;
}

export class LeafTree implements PartitionName {
  readonly partitionBits: number;
  readonly partition: number;
  /** There are 2^depth leaves. Below 6 only after a split. */
  readonly depth: number;
  readonly #leafShift: number;
  #keyCount = 0;
  #leaves: Leaves | undefined;
  /** In heap order: the root at 1, the children of i at 2i and 2i + 1. Leaves are not in it. */
  #innerLow: Uint32Array | undefined;
  #innerHigh: Uint32Array | undefined;
  /** A byte for each block of leaves: 1 when the nodes above it are not what they should be. */
  readonly #dirty: Uint8Array;
  #isDirty = false;

  constructor(name: PartitionName, depth: number) {
    assert(Number.isInteger(depth) && depth >= 0 && depth <= MAX_DEPTH, `tree: no depth ${depth}`);
    this.partitionBits = name.partitionBits;
    this.partition = name.partition;
    this.depth = depth;
    this.#leafShift = 32 - name.partitionBits - depth;
    this.#dirty = new Uint8Array(2 ** Math.max(0, depth - BLOCK_BITS));
  }

  /** A tree with these leaves, which it keeps. */
  static of(name: PartitionName, depth: number, leaves: Leaves): LeafTree {
    const tree = new LeafTree(name, depth);
    for (const lane of [leaves.low, leaves.high, leaves.counts])
      assert(lane.length === 2 ** depth, 'tree: as many leaves as its depth says');
    for (const count of leaves.counts) tree.#keyCount += count;
    tree.#leaves = leaves;
    tree.#dirty.fill(1);
    tree.#isDirty = true;
    return tree;
  }

  get keyCount(): number {
    return this.#keyCount;
  }

  /** What the leaves hold, or `undefined` while there has been nothing. Not a copy. */
  get leaves(): Leaves | undefined {
    return this.#leaves;
  }

  /** The depth that it should have. Another than its own only when it is off by more than a level. */
  get depthWanted(): number {
    const wanted = depthFor(this.#keyCount);
    return Math.abs(wanted - this.depth) > 1 || this.depth < MIN_DEPTH ? wanted : this.depth;
  }

  /**
   * One key's record changed: from `before`, `undefined` when there was none, to `after`, `undefined` when there is none.
   * `position` lies in the partition; digests are as `digestForTree` makes them.
   */
  update(position: number, keyHash: number, before: Digest | undefined, after: Digest | undefined): void {
    assert(partitionOf(position, this.partitionBits) === this.partition, 'tree: a position of another partition');
    const leaf = this.leafOf(position);
    const leaves = (this.#leaves ??= noLeaves(this.depth));
    let low = leaves.low[leaf] as number;
    let high = leaves.high[leaf] as number;
    if (before !== undefined) {
      low ^= lowLane(keyHash, before);
      high ^= highLane(keyHash, before);
    }
    if (after !== undefined) {
      low ^= lowLane(keyHash, after);
      high ^= highLane(keyHash, after);
    }
    leaves.low[leaf] = low;
    leaves.high[leaf] = high;
    const more = (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    if (more !== 0) this.#count(leaves, leaf, more);
    this.#dirty[leaf >>> BLOCK_BITS] = 1;
    this.#isDirty = true;
  }

  #count(leaves: Leaves, leaf: number, more: number): void {
    const count = (leaves.counts[leaf] as number) + more;
    assert(count >= 0, 'tree: a key leaves a leaf that has none');
    leaves.counts[leaf] = count;
    this.#keyCount += more;
  }

  /** The leaf of a position of this partition. A shift by 32 is no shift, hence the first line. */
  leafOf(position: number): number {
    if (this.depth === 0) return 0;
    return (position >>> this.#leafShift) & (2 ** this.depth - 1);
  }

  /** The low lane of a node: u32. Level 0 is the root, level `depth` the leaves. */
  low(level: number, index: number): number {
    return this.#lane(level, index, 'low');
  }

  /** The high lane of a node: u32. */
  high(level: number, index: number): number {
    return this.#lane(level, index, 'high');
  }

  #lane(level: number, index: number, lane: 'low' | 'high'): number {
    assert(level >= 0 && level <= this.depth && index >= 0 && index < 2 ** level, 'tree: no such node');
    const leaves = this.#leaves;
    if (leaves === undefined) return 0;
    if (level === this.depth) return leaves[lane][index] as number;
    if (this.#isDirty) this.#sum(leaves);
    const inner = (lane === 'low' ? this.#innerLow : this.#innerHigh) as Uint32Array;
    return inner[2 ** level + index] as number;
  }

  /** Sums the nodes above the blocks that changed, then the few above all blocks. */
  #sum(leaves: Leaves): void {
    const low = (this.#innerLow ??= new Uint32Array(2 ** this.depth));
    const high = (this.#innerHigh ??= new Uint32Array(2 ** this.depth));
    const blockBits = Math.min(BLOCK_BITS, this.depth);
    for (let block = 0; block < this.#dirty.length; block += 1) {
      if (this.#dirty[block] === 0) continue;
      this.#dirty[block] = 0;
      // The parents of this block's leaves, then their parents, up to the one node above the block.
      for (let height = 1; height <= blockBits; height += 1) {
        const width = 2 ** (blockBits - height);
        const start = 2 ** (this.depth - height) + block * width;
        for (let node = start; node < start + width; node += 1) {
          if (height === 1) sumLeaves(leaves, node, 2 ** this.depth, low, high);
          else sumNodes(node, low, high);
        }
      }
    }
    for (let node = 2 ** (this.depth - blockBits) - 1; node >= 1; node -= 1) sumNodes(node, low, high);
    this.#isDirty = false;
  }

  /** The same keys in half as many leaves. Exact. */
  shrunk(): LeafTree {
    assert(this.depth > 0, 'tree: one leaf cannot be halved');
    const depth = this.depth - 1;
    const shrunk = new LeafTree(this, depth);
    if (this.#leaves === undefined) return shrunk;
    const { low, high, counts } = this.#leaves;
    const into = noLeaves(depth);
    for (let leaf = 0; leaf < low.length; leaf += 1) {
      const half = leaf >>> 1;
      into.low[half] = (into.low[half] as number) ^ (low[leaf] as number);
      into.high[half] = (into.high[half] as number) ^ (high[leaf] as number);
      into.counts[half] = (into.counts[half] as number) + (counts[leaf] as number);
    }
    return LeafTree.of(this, depth, into);
  }

  /** The trees of the two partitions that this one becomes when partitions double. Exact: leaves keep their positions. */
  split(): readonly [LeafTree, LeafTree] {
    assert(this.depth > 0, 'tree: one leaf cannot be split');
    return [this.#half(0), this.#half(1)];
  }

  #half(side: 0 | 1): LeafTree {
    const name = { partitionBits: this.partitionBits + 1, partition: this.partition * 2 + side };
    const depth = this.depth - 1;
    if (this.#leaves === undefined) return new LeafTree(name, depth);
    const { low, high, counts } = this.#leaves;
    const from = side * 2 ** depth;
    const to = from + 2 ** depth;
    const leaves = { low: low.slice(from, to), high: high.slice(from, to), counts: counts.slice(from, to) };
    return LeafTree.of(name, depth, leaves);
  }
}

function noLeaves(depth: number): Leaves {
  const count = 2 ** depth;
  return { low: new Uint32Array(count), high: new Uint32Array(count), counts: new Uint32Array(count) };
}

function sumLeaves(leaves: Leaves, node: number, firstLeaf: number, low: Uint32Array, high: Uint32Array): void {
  const left = node * 2 - firstLeaf;
  low[node] = (leaves.low[left] as number) ^ (leaves.low[left + 1] as number);
  high[node] = (leaves.high[left] as number) ^ (leaves.high[left + 1] as number);
}

function sumNodes(node: number, low: Uint32Array, high: Uint32Array): void {
  low[node] = (low[node * 2] as number) ^ (low[node * 2 + 1] as number);
  high[node] = (high[node * 2] as number) ^ (high[node * 2 + 1] as number);
}
