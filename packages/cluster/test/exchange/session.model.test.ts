/**
 * Two and three stores that differ exchange until they hold the same, whatever happens on the way; and what it costs.
 * The model is the stores themselves: what all hold in the end is the merge of what each held.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { differingKeys, drawStores, recordSizes } from './differences.ts';
import type { MemoryStore } from './memory-store.ts';
import { kindsOf, sentBytes, World } from './world.ts';

const TREE_BYTES = 64 * 1024;

function assertSame(stores: readonly MemoryStore[], what: string): void {
  assert.deepEqual(differingKeys(stores), [], what);
  const [first, ...others] = stores.map((store) => store.tree()) as [ReturnType<MemoryStore['tree']>];
  for (const other of others as (typeof first)[])
    assert.deepEqual([other.low(0, 0), other.high(0, 0)], [first.low(0, 0), first.high(0, 0)], what);
}

test('two stores that differ anyhow hold the same after one exchange, within the bytes that are allowed', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = new SimRandom(seed);
    const isSlow = random.chance(0.5) ? () => random.chance(0.3) : () => false;
    const shape = { stores: 2, equalKeys: random.below(1500), differingKeys: random.below(300) };
    const { stores, keys } = drawStores(random, shape, { isSlow });
    const differing = new Set(differingKeys(stores));
    const before = recordSizes(stores, keys);
    const world = new World({ stores, random });
    world.open(0, 1);
    world.run();
    assertSame(stores, `seed ${seed}`);
    assert.deepEqual(world.needless, [], `seed ${seed}`);
    const after = recordSizes(stores, keys);
    let allowed = TREE_BYTES;
    for (const key of differing) allowed += 2 * Math.max(before.get(key) ?? 0, after.get(key) ?? 0);
    assert.ok(sentBytes(world) <= allowed, `seed ${seed}: ${sentBytes(world)} bytes, ${allowed} allowed`);
    for (const { result } of world.ended) {
      assert.equal(result.outcome, differing.size === 0 ? 'equal' : 'complete', `seed ${seed}`);
      assert.equal(result.leftOut, 0);
    }
    const [one, other] = world.ended.map(({ result }) => result);
    assert.equal(one?.recordsSent, other?.recordsReceived, `seed ${seed}`);
    assert.equal((one?.bytesSent ?? 0) + (other?.bytesSent ?? 0), sentBytes(world), `seed ${seed}`);
  }
});

test('equal stores say their roots and nothing else', () => {
  const { stores } = drawStores(new SimRandom(1), { stores: 2, equalKeys: 3000, differingKeys: 0 });
  const world = new World({ stores });
  world.open(0, 1);
  world.run();
  assert.deepEqual(kindsOf(world), ['open', 'same']);
  assert.ok(sentBytes(world) < 100);
  assert.deepEqual(
    world.ended.map(({ result }) => result.outcome),
    ['equal', 'equal'],
  );
});

test('what is newer here is sent once and does not come back', () => {
  const random = new SimRandom(5);
  const { stores, keys } = drawStores(random, { stores: 2, equalKeys: 500, differingKeys: 0 });
  const [here, there] = stores as [MemoryStore, MemoryStore];
  keys.slice(0, 50).forEach((key, at) => there.write(key, 'newer', 5_000_000 + at));
  const world = new World({ stores });
  world.open(0, 1);
  world.run();
  assertSame([here, there], 'both');
  const results = world.ended.map(({ result }) => [result.role, result.recordsSent]);
  assert.deepEqual(
    new Map(results as [string, number][]),
    new Map([
      ['opener', 0],
      ['answerer', 50],
    ]),
  );
});

test('a store with nothing takes everything, and so does one whose leaf has more keys than pages, windows and messages', () => {
  for (const [from, to] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const random = new SimRandom(9);
    const { stores } = drawStores(
      random,
      { stores: 1, equalKeys: 3000, differingKeys: 0, valueBytes: 300 },
      { depth: 0 },
    );
    const empty = drawStores(random, { stores: 1, equalKeys: 0, differingKeys: 0 }, { depth: 0, actor: 2 }).stores;
    const both = [...stores, ...empty];
    const world = new World({ stores: both, random });
    world.open(from, to);
    world.run();
    assertSame(both, `${from} opened`);
    assert.equal(world.ended[0]?.result.recordsSent ?? 0, world.ended[1]?.result.recordsReceived);
  }
});

test('a record larger than page and window goes alone', () => {
  const random = new SimRandom(11);
  const { stores } = drawStores(random, { stores: 2, equalKeys: 3, differingKeys: 6, valueBytes: 600_000 });
  const world = new World({ stores, random });
  world.open(0, 1);
  world.run();
  assertSame(stores, 'both');
});

test('lost connections, doubled messages and writes on all sides: after quiet, exchanges make all the same', () => {
  let aborted = 0;
  for (let seed = 1; seed <= 80; seed += 1) {
    const random = new SimRandom(seed);
    const shape = { stores: 2 + random.below(2), equalKeys: random.below(400), differingKeys: random.below(150) };
    const { stores, keys } = drawStores(random, shape, { isSlow: () => random.chance(0.2) });
    const faults = { duplicate: 0.05, reset: 0.02 };
    const world = new World({ stores, random, faults, youngMs: random.chance(0.5) ? 2000 : 0 });
    for (let round = 0; round < 5; round += 1) {
      for (let n = 0; n < stores.length; n += 1) {
        const [from, to] = pairOf(random, stores.length);
        world.open(from, to);
      }
      for (let n = 0; n < 4000 && world.step(); n += 1) {
        if (random.chance(0.1)) world.nowMs += random.below(50);
        if (random.chance(0.1)) {
          const store = stores[random.below(stores.length)] as MemoryStore;
          const key = keys[random.below(Math.max(1, keys.length))];
          if (key !== undefined) store.write(key, `w${n}`, world.stampNow() + (n % 4096), random.chance(0.2));
        }
        if (random.chance(0.003)) (stores[random.below(stores.length)] as MemoryStore).rebuild();
      }
      world.run();
    }
    aborted += world.ended.filter(({ result }) => result.outcome === 'aborted').length;
    settle(world, stores, `seed ${seed}`);
  }
  assert.ok(aborted > 100, `only ${aborted} sessions were aborted`);
});

/** Quiet, nothing young: as many exchanges as a change needs to get everywhere. */
function settle(world: World, stores: readonly MemoryStore[], what: string): void {
  const quiet = new World({ stores });
  quiet.nowMs = world.nowMs + 10_000;
  for (const [from, to] of [
    [0, 1],
    [1, 2],
    [2, 0],
    [0, 1],
  ] as const) {
    if (Math.max(from, to) >= stores.length) continue;
    quiet.open(from, to);
    quiet.run();
  }
  for (const { result } of quiet.ended) assert.notEqual(result.outcome, 'aborted', `${what}: ${result.reason}`);
  assert.deepEqual(quiet.needless, [], what);
  assertSame(stores, what);
}

