/** The walk over a table's blocks: they tile the file, and every key lies in the range of its block. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { StrictBlock } from '../../src/inspect/strict-block.ts';
import { TableCheck } from '../../src/inspect/table-check.ts';
import { readBlockNow } from '../../src/sstable/block-io.ts';
import { rangeOfBlock, rangeOfTable, tableBlocks, type TableBlock } from '../../src/sstable/table-blocks.ts';
import { BLOCK_DATA, BLOCK_INDEX, TABLE_FOOTER_BYTES, TABLE_HEADER_BYTES } from '../../src/sstable/table-format.ts';
import type { Table } from '../../src/sstable/table.ts';
import {
  compareKeys,
  compressor,
  openTable,
  PATH,
  randomEntries,
  SETTINGS,
  World,
  writeTable,
} from '../sstable/bench.ts';

const LIMITS = { entries: 40, dataBytes: 1 << 20 };

function make(seed: number, count = 200): { world: World; table: Table; keys: Uint8Array[] } {
  const random = new SimRandom(seed);
  const world = new World({ seed });
  const entries = randomEntries(random, count);
  const settings = {
    ...SETTINGS,
    blockBytes: 300,
    codec: random.pick([0, 1] as const),
    filterBitsPerKey: random.pick([0, 10]),
  };
  writeTable(world.disk, entries, settings, LIMITS);
  return { world, table: openTable(world.disk), keys: entries.map(({ key }) => key) };
}

function keysIn(table: Table, block: TableBlock): Uint8Array[] {
  const strict = new StrictBlock();
  const keys: Uint8Array[] = [];
  const problem = strict.walk(readBlockNow(table.file, table, block, compressor), () => {
    keys.push(strict.keyBytes.slice(0, strict.keyEnd));
    return undefined;
  });
  assert.equal(problem, undefined);
  return keys;
}

test('blocks tile the file, ranges tile the keys, and each range is found again by the offset', () => {
  for (let seed = 0; seed < 12; seed += 1) {
    const { table, keys } = make(seed);
    let endBytes = TABLE_HEADER_BYTES;
    let from = table.meta.firstKey;
    const found: Uint8Array[] = [];
    for (const block of tableBlocks(table, compressor)) {
      assert.equal(block.offset, endBytes);
      endBytes += block.storedBytes;
      assert.deepEqual(rangeOfBlock(table, block.offset, compressor), block.range);
      assert.equal(rangeOfBlock(table, block.offset + 1, compressor) === undefined, block.partition >= 0);
      if (block.type !== BLOCK_DATA) continue;
      assert.deepEqual(block.range.from, from);
      from = block.range.to as Uint8Array;
      const inside = keysIn(table, block);
      for (const key of inside) {
        assert.ok(compareKeys(key, block.range.from) >= 0 && compareKeys(key, from) < 0);
      }
      found.push(...inside);
    }
    assert.equal(endBytes, table.meta.fileBytes - TABLE_FOOTER_BYTES);
    assert.deepEqual(from, rangeOfTable(table).to);
    assert.deepEqual(found, keys);
    for (const offset of [0, 12, table.meta.fileBytes - TABLE_FOOTER_BYTES]) {
      assert.deepEqual(rangeOfBlock(table, offset, compressor), rangeOfTable(table));
    }
  }
});

test('a damaged index stands for its partition, and the walk goes on behind it', () => {
  const { world, table } = make(3);
  const before = [...tableBlocks(table, compressor)];
  const indexes = before.filter(({ type }) => type === BLOCK_INDEX);
  assert.ok(indexes.length > 2);
  const broken = indexes[1] as TableBlock;
  world.disk.flipBit(PATH, broken.offset + 3, 2);
  const after = [...tableBlocks(table, compressor)];
  const lost = before.filter(({ partition, type }) => partition === broken.partition && type === BLOCK_DATA);
  assert.equal(after.length, before.length - lost.length);
  assert.deepEqual(
    after.filter(({ damage }) => damage !== undefined).map(({ offset, range }) => [offset, range]),
    [[broken.offset, broken.range]],
  );
  assert.deepEqual(rangeOfBlock(table, (lost[0] as TableBlock).offset, compressor), broken.range);
  assert.deepEqual(broken.range.from, (lost[0] as TableBlock).range.from);
  assert.deepEqual(broken.range.to, lost.at(-1)?.range.to);
});

test('the check of a table names exactly the blocks that are damaged, each with its keys', () => {
  const { world, table } = make(5);
  const blocks = [...tableBlocks(table, compressor)].filter(({ type }) => type === BLOCK_DATA);
  const random = new SimRandom(9);
  const broken = blocks.filter(() => random.chance(0.2));
  for (const { offset, storedBytes } of broken) world.disk.flipBit(PATH, offset + random.below(storedBytes), 1);
  const check = new TableCheck(table, compressor, SETTINGS);
  for (const bytes of check.steps()) assert.ok(bytes > 0);
  assert.deepEqual(
    check.damaged.map(({ offset, range }) => ({ offset, range })),
    broken.map(({ offset, range }) => ({ offset, range })),
  );
  assert.ok(broken.length > 3 && broken.length < blocks.length);
  assert.equal(check.blocks, [...tableBlocks(table, compressor)].length);
});
