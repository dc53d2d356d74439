/** The same random program into another store of this kind: puts, deletes and ordered walks agree. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { randomOptions } from '../support/engine-run.ts';
import { modelKey } from '../support/engine-model.ts';
import { keyOf, put, recordOf, valueUnder, World } from '../support/world.ts';
import { keysOf } from '../support/directory.ts';

interface Level {
  put(key: Uint8Array, value: string): Promise<void>;
  del(key: Uint8Array): Promise<void>;
  close(): Promise<void>;
  iterator(): { all(): Promise<[Uint8Array, string][]> };
}

async function openLevel(path: string): Promise<Level | undefined> {
  try {
    const { ClassicLevel } = (await import('classic-level')) as unknown as {
      ClassicLevel: new (path: string, options: object) => Level;
    };
    return new ClassicLevel(path, { keyEncoding: 'view', valueEncoding: 'utf8' });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}

test('the engine and LevelDB hold the same, in the same order', async (context) => {
  const path = mkdtempSync(join(tmpdir(), 'torc-level-'));
  const level = await openLevel(path);
  if (level === undefined) return context.skip('classic-level does not load here');
  try {
    const random = new SimRandom('second opinion');
    const world = new World({ seed: 'second opinion' });
    const options = { ...randomOptions(random), memtableBytes: 4096, tableBytes: 2000, reserveBytes: 0 };
    let engine = await world.open(options);
    engine.forgets(() => ({ horizon: Number.MAX_SAFE_INTEGER, wallMs: 0 }));
    for (let n = 1; n <= 1500; n += 1) {
      const bucket = random.below(3);
      const name = `${random.chance(0.3) ? '{tag}' : ''}${random.below(120)}`;
      const isDelete = random.chance(0.3);
      const value = `value ${n}`;
      put(engine, keyOf(name, bucket), recordOf(n, isDelete ? undefined : value));
      if (isDelete) await level.del(modelKey(name, bucket).bytes);
      else await level.put(modelKey(name, bucket).bytes, value);
      if (n % 10 === 0) await world.scheduler.runFor(5);
      if (n % 300 === 0) {
        engine.commitNow();
        world.restart('random', String(n));
        engine = await world.open(options);
        await same(engine, level);
      }
    }
    await world.scheduler.settle(engine.compact());
    await same(engine, level);
  } finally {
    await level.close();
    rmSync(path, { recursive: true });
  }
});

async function same(engine: Awaited<ReturnType<World['open']>>, level: Level): Promise<void> {
  const theirs = (await level.iterator().all()).map(([key, value]) => `${nameOf(key)} ${value}`);
  const ours = keysOf(engine).flatMap((name) => {
    const [bucket, key] = name.split(' ') as [string, string];
    const value = valueUnder(engine, keyOf(key, Number(bucket)));
    return value === undefined ? [] : [`${name} ${value}`];
  });
  assert.deepEqual(ours, theirs);
  assert.equal(
    theirs.length,
    [0, 1, 2].reduce((sum, bucket) => sum + engine.valueCount(bucket), 0),
  );
}

function nameOf(key: Uint8Array): string {
  return `${((key[0] as number) << 8) | (key[1] as number)} ${String.fromCharCode(...key.subarray(6))}`;
}
