/** What a cursor holds on to, how often it asks, and where a search must not be misled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { AT_END, AT_ENTRY, NEEDS_DISK } from '../../src/read/cursor.ts';
import { TableCursor } from '../../src/sstable/table-cursor.ts';
import {
  type Entry,
  engineKey,
  find,
  ForgetfulSource,
  load,
  openTable,
  randomEntries,
  SETTINGS,
  sorted,
  World,
  writeTable,
} from './bench.ts';

const LIMITS = { entries: 30, dataBytes: 1 << 20 };
const SMALL_BLOCKS = { ...SETTINGS, blockBytes: 500 };

test('a cursor that was never sought, or ran off an end, is at the end until it is sought', () => {
  const world = new World();
  const entries = randomEntries(new SimRandom(1), 20);
  writeTable(world.disk, entries);
  const table = openTable(world.disk);
  const cursor = new TableCursor(table, { peek: (_owner, handle) => load(table, { owner: table, handle }) });
  assert.deepEqual([cursor.next(), cursor.previous()], [AT_END, AT_END]);
  const { key } = entries.at(-1) as Entry;
  assert.equal(cursor.seek(key, 0, key.length), AT_ENTRY);
  assert.deepEqual([cursor.next(), cursor.previous(), cursor.next()], [AT_END, AT_END, AT_END]);
  assert.equal(cursor.seekBelow(key, 0, key.length), AT_ENTRY);
  assert.equal(cursor.next(), AT_ENTRY);
});

test('a walk without any cache loads each block of data and each index once', () => {
  const world = new World();
  const entries = randomEntries(new SimRandom(2), 200);
  const meta = writeTable(world.disk, entries, SMALL_BLOCKS, LIMITS);
  const table = openTable(world.disk);
  for (const backwards of [false, true]) {
    const cursor = new TableCursor(table, { peek: () => undefined });
    const edge = new Uint8Array(7).fill(backwards ? 255 : 0);
    let loads = 0;
    let seen = 0;
    let code = backwards ? cursor.seekBelow(edge, 0, 7) : cursor.seek(edge, 0, 7);
    while (code !== AT_END) {
      if (code === NEEDS_DISK) {
        loads += 1;
        cursor.provide(load(table, cursor.wants));
        if (seen === 0) code = backwards ? cursor.seekBelow(edge, 0, 7) : cursor.seek(edge, 0, 7);
      } else seen += 1;
      if (seen > 0) code = backwards ? cursor.previous() : cursor.next();
    }
    assert.equal(seen, entries.length);
    assert.equal(loads, meta.blocks + table.partitions);
  }
});

test('a walk over what is in memory asks for an index a few times, not at every block', () => {
  const world = new World();
  const meta = writeTable(world.disk, randomEntries(new SimRandom(2), 200), { ...SETTINGS, blockBytes: 300 });
  const table = openTable(world.disk);
  let peeks = 0;
  const cursor = new TableCursor(table, {
    peek(_owner, handle) {
      peeks += 1;
      return load(table, { owner: table, handle });
    },
  });
  cursor.seek(table.meta.firstKey, 0, table.meta.firstKey.length);
  while (cursor.next() === AT_ENTRY);
  assert.ok(meta.blocks > 20);
  assert.equal(peeks, meta.blocks + 2);
});

test('what the source had in memory may change after the turn: the walk goes on as it was', () => {
  const world = new World();
  const entries = randomEntries(new SimRandom(3), 200);
  writeTable(world.disk, entries, SMALL_BLOCKS, LIMITS);
  const table = openTable(world.disk);
  let given: Uint8Array[] = [];
  const cursor = new TableCursor(table, {
    peek(_owner, handle) {
      const block = load(table, { owner: table, handle });
      given.push(block);
      return block;
    },
  });
  const first = (entries[0] as Entry).key;
  let code = cursor.seek(first, 0, first.length);
  for (const { key, record } of entries) {
    for (const block of given) block.fill(0xee);
    given = [];
    assert.equal(code, AT_ENTRY);
    assert.deepEqual(cursor.keyBytes.slice(cursor.keyStart, cursor.keyEnd), key);
    assert.deepEqual(cursor.recordBytes.slice(cursor.recordStart, cursor.recordEnd), record);
    code = cursor.next();
  }
  assert.equal(code, AT_END);
});

test('a lookup is not misled by an entry that shares less and ends like the key', () => {
  const { record } = randomEntries(new SimRandom(4), 1)[0] as Entry;
  const entries = sorted(['aba', 'ac', 'acc', 'b'].map((name) => ({ key: engineKey(`{t}${name}`), kind: 1, record })));
  const world = new World();
  writeTable(world.disk, entries, { ...SETTINGS, filterBitsPerKey: 0 });
  const table = openTable(world.disk);
  const source = new ForgetfulSource(new SimRandom(1), 0);
  for (const name of ['abc', 'abab', 'ab', 'acb', 'a', 'accc']) {
    assert.equal(find(table, source, engineKey(`{t}${name}`)), undefined, name);
  }
  for (const { key } of entries) assert.ok(find(table, source, key));
});
