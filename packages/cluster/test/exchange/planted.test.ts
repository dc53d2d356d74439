/** The checkers of the exchange see the bugs that they are for, and complain of nothing without them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import type { LeafSource } from '../../src/exchange/source.ts';
import { differingKeys, drawStores, PARTITION } from './differences.ts';
import { keysIn, MemoryStore, textOf } from './memory-store.ts';
import { World, type WorldOptions } from './world.ts';

/** What does not converge: keys that differ still after these exchanges and quiet. */
function unconverged(stores: readonly MemoryStore[], options: Omit<WorldOptions, 'stores'> = {}): readonly string[] {
  const world = new World({ stores, ...options });
  for (let round = 0; round < 3; round += 1) {
    world.open(round % 2, 1 - (round % 2));
    world.run();
    world.nowMs += 10_000;
  }
  return differingKeys(stores);
}

/** Both hold one value; one of them wrote it again. Only the version tells. */
function rewritten(ignoresVersion: boolean): readonly MemoryStore[] {
  const stores = [1, 2].map((actor) => new MemoryStore({ ...PARTITION, actor, ignoresVersion }));
  const [one, other] = stores as [MemoryStore, MemoryStore];
  keysIn(PARTITION, 100).forEach((key, at) => {
    one.write(key, 'same', 1000 + at);
    other.merge(key, one.record(key) as Uint8Array);
    if (at % 10 === 0) other.write(key, 'same', 5000 + at);
  });
  return stores;
}

test('a leaf hash that ignores the version is seen: what differs in its version only stays so', () => {
  assert.deepEqual(unconverged(rewritten(false)), []);
  assert.equal(unconverged(rewritten(true)).length, 10);
});

/** Never lists the last key of a page that had to be cut. */
function skipsLastOfPage(store: MemoryStore, skipped: Set<string>): LeafSource {
  return {
    tree: () => store.tree(),
    record: (key) => store.record(key),
    positionOf: (key) => store.positionOf(key),
    list: (request) => {
      const page = store.list({ ...request, limitEntries: Math.min(20, request.limitEntries) });
      if (page === 'loading') return page;
      const last = page.entries.at(-1);
      if (!page.isLast && last !== undefined) skipped.add(textOf(last.key));
      return { ...page, entries: page.entries.filter(({ key }) => !skipped.has(textOf(key))) };
    },
  };
}

test('a page whose last key is skipped is seen', () => {
  const draw = (): readonly MemoryStore[] =>
    drawStores(new SimRandom(4), { stores: 2, equalKeys: 400, differingKeys: 300 }, { depth: 0 }).stores;
  assert.deepEqual(unconverged(draw()), []);
  const skipped = new Set<string>();
  const left = unconverged(draw(), { sourceOf: (store) => skipsLastOfPage(store, skipped) });
  assert.ok(left.length > 0 && left.every((key) => skipped.has(key)), `${left.length} of ${skipped.size}`);
});

test('young keys that are never sent are seen', () => {
  const draw = (): readonly MemoryStore[] => {
    const { stores, keys } = drawStores(new SimRandom(6), { stores: 2, equalKeys: 100, differingKeys: 0 });
    // A second before the first exchange begins.
    keys.slice(0, 7).forEach((key, at) => stores[0]?.write(key, 'young', 9000 * 4096 + at));
    return stores;
  };
  assert.deepEqual(unconverged(draw(), { youngMs: 2000 }), []);
  const young = new Set<number>();
  const ageMs = (stamp: number, nowMs: number): number => {
    const age = nowMs - stamp / 4096;
    if (age < 2000) young.add(stamp);
    return young.has(stamp) ? 0 : age;
  };
  assert.equal(unconverged(draw(), { youngMs: 2000, ageMs }).length, 7);
});
