/** Pressure on writers: none while nothing is behind, then smoothly more, never a stop; and no write refused for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@torc/base/errors';
import { delayMs, pressureOf, type Backlog } from '../../src/background/pressure.ts';
import { keyOf, put, recordOf, World } from '../support/world.ts';

const NOTHING: Backlog = { unflushedBytes: 0, memtableBytes: 1000, runs: 0, flushBytesPerSecond: 1e6 };

test('no delay while nothing is behind; it rises without a jump, falls nowhere, and is never endless', () => {
  for (const unflushedBytes of [0, 500, 1000, 2000]) {
    assert.equal(delayMs(100_000, { ...NOTHING, unflushedBytes }), 0);
  }
  for (let runs = 0; runs <= 16; runs += 1) assert.equal(delayMs(100_000, { ...NOTHING, runs }), 0);
  for (const bytes of [1, 1000, 100_000, 1e9]) {
    let [before, pressure] = [-1, -1];
    for (let unflushedBytes = 2001; unflushedBytes < 20_000; unflushedBytes += 7) {
      const backlog = { ...NOTHING, unflushedBytes };
      const delay = delayMs(bytes, backlog);
      assert.ok(Number.isFinite(delay) && delay >= before && delay <= 500, `${delay} after ${before}`);
      assert.ok(pressureOf(backlog) >= pressure && pressureOf(backlog) <= 1);
      if (pressure >= 0) assert.ok(pressureOf(backlog) - pressure < 0.01, 'no jump');
      [before, pressure] = [delay, pressureOf(backlog)];
    }
  }
});

test('writers are slowed and not refused while flushes are slow, and memory keeps to its bound', async () => {
  const memtableBytes = 64 * 1024;
  const world = new World({ jobMs: [30, 30] });
  const engine = await world.open({ memtableBytes, segmentBytes: 16 * 1024, codec: 0 });
  let most = 0;
  // Each writer waits until its write is durable, as clients do.
  for (let n = 0; n < 300; n += 1) {
    const batch = engine.openBatch;
    for (let k = 0; k < 8; k += 1) put(engine, keyOf(`key ${n} ${k}`), recordOf(8 * n + k + 1, 'v'.repeat(2000)));
    await world.scheduler.runUntil(() => engine.durableBatch >= batch, 60_000);
    assert.ok(engine.durableBatch >= batch, 'no writer waits for ever');
    most = Math.max(most, engine.parts.memtables.usedBytes);
  }
  assert.ok((world.probe.counts.get('batch-delayed') ?? 0) > 0, 'writers were slowed');
  assert.ok(most < 8 * memtableBytes, `${most} bytes not flushed`);
});

test('what is not flushed is bounded, too, where batches are too small to be delayed', async () => {
  const memtableBytes = 64 * 1024;
  const world = new World({ jobMs: [3000, 3000] });
  const engine = await world.open({ memtableBytes, segmentBytes: 16 * 1024, codec: 0 });
  let [most, refused] = [0, 0];
  for (let n = 0; n < 1500; n += 1) {
    try {
      put(engine, keyOf(`key ${n}`), recordOf(n + 1, 'v'.repeat(1000)));
    } catch (error) {
      assert.ok(error instanceof Refusal && error.code === 'memory-full');
      refused += 1;
    }
    engine.commitNow();
    await Promise.resolve();
    most = Math.max(most, engine.parts.memtables.usedBytes);
  }
  assert.ok(
    most < 9 * memtableBytes && refused > 0,
    `${most / memtableBytes} memtables not flushed, ${refused} refused`,
  );
  await world.scheduler.runFor(60_000);
  put(engine, keyOf('later'), recordOf(9999, 'x'));
});
