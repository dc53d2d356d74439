/** The scrub: every table in turn, at its pace; damage is marked once; nothing happens after the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCRUB_FIRST_MS, SCRUB_PAUSE_MS } from '../../src/background/scrubber.ts';
import { tableName } from '../../src/sstable/names.ts';
import { rangeOfTable, tableBlocks } from '../../src/sstable/table-blocks.ts';
import { BLOCK_DATA } from '../../src/sstable/table-format.ts';
import type { Table } from '../../src/sstable/table.ts';
import { compressor, fileBytes } from '../inspect/bench.ts';
import { ScrubBench } from './scrub-bench.ts';

const FAST = 1 << 30;

test('a round begins a minute after the start and an hour after the round before, oldest table first', async () => {
  const bench = new ScrubBench(FAST);
  for (const number of [2, 1, 3]) await bench.add(number);
  await bench.pass(SCRUB_FIRST_MS - 1000);
  assert.deepEqual(bench.asked, []);
  await bench.pass(2000);
  assert.deepEqual(bench.asked, [1, 2, 3]);
  const { rounds, tables, blocks, bytes, damagedBlocks, failures } = bench.scrubber.report;
  assert.deepEqual([rounds, tables, damagedBlocks, failures], [1, 3, 0, 0]);
  assert.ok(blocks > 30);
  // All but a header and a footer of each.
  const sizes = [1, 2, 3].map((number) => fileBytes(bench.directory.disk, tableName(number)));
  assert.equal(
    bytes,
    sizes.reduce((sum, size) => sum + size - 128, 0),
  );
  await bench.add(4);
  await bench.pass(SCRUB_PAUSE_MS - 5000);
  assert.equal(bench.asked.length, 3);
  await bench.pass(10_000);
  assert.deepEqual(bench.asked.slice(3), [4, 1, 2, 3]);
  assert.equal(bench.scrubber.report.rounds, 2);
});

test('at a rate of 0 it only runs when asked, and then without a limit', async () => {
  const bench = new ScrubBench(0);
  await bench.add(1);
  await bench.pass(10 * SCRUB_PAUSE_MS);
  assert.deepEqual(bench.asked, []);
  const report = await bench.settle(bench.scrubber.scrubAll());
  assert.deepEqual([report.rounds, report.tables], [1, 1]);
  await bench.pass(10 * SCRUB_PAUSE_MS);
  assert.deepEqual(bench.asked, [1]);
});

test('it keeps to its rate', async () => {
  const bench = new ScrubBench(20_000);
  await bench.add(1, 2000);
  const bytes = fileBytes(bench.directory.disk, tableName(1));
  assert.ok(bytes > 150_000);
  const { clock } = bench.directory;
  const beganMs = clock.monotonicMs();
  await bench.settle(bench.scrubber.scrubAll());
  const tookMs = clock.monotonicMs() - beganMs;
  const dueMs = (bytes / 20_000) * 1000;
  assert.ok(tookMs > 0.98 * dueMs && tookMs < 1.1 * dueMs, `${tookMs} ms of ${dueMs}`);
  bench.scrubber.stop();
});

test('damaged blocks are marked with their keys, once; the rest of the table is gone on with', async () => {
  const bench = new ScrubBench(0);
  for (const number of [1, 2]) await bench.add(number);
  const table = bench.shelf.table(1) as Table;
  const blocks = [...tableBlocks(table, compressor)].filter(({ type }) => type === BLOCK_DATA);
  const broken = [blocks[2], blocks[7]].map((block) => block as (typeof blocks)[0]);
  for (const { offset } of broken) bench.directory.disk.flipBit(tableName(1), offset + 20, 5);
  const first = await bench.settle(bench.scrubber.scrubAll());
  assert.deepEqual(
    bench.marks,
    broken.map(({ range }) => ({ number: 1, range })),
  );
  assert.deepEqual(
    bench.directory.manifest.contents.tables.get(1)?.damaged,
    broken.map(({ range }) => range),
  );
  assert.deepEqual([first.damagedBlocks, first.tables, first.failures], [2, 2, 0]);
  const again = await bench.settle(bench.scrubber.scrubAll());
  assert.equal(bench.marks.length, 2, 'what is marked is not marked again');
  assert.deepEqual([again.damagedBlocks, again.rounds], [2, 2]);
});

test('a table that does not open any more is damaged as a whole', async () => {
  const bench = new ScrubBench(0);
  await bench.add(1);
  const size = fileBytes(bench.directory.disk, tableName(1));
  bench.directory.disk.flipBit(tableName(1), size - 10, 1);
  await bench.settle(bench.scrubber.scrubAll());
  assert.deepEqual(bench.marks, [{ number: 1, range: rangeOfTable(bench.shelf.table(1) as Table) }]);
});

test('damage where no entry counts is not marked', async () => {
  const bench = new ScrubBench(0);
  await bench.add(1);
  const { manifest, disk } = bench.directory;
  const placed = manifest.contents.tables.get(1);
  assert.ok(placed !== undefined);
  const block = [...tableBlocks(bench.shelf.table(1) as Table, compressor)][3];
  assert.ok(block !== undefined);
  await bench.directory.append({ put: [{ ...placed, holes: [block.range] }] });
  disk.flipBit(tableName(1), block.offset, 0);
  const report = await bench.settle(bench.scrubber.scrubAll());
  assert.deepEqual([report.damagedBlocks, bench.marks.length], [1, 0]);
});

test('what the disk refuses is counted and tried again in the next round, and is no damage', async () => {
  const bench = new ScrubBench(0);
  for (const number of [1, 2]) await bench.add(number);
  bench.directory.disk.faults.failNth('open', 1);
  const first = await bench.settle(bench.scrubber.scrubAll());
  assert.deepEqual([first.failures, first.tables, first.rounds], [1, 1, 1]);
  bench.directory.disk.faults.failNth('read', 10);
  const second = await bench.settle(bench.scrubber.scrubAll());
  assert.deepEqual([second.failures, second.tables], [2, 3]);
  assert.deepEqual([second.damagedBlocks, bench.marks.length], [0, 0]);
  assert.deepEqual(bench.asked, [1, 2, 1, 2]);
});

test('a table that comes while a round runs is of the next round', async () => {
  const bench = new ScrubBench(200_000);
  await bench.add(1, 2000);
  const running = bench.scrubber.scrubAll();
  await bench.pass(100);
  await bench.add(150);
  await bench.settle(running);
  assert.deepEqual(bench.asked, [1]);
  bench.control.outputs(100);
  await bench.settle(bench.scrubber.scrubAll());
  assert.deepEqual(bench.asked, [1, 150, 1]);
  bench.scrubber.stop();
});

test('a table that is compacted away under the scrub keeps its file until the scrub has left it', async () => {
  const bench = new ScrubBench(200_000);
  await bench.add(1, 2000);
  const running = bench.scrubber.scrubAll();
  await bench.pass(100);
  await bench.directory.append({ removed: [1] });
  bench.shelf.install(bench.directory.manifest.contents.tables.values());
  assert.ok(bench.directory.disk.list('').includes(tableName(1)));
  const report = await bench.settle(running);
  assert.deepEqual([report.failures, report.tables], [0, 1]);
  assert.ok(!bench.directory.disk.list('').includes(tableName(1)));
  bench.scrubber.stop();
});

test('after stop nothing is marked, nothing begins, and what runs ends when the control says so', async () => {
  const bench = new ScrubBench(1000);
  await bench.add(1, 2000);
  bench.directory.disk.flipBit(tableName(1), 100, 0);
  await bench.pass(SCRUB_FIRST_MS + 1000);
  assert.deepEqual(bench.asked, [1]);
  bench.control.abort();
  bench.scrubber.stop();
  const { clock } = bench.directory;
  const beganMs = clock.monotonicMs();
  await bench.settle(bench.scrubber.settle());
  assert.ok(clock.monotonicMs() - beganMs < 1000);
  await bench.pass(3 * SCRUB_PAUSE_MS);
  assert.deepEqual([bench.asked.length, bench.marks.length, bench.scrubber.report.failures], [1, 0, 0]);
});
