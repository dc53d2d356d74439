/** A directory from before there were tables: it opens with everything, and what it was is gone after a flush. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crash } from '@torc/sim/crash';
import type { Engine } from '../../src/engine.ts';
import { checkpointNumbers, logNumbers } from '../../src/commit-log/names.ts';
import { expectedListing, keysOf, listingOf, valuesIn, worldWith } from '../support/directory.ts';
import { keyOf, put, recordOf, valueUnder, World } from '../support/world.ts';

function check(engine: Engine, expected: readonly string[], when: string): void {
  assert.deepEqual(listingOf(engine, expected), expected, when);
  for (const bucket of [0, 1, 2]) assert.equal(engine.valueCount(bucket), valuesIn(expected, bucket), when);
  const records = expected.filter((line) => !line.startsWith('state'));
  assert.equal(keysOf(engine).length, records.length, when);
}

for (const directory of ['directory-0/log', 'directory-0/checkpoint']) {
  test(`${directory} opens with all that is in it, again and again, flushed or not`, async () => {
    const expected = expectedListing(directory);
    const world = worldWith(directory);
    check(await world.open(), expected, 'at first');
    world.restart('dropped');
    const second = await world.open();
    check(second, expected, 'after a start that flushed nothing');
    await world.scheduler.settle(second.close());
    world.restart('dropped');
    const third = await world.open();
    check(third, expected, 'after a clean close');
    await world.scheduler.settle(third.flush());
    await world.scheduler.runFor(100);
    assert.deepEqual(checkpointNumbers(world.names()), []);
    assert.equal(logNumbers(world.names()).length, 1);
    check(third, expected, 'flushed');
    world.restart('dropped');
    const fourth = await world.open();
    check(fourth, expected, 'from tables');
    put(fourth, keyOf('new', 1), recordOf(1000, 'new'));
    await world.turn();
    assert.equal(fourth.valueCount(1), valuesIn(expected, 1) + 1);
  });

  test(`${directory}: what is written before the first flush is counted once, whatever crash comes`, async () => {
    const expected = expectedListing(directory);
    for (let operation = 1; ; operation += 1) {
      const world = worldWith(directory);
      const point = { operation: world.disk.operations + operation, moment: 'during' } as const;
      world.disk.armCrash(point);
      const work = world.open().then(async (engine) => {
        put(engine, keyOf('new', 1), recordOf(1000, 'new'));
        engine.commitNow();
        await engine.flush();
      });
      const crashed = await world.scheduler.settle(world.disk.alive(work)).then(
        () => false,
        (error: unknown) => {
          if (!(error instanceof Crash)) throw error;
          return true;
        },
      );
      world.restart('random', String(operation));
      const again = await world.open();
      const isThere = valueUnder(again, keyOf('new', 1)) === 'new';
      assert.deepEqual(listingOf(again, expected), expected, `operation ${operation}`);
      assert.equal(again.valueCount(1), valuesIn(expected, 1) + (isThere ? 1 : 0), `operation ${operation}`);
      if (!crashed) {
        assert.ok(isThere && operation > 20, `${operation} operations`);
        break;
      }
    }
  });
}

test('a damaged old checkpoint file is refused, and in a salvage all else is kept and the file stays aside', async () => {
  const name = 'checkpoint-0000000004';
  const expected = expectedListing('directory-0/checkpoint');
  const image = worldWith('directory-0/checkpoint').disk.snapshot();
  const size = World.from(image)
    .disk.inspect()
    .find(({ path }) => path === name)?.sizeBytes as number;
  for (const at of [3, 60, Math.floor(size / 2), size - 20]) {
    const world = World.from(image);
    world.disk.flipBit(name, at, 1);
    await assert.rejects(World.from(world.disk.snapshot()).open(), { name: 'DamageError', path: name });
    const saved = await world.open({ salvage: true });
    assert.ok(saved.recovery.gaps.some((gap) => gap.path === name && gap.fromBytes <= at && at < gap.toBytes));
    const left = listingOf(saved, expected).filter((line, n) => line === expected[n]).length;
    assert.ok(left > (at < 64 ? 20 : expected.length - 20), `byte ${at}: ${left} of ${expected.length} left`);
    assert.ok(world.names().includes(`salvaged-${name}`), world.names().join(' '));
    world.restart('dropped');
    const again = await world.open();
    assert.deepEqual(again.recovery.gaps, []);
    assert.deepEqual(listingOf(again, expected), listingOf(saved, expected));
  }
});
