/** The one budget: what each part gets, that the sum stays within it, and that small changes resize nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BlockCache } from '../../src/cache/block-cache.ts';
import { countedBytes, MemoryBudget } from '../../src/cache/memory-budget.ts';
import { RecordCache } from '../../src/cache/record-cache.ts';

const MIB = 1024 * 1024;

class FakeCache {
  bytes = 0;
  resizes = 0;

  resize(limitBytes: number): void {
    this.bytes = limitBytes;
    this.resizes += 1;
  }
}

function make(totalBytes: number, memtableShareBytes: number) {
  const block = new FakeCache();
  const record = new FakeCache();
  return { block, record, budget: new MemoryBudget(totalBytes, memtableShareBytes, block, record) };
}

test('the caches get what memtables and pinned bytes leave, three to one', () => {
  const { block, record, budget } = make(512 * MIB, 192 * MIB);
  assert.equal(block.bytes, 240 * MIB);
  assert.equal(record.bytes, 80 * MIB);
  budget.setPinned(100 * MIB);
  // 220 MiB are left, in steps of 8.
  assert.equal(block.bytes, 162 * MIB);
  assert.equal(record.bytes, 54 * MIB);
  const report = budget.report();
  assert.equal(report.memtableBytes, 192 * MIB);
  assert.equal(report.blockCacheLimitBytes, 162 * MIB);
  assert.equal(report.recordCacheLimitBytes, 54 * MIB);
  assert.equal(report.over, false);
});

test('memtables below their share change nothing; above it the caches give way', () => {
  const { block, budget } = make(512 * MIB, 192 * MIB);
  budget.setMemtables(10 * MIB);
  assert.equal(block.resizes, 1);
  budget.setMemtables(200 * MIB);
  assert.equal(block.bytes, 234 * MIB);
});

test('too small a budget: the caches keep their floors and the report says by how much it is over', () => {
  const { block, record, budget } = make(256 * MIB, 64 * MIB);
  budget.setPinned(1000 * MIB);
  assert.equal(block.bytes, 8 * MIB);
  assert.equal(record.bytes, 2 * MIB);
  assert.equal(budget.report().over, true);
  assert.equal(budget.report().overBytes, (1000 + 64 + 10 - 256) * MIB);
  budget.setPinned(0);
  assert.equal(budget.report().over, false);
  assert.equal(block.bytes, 144 * MIB);
});

test('bytes that come and go within a step resize the caches once', () => {
  const { block, budget } = make(512 * MIB, 192 * MIB);
  for (let n = 0; n < 1000; n += 1) budget.setPinned((n % 8) * MIB);
  assert.ok(block.resizes <= 2, `${block.resizes} resizes`);
});

test('whatever changes, the sum of all limits is within the budget, or the caches are at their floors', () => {
  const size = fc.nat(300 * MIB);
  fc.assert(
    fc.property(size, size, fc.array(fc.tuple(fc.boolean(), size), { maxLength: 30 }), (total, share, changes) => {
      const { block, record, budget } = make(total, share);
      let pinned = 0;
      let memtables = 0;
      for (const [isPinned, bytes] of changes) {
        if (isPinned) budget.setPinned((pinned = bytes));
        else budget.setMemtables((memtables = bytes));
        const left = total - Math.max(memtables, share) - pinned;
        const report = budget.report();
        const caches = block.bytes + record.bytes;
        const floors = Math.min(8 * MIB, Math.floor(total / 8)) + Math.min(2 * MIB, Math.floor(total / 32));
        assert.equal(report.over, left < floors);
        if (report.over) assert.equal(caches, floors);
        else assert.ok(caches <= left && (caches >= left - (3 * total) / 64 || caches === floors));
        assert.ok(block.bytes >= Math.min(8 * MIB, Math.floor(total / 8)));
        assert.ok(record.bytes >= Math.min(2 * MIB, Math.floor(total / 32)));
      }
    }),
    { numRuns: 300 },
  );
});

test('of a node’s memory a part is not counted out: for the runtime, and what jobs keep', () => {
  assert.equal(countedBytes(64 * MIB), (64 - 16 - 4) * MIB);
  assert.equal(countedBytes(4096 * MIB), (4096 - 128 - 4) * MIB);
  assert.equal(countedBytes(16 * MIB), (16 - 4 - 1) * MIB);
});

test('with real caches, what they hold follows the limits', () => {
  const block = new BlockCache(0);
  const record = new RecordCache(0);
  const budget = new MemoryBudget(8 * MIB, 2 * MIB, block, record);
  for (let n = 0; n < 3000; n += 1) block.put(1, n, new Uint8Array(4096));
  assert.ok(block.bytes > 3 * MIB && block.bytes <= 4.5 * MIB);
  budget.setPinned(5 * MIB);
  const report = budget.report();
  assert.equal(report.over, true);
  assert.ok(report.blockCacheBytes <= MIB && report.blockCacheBytes > 0.8 * MIB);
});
