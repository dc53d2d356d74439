/** Scans: by position, then key bytes; in pages of any size; live keys of one bucket only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareBytes } from '@torc/base/bytes';
import { positionOf } from '@torc/base/position';
import { SimRandom } from '@torc/sim/random';
import type { ScanPlace } from '../src/node.ts';
import type { NodeOptions } from '../src/options.ts';
import { NextVersion } from '../src/replica/views.ts';
import { asBytes, NodeWorld, OPTIONS } from './support/node-world.ts';

/** Every key that pages of this size show, in order. */
async function scanAll(world: NodeWorld, limit: number, between: () => void = () => {}): Promise<Uint8Array[]> {
  const keys: Uint8Array[] = [];
  let after: ScanPlace | undefined;
  for (let pages = 0; pages < 1000; pages += 1) {
    let shown = 0;
    const page = world.node.scan(0, after, limit, (bytes, start, end, record) => {
      keys.push(bytes.slice(start, end));
      shown += 1;
      assert.ok(record.siblings.length > 0);
    });
    after = await world.scheduler.settle(page);
    assert.ok(shown <= limit);
    if (after === undefined) return keys;
    assert.equal(shown, limit, 'a page that is not the last is full');
    between();
  }
  throw new Error('a scan does not end');
}

function inScanOrder(keys: readonly Uint8Array[]): Uint8Array[] {
  const position = (key: Uint8Array): number => positionOf(key, 0, key.length);
  return [...keys].sort((a, b) => position(a) - position(b) || compareBytes(a, 0, a.length, b, 0, b.length));
}

async function filled(): Promise<{ world: NodeWorld; keys: Uint8Array[] }> {
  const world = new NodeWorld();
  await world.open();
  const names = Array.from({ length: 60 }, (_, n) => asBytes(`{one tag}${n}`));
  names.push(asBytes('{one tag}'), asBytes(''), Uint8Array.of(0), Uint8Array.of(0xff, 0, 0xfe), asBytes('__proto__'));
  for (let n = 0; n < 60; n += 1) names.push(asBytes(`key ${n}`));
  for (const name of names) world.write(name, 'v');
  await world.turn();
  return { world, keys: inScanOrder(names) };
}

test('pages of any size, also ones that end inside one large tag, show every key once and in order', async () => {
  const { world, keys } = await filled();
  for (const limit of [1, 2, 7, 59, 60, 61, keys.length - 1, keys.length, 1000]) {
    assert.deepEqual(await scanAll(world, limit), keys, `pages of ${limit}`);
  }
});

test('deleted and expired keys and those of other buckets are left out', async () => {
  const { world, keys } = await filled();
  const random = new SimRandom(3);
  const live: Uint8Array[] = [];
  for (const key of keys) {
    if (random.chance(0.3)) world.remove(key);
    else if (random.below(10) < 4) world.write(key, 'v', { expiresAtMs: world.node.wallMs() + 5 });
    else live.push(key);
  }
  const other = asBytes('{one tag}other');
  world.node.coordinator.write(1, other, 0, other.length, new NextVersion().value(other, 0, 1, 0));
  await world.pass(5);
  for (const limit of [1, 5, 1000]) assert.deepEqual(await scanAll(world, limit), live);
});

test('keys that stay are shown once, whatever is written and deleted between two pages', async () => {
  const { world, keys } = await filled();
  const random = new SimRandom(4);
  const stay = keys.filter((_, at) => at % 2 === 0);
  const others = keys.filter((_, at) => at % 2 === 1);
  const shown = await scanAll(world, 3, () => {
    const key = random.pick(others);
    if (random.chance(0.5)) world.remove(key);
    else world.write(key, 'w');
    world.write(`new ${random.below(50)}`, 'x');
  });
  const texts = shown.map((key) => key.join());
  assert.equal(new Set(texts).size, texts.length, 'nothing twice');
  for (const key of stay) assert.ok(texts.includes(key.join()));
});

test('a scan goes on where it stood after its last key was deleted, and after a restart', async () => {
  const { world, keys } = await filled();
  const first: Uint8Array[] = [];
  const page = world.node.scan(0, undefined, 30, (bytes, start, end) => first.push(bytes.slice(start, end)));
  const after = await world.scheduler.settle(page);
  assert.deepEqual(first, keys.slice(0, 30));
  world.remove(keys[29] as Uint8Array);
  await world.turn();
  await world.restart();
  const rest: Uint8Array[] = [];
  const last = world.node.scan(0, after, 1000, (bytes, start, end) => rest.push(bytes.slice(start, end)));
  assert.equal(await world.scheduler.settle(last), undefined);
  assert.deepEqual(rest, keys.slice(30));
});

test('an empty bucket is at its end at once', async () => {
  const world = new NodeWorld();
  await world.open();
  assert.deepEqual(await scanAll(world, 10), []);
});

/** Keys in several tables, some of them deleted or written again in newer ones, and some in the memtable alone. */
async function filledTables(options: NodeOptions, cruelty: number): Promise<{ world: NodeWorld; keys: Uint8Array[] }> {
  const world = new NodeWorld();
  await world.open(options, cruelty);
  const random = new SimRandom(5);
  const live = new Set<number>();
  for (let round = 0; round < 6; round += 1) {
    for (let n = 0; n < 60; n += 1) {
      const key = random.below(200);
      world.node.coordinator.prepare();
      const name = asBytes(`{${key % 3}}${key}`);
      // A write reads what it replaces, and that may lie on the disk.
      await world.load(name);
      world.node.withLoaded(() => {
        if (random.chance(0.3)) {
          world.remove(name);
          live.delete(key);
        } else {
          world.write(name, 'v'.repeat(random.below(300)));
          live.add(key);
        }
      });
    }
    await world.turn();
    if (round < 5) await world.flush();
  }
  return { world, keys: inScanOrder([...live].map((key) => asBytes(`{${key % 3}}${key}`))) };
}

test('keys in tables, in blocks that are read on the pool, in the memtable: in order, each once', async () => {
  const small = { ...OPTIONS, engine: { ...OPTIONS.engine, blockBytes: 512, tableBytes: 4096 } };
  for (const options of [small, { ...small, engine: { ...small.engine, tierRuns: 1, upperShare: 0 } }]) {
    for (const cruelty of [0, 1]) {
      const { world, keys } = await filledTables(options, cruelty);
      assert.ok(world.node.figures().engine.tables > 1);
      for (const limit of [1, 7, 1000]) assert.deepEqual(await scanAll(world, limit), keys, `pages of ${limit}`);
      assert.equal(world.valueCount, keys.length);
      await world.restart('dropped', 0, options);
      assert.deepEqual(await scanAll(world, 50), keys);
      assert.equal(world.valueCount, keys.length);
    }
  }
});

test('a page shows one moment: what is written while it waits for the disk is not in it', async () => {
  const { world, keys } = await filledTables(OPTIONS, 1);
  const shown: Uint8Array[] = [];
  const page = world.node.scan(0, undefined, 1000, (bytes, start, end) => shown.push(bytes.slice(start, end)));
  await world.load(asBytes('{0}new'));
  world.node.withLoaded(() => world.write('{0}new', 'v'));
  await world.turn();
  await world.scheduler.settle(page);
  assert.deepEqual(shown, keys);
  assert.equal((await scanAll(world, 1000)).length, keys.length + 1);
});
