/** Dropping a range: gone from memtables and tables, counted out, for good; what is written later stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import type { Engine } from '../../src/engine.ts';
import type { KeyRange } from '../../src/manifest/edit.ts';
import { NEEDS_LOAD } from '../../src/read/needs-disk.ts';
import { keyOf, put, recordOf, valueUnder, World } from '../support/world.ts';

const TINY = { memtableBytes: 8 * 1024, tableBytes: 8 * 1024, blockBytes: 256, tierRuns: 2, upperShare: 0.5 };
const BUCKET_1: KeyRange = { from: Uint8Array.of(0, 1), to: Uint8Array.of(0, 2) };

class Run {
  readonly world: World;
  readonly random: SimRandom;
  readonly model = new Map<string, string>();
  stamp = 0;

  constructor(seed: number) {
    this.world = new World({ seed });
    this.random = new SimRandom(seed);
  }

  async write(engine: Engine, count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      this.one(engine, this.random.below(3), this.random.below(150));
      if (n % 15 === 0) await this.world.turn();
    }
    await this.world.turn();
  }

  one(engine: Engine, bucket: number, n: number): void {
    this.stamp += 1;
    const name = `${bucket} ${n}`;
    const value = this.random.chance(0.2) ? undefined : `${this.stamp} ${'y'.repeat(this.random.below(80))}`;
    put(engine, keyOf(`key ${n}`, bucket), recordOf(this.stamp, value));
    if (value === undefined) this.model.delete(name);
    else this.model.set(name, value);
  }

  drop(bucket: number): void {
    for (const name of this.model.keys()) if (name.startsWith(`${bucket} `)) this.model.delete(name);
  }

  check(engine: Engine, when: string): void {
    const counts = [0, 0, 0];
    for (let bucket = 0; bucket < 3; bucket += 1) {
      for (let n = 0; n < 150; n += 1) {
        const expected = this.model.get(`${bucket} ${n}`);
        if (expected !== undefined) counts[bucket] = (counts[bucket] as number) + 1;
        const found = engine.withLoaded(() => valueUnder(engine, keyOf(`key ${n}`, bucket)));
        assert.equal(found, expected, `${when}: bucket ${bucket}, key ${n}`);
      }
    }
    assert.deepEqual(
      counts,
      [0, 1, 2].map((bucket) => engine.valueCount(bucket)),
      when,
    );
  }
}

for (let seed = 1; seed <= 12; seed += 1) {
  test(`what a range held is gone, and stays gone, and nothing else: seed ${seed}`, async () => {
    const run = new Run(seed);
    const { world } = run;
    let engine = await world.open(TINY);
    for (let round = 0; round < 3; round += 1) {
      await run.write(engine, 200 + run.random.below(200));
      if (run.random.chance(0.5)) await world.scheduler.settle(engine.flush());
      const dropped = engine.dropRange(BUCKET_1);
      await world.scheduler.settle(dropped);
      run.drop(1);
      run.check(engine, `round ${round}, dropped`);
      await run.write(engine, 100);
      run.check(engine, `round ${round}, written again`);
      await world.scheduler.settle(engine.compact());
      world.restart('dropped', String(round));
      engine = await world.open(TINY);
      run.check(engine, `round ${round}, after a start`);
    }
  });
}

test('a write that comes while a range is dropped is not dropped', async () => {
  const run = new Run(99);
  const { world } = run;
  const engine = await world.open(TINY);
  await run.write(engine, 400);
  let isDone = false;
  const dropped = engine.dropRange(BUCKET_1).then(() => {
    isDone = true;
  });
  // The drop takes its moment when its turn comes; from the next one on, what is written counts.
  await world.turn();
  run.drop(1);
  let written = 0;
  while (!isDone) {
    try {
      run.one(engine, 1, written % 150);
      written += 1;
    } catch (error) {
      if (error !== NEEDS_LOAD) throw error;
    }
    await world.turn();
  }
  await dropped;
  assert.ok(written > 0);
  run.check(engine, 'after the drop');
});

test('a dropped range that a snapshot sees is seen by it until it is closed', async () => {
  const run = new Run(7);
  const { world } = run;
  const engine = await world.open(TINY);
  await run.write(engine, 300);
  const before = [...run.model.keys()].filter((name) => name.startsWith('1 ')).length;
  const snapshot = engine.snapshots.take();
  await world.scheduler.settle(engine.dropRange(BUCKET_1));
  const cursor = snapshot.cursor(BUCKET_1);
  let seen = 0;
  for (let code = cursor.seek(BUCKET_1.from, 0, 2); code !== 0; ) {
    if (code === 2) {
      await world.scheduler.settle(engine.provide(cursor));
      code = seen === 0 ? cursor.seek(BUCKET_1.from, 0, 2) : cursor.next();
      continue;
    }
    seen += 1;
    code = cursor.next();
  }
  assert.ok(seen >= before, `${seen} records of ${before} values`);
  snapshot.close();
});