function pairOf(random: SimRandom, count: number): readonly [number, number] {
  const from = random.below(count);
  return [from, (from + 1 + random.below(count - 1)) % count];
}

test('an exchange that breaks off at any message has lost nothing, and the next one makes all the same', () => {
  for (let broken = 0; ; broken += 1) {
    const random = new SimRandom(77);
    const { stores } = drawStores(random, { stores: 2, equalKeys: 200, differingKeys: 60 });
    const world = new World({ stores });
    world.open(0, 1);
    let steps = 0;
    while (steps < broken && world.step()) steps += 1;
    if (steps < broken) {
      assert.ok(broken > 50, `only ${broken} places to break off`);
      return;
    }
    world.lose(0, 1);
    world.run();
    const before = world.ended.length;
    world.open(1, 0);
    world.run();
    assertSame(stores, `broken after ${broken}`);
    assert.ok(world.ended.slice(before).every(({ result }) => result.outcome !== 'aborted'));
  }
});

test('the same seed gives the same bytes', () => {
  const transcripts = [1, 2].map(() => {
    const random = new SimRandom(31);
    const { stores } = drawStores(random, { stores: 3, equalKeys: 300, differingKeys: 100 });
    const world = new World({ stores, random, faults: { duplicate: 0.05, reset: 0.01 } });
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const)
      world.open(from, to);
    world.run();
    return world.sent;
  });
  assert.deepEqual(transcripts[0], transcripts[1]);
  assert.ok((transcripts[0]?.length ?? 0) > 20);
});
