/** Damage in a table that lives: reads there say so, all else goes on, and what met it is marked and left alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DamageError } from '@torc/base/errors';
import type { Engine } from '../../src/engine.ts';
import { tableNumbers, tableName } from '../../src/sstable/names.ts';
import { keyOf, put, recordOf, valueUnder, World } from '../support/world.ts';

const OPTIONS = { tierRuns: 2, blockBytes: 200, codec: 0, bottomCodec: 0, memoryBytes: 1, upperShare: 1 } as const;
const NAMES = Array.from({ length: 60 }, (_, n) => `key ${n}`);

async function flushed(world: World, engine: Engine, round: number): Promise<void> {
  for (const [n, name] of NAMES.entries()) put(engine, keyOf(name), recordOf(round * 100 + n, `value ${round} ${n}`));
  engine.commitNow();
  await world.scheduler.settle(engine.flush());
}

/** The value, or `damaged`. */
function outcome(engine: Engine, name: string): string | undefined {
  try {
    return valueUnder(engine, name);
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    return 'damaged';
  }
}

function damagedRanges(engine: Engine): number {
  return engine.parts.shelf.current.runs
    .flatMap((run) => run.tables)
    .reduce((sum, { placed }) => sum + placed.damaged.length, 0);
}

test('a flipped byte in a block of data: its keys are damaged, never absent; others are read; a compaction marks it', async () => {
  const first = new World();
  await flushed(first, await first.open(OPTIONS), 1);
  const image = first.disk.snapshot('dropped');
  const number = tableNumbers(first.names())[0] as number;
  for (let at = 100; at < 2000; at += 331) {
    const world = World.from(image);
    world.disk.flipBit(tableName(number), at, 3);
    const engine = await world.open(OPTIONS);
    const outcomes = NAMES.map((name) => outcome(engine, name));
    const hit = outcomes.filter((text) => text === 'damaged').length;
    assert.ok(hit > 0 && hit < 12, `byte ${at}: ${hit} damaged`);
    for (const [n, text] of outcomes.entries()) assert.ok(text === 'damaged' || text === `value 1 ${n}`, `${text}`);
    // A second run makes a compaction due, and it meets the damage.
    for (const name of NAMES) if (outcome(engine, name) !== 'damaged') put(engine, keyOf(name), recordOf(500, 'newer'));
    engine.commitNow();
    await world.scheduler.settle(engine.flush());
    await world.scheduler.settle(engine.compact());
    assert.equal(damagedRanges(engine), 1, `byte ${at}`);
    assert.ok(world.names().includes(tableName(number)), 'the table stays');
    const { steps } = engine.parts.compactor;
    await world.scheduler.runFor(10_000);
    assert.equal(engine.parts.compactor.steps, steps, 'it is left alone');
    world.restart('dropped');
    const again = await world.open(OPTIONS);
    assert.equal(damagedRanges(again), 1, 'it is still marked');
    for (const [n, name] of NAMES.entries()) {
      assert.equal(outcome(again, name), outcomes[n] === 'damaged' ? 'damaged' : 'newer');
    }
  }
});
