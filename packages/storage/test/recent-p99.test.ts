/** The percentile by which reads and syncs are judged: of the last ones alone, and only so often. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SyncPace } from '../src/commit-log/sync-pace.ts';
import { ReadPace } from '../src/read/read-pace.ts';
import { RecentP99 } from '../src/recent-p99.ts';

function observe(into: { observe(durationMs: number): void }, times: number, durationMs: number): void {
  for (let n = 0; n < times; n += 1) into.observe(durationMs);
}

test('nothing is judged between judgements, and what left the window counts no more', () => {
  const p99 = new RecentP99({ window: 200, judgeEvery: 100 });
  observe(p99, 98, 1);
  observe(p99, 1, 50);
  assert.equal(p99.ms, 0);
  observe(p99, 1, 1);
  assert.equal(p99.ms, 50, 'the slowest of a hundred');
  observe(p99, 100, 2);
  assert.equal(p99.ms, 2, 'the second slowest of two hundred');
  observe(p99, 100, 3);
  observe(p99, 100, 1);
  assert.equal(p99.ms, 3, 'of the last two hundred, half took 3');
  observe(p99, 100, 1);
  assert.equal(p99.ms, 1);
});

test('a slow disk sends syncs to the pool, and reads but for one in 64, until it is fast again', () => {
  const syncs = new SyncPace();
  assert.ok(syncs.inTurn);
  observe(syncs, 64, 1);
  assert.ok(!syncs.inTurn);
  observe(syncs, 512, 0.99);
  assert.ok(syncs.inTurn);

  const reads = new ReadPace();
  assert.ok(reads.inTurn);
  observe(reads, 32, 0.2);
  const tried = Array.from({ length: 128 }, () => reads.inTurn);
  assert.deepEqual(
    tried.flatMap((inTurn, at) => (inTurn ? [at + 1] : [])),
    [64, 128],
  );
  observe(reads, 256, 0.1);
  assert.deepEqual([reads.inTurn, reads.p99Ms], [true, 0.1]);
});
