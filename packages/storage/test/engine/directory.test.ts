/** A directory of the first format with tables: every later release opens it, with all that is in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedListing, keysOf, listingOf, valuesIn, worldWith } from '../support/directory.ts';

test('directory-1, with a log, tables at the bottom and above it with holes, opens for ever', async () => {
  const expected = expectedListing('directory-1');
  const world = worldWith('directory-1');
  const engine = await world.open();
  const runs = engine.parts.shelf.current.runs;
  assert.ok(runs.some(({ rank }) => rank === 0) && runs.length > 1);
  assert.ok(runs.some(({ tables }) => tables.some(({ placed }) => placed.holes.length > 0)));
  assert.ok(engine.recovery.keys > 0);
  for (const when of ['opened', 'flushed', 'compacted'] as const) {
    if (when === 'flushed') await world.scheduler.settle(engine.flush());
    if (when === 'compacted') await world.scheduler.settle(engine.compact());
    assert.deepEqual(listingOf(engine, expected), expected, when);
    for (const bucket of [0, 1, 2]) assert.equal(engine.valueCount(bucket), valuesIn(expected, bucket), when);
    assert.equal(keysOf(engine).length, expected.filter((line) => !line.startsWith('state')).length, when);
  }
});
