/** Trees: hashes say what is held, at every level and depth, whatever order it came in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionOf } from '@torc/base/position';
import type { Digest } from '@torc/base/record/hash';
import { SimRandom } from '@torc/sim/random';
import { digestForTree, hashOfKey, highLane, lowLane } from '../../src/exchange/entry-digest.ts';
import { decodeTree, encodeTree } from '../../src/exchange/tree-codec.ts';
import { depthFor, LeafTree, MAX_DEPTH, rangeOfNode } from '../../src/exchange/tree.ts';
import { MemoryStore, keyOf, keysIn, positionIn } from './memory-store.ts';
import { isRefused } from './world.ts';

const name = { partitionBits: 3, partition: 5 };

function nodesOf(tree: LeafTree): readonly number[][] {
  const nodes: number[][] = [];
  for (let level = 0; level <= tree.depth; level += 1)
    for (let node = 0; node < 2 ** level; node += 1)
      nodes.push([level, node, tree.low(level, node), tree.high(level, node)]);
  return nodes;
}

interface Entry {
  readonly position: number;
  readonly keyHash: number;
  readonly digest: Digest;
}

function drawEntries(random: SimRandom, bits: number, partition: number, count: number): Entry[] {
  return Array.from({ length: count }, () => ({
    position: partition * 2 ** (32 - bits) + random.below(2 ** (32 - bits)),
    keyHash: random.uint32(),
    digest: { low: random.uint32(), high: random.uint32() },
  }));
}

function treeOf(
  entries: readonly Entry[],
  depth: number,
  bits = name.partitionBits,
  partition = name.partition,
): LeafTree {
  const tree = new LeafTree({ partitionBits: bits, partition }, depth);
  for (const { position, keyHash, digest } of entries) tree.update(position, keyHash, undefined, digest);
  return tree;
}

test('every node is the sum of the entries in its range, after any mixture of updates and questions', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = new SimRandom(seed);
    const depth = random.below(12);
    const entries = drawEntries(random, 3, 5, random.below(300));
    const tree = new LeafTree(name, depth);
    const held = new Map<Entry, Digest>();
    for (let n = 0; n < 600 && entries.length > 0; n += 1) {
      const entry = entries[random.below(entries.length)] as Entry;
      const after = random.chance(0.3) ? undefined : { low: random.uint32(), high: random.uint32() };
      tree.update(entry.position, entry.keyHash, held.get(entry), after);
      if (after === undefined) held.delete(entry);
      else held.set(entry, after);
      if (random.chance(0.02)) tree.low(0, 0);
    }
    for (const [level, node, low, high] of nodesOf(tree)) {
      const { first, last } = rangeOfNode(name, level as number, node as number);
      let wantLow = 0;
      let wantHigh = 0;
      for (const [{ position, keyHash }, digest] of held) {
        if (position < first || position > last) continue;
        wantLow ^= lowLane(keyHash, digest);
        wantHigh ^= highLane(keyHash, digest);
      }
      assert.deepEqual([low, high], [wantLow >>> 0, wantHigh >>> 0], `seed ${seed} level ${level} node ${node}`);
    }
    assert.equal(tree.keyCount, held.size, `seed ${seed}`);
  }
});

test('trees of different depths agree on every level that both have, and a tree shrinks to exactly the lesser one', () => {
  const entries = drawEntries(new SimRandom(1), 3, 5, 2000);
  const fine = treeOf(entries, 11);
  let shrunk = fine;
  for (let depth = 10; depth >= 4; depth -= 1) {
    shrunk = shrunk.shrunk();
    const coarse = treeOf(entries, depth);
    assert.deepEqual(nodesOf(shrunk), nodesOf(coarse));
    assert.deepEqual(nodesOf(coarse), nodesOf(fine).slice(0, 2 ** (depth + 1) - 1));
    assert.equal(shrunk.keyCount, 2000);
  }
});

test('when partitions double a tree splits into exactly the trees of the two halves', () => {
  for (const bits of [0, 3, 13]) {
    const entries = drawEntries(new SimRandom(bits), bits, 0, 1500);
    const whole = treeOf(entries, 9, bits, 0);
    const halves = whole.split();
    halves.forEach((half, side) => {
      const mine = entries.filter(({ position }) => partitionOf(position, bits + 1) === side);
      assert.deepEqual(nodesOf(half), nodesOf(treeOf(mine, 8, bits + 1, side)));
      assert.equal(half.keyCount, mine.length);
    });
    assert.ok(halves.every(({ keyCount }) => keyCount > 0));
  }
});

test('leaves are equal ranges that cover the partition, in the smallest partition and in the whole ring', () => {
  for (const { partitionBits, partition } of [
    { partitionBits: 0, partition: 0 },
    { partitionBits: 14, partition: 2 ** 14 - 1 },
  ]) {
    const tree = new LeafTree({ partitionBits, partition }, MAX_DEPTH);
    for (const leaf of [0, 1, 9999, 2 ** MAX_DEPTH - 1]) {
      const { first, last } = rangeOfNode(tree, MAX_DEPTH, leaf);
      assert.equal(last - first + 1, 2 ** (32 - partitionBits - MAX_DEPTH));
      for (const position of [first, last]) assert.equal(tree.leafOf(position), leaf);
    }
    assert.equal(rangeOfNode(tree, 0, 0).last, rangeOfNode(tree, MAX_DEPTH, 2 ** MAX_DEPTH - 1).last);
  }
});

test('64 to 16384 leaves by the number of keys, and no rebuilding back and forth', () => {
  assert.deepEqual([0, 256, 257, 65_536, 10 ** 9].map(depthFor), [6, 6, 7, 14, 14]);
  const random = new SimRandom(2);
  const tree = treeOf(drawEntries(random, 3, 5, 500), 6);
  assert.equal(tree.depthWanted, 6, 'one level off is left alone');
  assert.equal(treeOf(drawEntries(random, 3, 5, 1000), 6).depthWanted, 8);
  assert.equal(treeOf(drawEntries(random, 3, 5, 10), 8).depthWanted, 6);
  assert.equal(treeOf(drawEntries(random, 3, 5, 10), 6).split()[0].depthWanted, 6, 'a split one grows');
});

test('two keys that swap their records, and two writes of one value, change the root', () => {
  const [a, b] = keysIn(name, 2) as [Uint8Array, Uint8Array];
  const one = new MemoryStore({ ...name, actor: 1, depth: 0 });
  const other = new MemoryStore({ ...name, actor: 1, depth: 0 });
  for (const [store, first, second] of [
    [one, a, b],
    [other, b, a],
  ] as const) {
    store.write(first, 'x', 1000);
    store.write(second, 'y', 2000);
  }
  assert.notEqual(one.tree().low(0, 0), other.tree().low(0, 0));
  const before = one.tree().low(0, 0);
  one.write(a, 'x', 3000);
  assert.notEqual(one.tree().low(0, 0), before);
});

test('the planted digest leaves out the version and nothing else', () => {
  const record = (stamp: number, text: number) => ({
    clock: [{ actor: 1, since: 1, upto: stamp }],
    siblings: [{ dot: { actor: 1, stamp }, value: Uint8Array.of(text) }],
  });
  assert.deepEqual(digestForTree(record(5, 1), true), digestForTree(record(6, 1), true));
  assert.notDeepEqual(digestForTree(record(5, 1), true), digestForTree(record(5, 2), true));
  assert.notDeepEqual(digestForTree(record(5, 1), false), digestForTree(record(6, 1), false));
});

test('an update for another partition, and a key that leaves an empty leaf, are bugs', () => {
  const tree = new LeafTree(name, 6);
  const key = keyOf('key');
  const elsewhere = { ...name, partition: 4 };
  assert.throws(() => tree.update(positionIn(keysIn(elsewhere, 1)[0] ?? key), 1, undefined, { low: 1, high: 1 }));
  const mine = keysIn(name, 1)[0] ?? key;
  assert.throws(() => tree.update(positionIn(mine), hashOfKey(mine), { low: 1, high: 1 }, undefined));
});

test('a kept tree comes back; every flipped bit and every cut is refused', () => {
  for (const depth of [0, 6, 10]) {
    const tree = treeOf(drawEntries(new SimRandom(depth), 3, 5, 100), depth);
    const back = decodeTree(encodeTree(tree));
    assert.deepEqual(nodesOf(back), nodesOf(tree));
    assert.equal(back.keyCount, 100);
    assert.deepEqual({ ...name }, { partitionBits: back.partitionBits, partition: back.partition });
  }
  const bytes = encodeTree(treeOf(drawEntries(new SimRandom(3), 3, 5, 100), 6));
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = bytes.slice();
    flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
    assert.ok(
      isRefused(() => decodeTree(flipped)),
      `bit ${bit}`,
    );
  }
  for (let end = 0; end < bytes.length; end += 1) assert.ok(isRefused(() => decodeTree(bytes.subarray(0, end))));
  assert.deepEqual(encodeTree(decodeTree(encodeTree(new LeafTree(name, 6)))), encodeTree(new LeafTree(name, 6)));
});
