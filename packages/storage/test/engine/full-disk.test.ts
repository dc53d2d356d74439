/** A full disk under tables: values are refused, reads and deletes go on, and it recovers by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@torc/base/errors';
import { SimRandom } from '@torc/sim/random';
import type { Engine } from '../../src/engine.ts';
import { keyOf, put, recordOf, valueUnder, World } from '../support/world.ts';

const OPTIONS = {
  reserveBytes: 64 * 1024,
  segmentBytes: 16 * 1024,
  memtableBytes: 8 * 1024,
  tableBytes: 8 * 1024,
  tierRuns: 2,
} as const;

/** Writes until the disk is full. Returns how many values were acknowledged. */
async function fill(world: World, engine: Engine): Promise<number> {
  const random = new SimRandom('values');
  for (let n = 0; n < 2000; n += 1) {
    const value = `${n}:${Array.from({ length: 300 }, () => String.fromCharCode(33 + random.below(90))).join('')}`;
    try {
      const batch = engine.openBatch;
      put(engine, keyOf(`key ${n}`), recordOf(n + 1, value));
      await world.scheduler.runFor(5);
      if (engine.durableBatch < batch || engine.isFull) return n;
    } catch (error) {
      assert.ok(error instanceof Refusal && error.code === 'disk-full', String(error));
      return n;
    }
  }
  return assert.fail('the disk does not get full');
}

async function filled(): Promise<{ world: World; engine: Engine; written: number }> {
  const world = new World();
  const engine = await world.open(OPTIONS);
  engine.forgets(() => ({ horizon: Number.MAX_SAFE_INTEGER, wallMs: 0 }));
  world.disk.capacityBytes = world.disk.usedBytes() + 200 * 1024;
  const written = await fill(world, engine);
  assert.ok(written > 100, `${written} written`);
  return { world, engine, written };
}

test('values are refused and reads go on; it has room again by itself when somebody makes room', async () => {
  const { world, engine, written } = await filled();
  assert.throws(() => put(engine, keyOf('new'), recordOf(5000, 'x')), { name: 'Refusal', code: 'disk-full' });
  for (let n = 0; n < written; n += 1) assert.equal(valueUnder(engine, `key ${n}`)?.split(':')[0], String(n));
  world.disk.capacityBytes = Number.POSITIVE_INFINITY;
  await world.scheduler.runFor(3000);
  put(engine, keyOf('new'), recordOf(5001, 'x'));
  engine.commitNow();
  world.restart('dropped');
  const again = await world.open(OPTIONS);
  assert.equal(valueUnder(again, 'new'), 'x');
  for (let n = 0; n < written; n += 1) assert.equal(valueUnder(again, `key ${n}`)?.split(':')[0], String(n));
});

test('deletes and the compactions after them make room: what was kept back suffices', async () => {
  const { world, engine, written } = await filled();
  const kept = (n: number): boolean => n % 10 === 3;
  for (let n = 0; n < written; n += 1) {
    if (kept(n)) continue;
    put(engine, keyOf(`key ${n}`), recordOf(10_000 + n));
    if (n % 20 === 0) await world.scheduler.runFor(5);
  }
  await world.scheduler.runFor(30_000);
  assert.ok(!engine.isFull, 'it has room again');
  put(engine, keyOf('new'), recordOf(50_000, 'x'));
  engine.commitNow();
  world.restart('dropped');
  const again = await world.open(OPTIONS);
  assert.equal(valueUnder(again, 'new'), 'x');
  // The last one may have been acknowledged in the turn in which the disk became full.
  let values = valueUnder(again, `key ${written}`) === undefined ? 1 : 2;
  for (let n = 0; n < written; n += 1) {
    assert.equal(valueUnder(again, `key ${n}`)?.split(':')[0], kept(n) ? String(n) : undefined);
    if (kept(n)) values += 1;
  }
  assert.equal(again.valueCount(0), values);
});
