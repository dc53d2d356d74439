/** Errors of the disk under the writer and the reader; what the writer refuses; pieces, syncs, names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskError } from '@torc/base/errors';
import type { Disk, DiskFile } from '@torc/base/ports/disk';
import type { OperationKind } from '@torc/sim/disk/faults';
import { SimRandom } from '@torc/sim/random';
import { readBlockLater } from '../../src/sstable/block-io.ts';
import { WRITE_PIECE_BYTES } from '../../src/sstable/limits.ts';
import { tableName, tableNumbers } from '../../src/sstable/names.ts';
import type { BlockWant } from '../../src/read/cursor.ts';
import { TableLookup } from '../../src/sstable/table-lookup.ts';
import { TableWriter } from '../../src/sstable/table-writer.ts';
import {
  compressor,
  engineKey,
  type Entry,
  FILE,
  find,
  ForgetfulSource,
  hashOf,
  openTable,
  PATH,
  randomEntries,
  SETTINGS,
  writeTable,
  World,
} from './bench.ts';

const ENTRIES = randomEntries(new SimRandom(3), 2000, 600);

function write(world: World): 'written' | 'failed' {
  let writer: TableWriter | undefined;
  try {
    writer = new TableWriter({ disk: world.disk, compressor }, FILE, SETTINGS);
    for (const { kind, key, record } of ENTRIES) writer.add(kind, key, 0, key.length, record, 0, record.length);
    writer.finish();
    return 'written';
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    writer?.abandon();
    return 'failed';
  }
}

test('an error at the n-th call of any kind fails the table and leaves no file', () => {
  for (const kind of ['create', 'write', 'sync'] as const satisfies readonly OperationKind[]) {
    let failures = 0;
    for (let nth = 1; ; nth += 1) {
      const world = new World();
      world.disk.faults.failNth(kind, nth, kind === 'write' ? 'full' : 'io');
      if (write(world) === 'written') break;
      failures += 1;
      assert.deepEqual(world.names(), [], `${kind} ${nth}`);
    }
    assert.ok(failures >= (kind === 'write' ? 2 : 1), `${kind} failed ${failures} times`);
  }
});

test('a table that is finished is durable, and what is read back of it is whole in spite of short writes', () => {
  const world = new World({ faults: { shortWrites: 1 } });
  assert.equal(write(world), 'written');
  world.disk.syncDirectory('');
  world.disk = world.disk.restart('dropped');
  const table = openTable(world.disk);
  const source = new ForgetfulSource(new SimRandom(1), 0);
  for (const { key, record } of ENTRIES) {
    const found = find(table, source, key);
    assert.deepEqual(found?.recordBytes.slice(found.recordStart, found.recordEnd), record);
  }
});

test('errors of the disk while reading are errors of the disk, not damage, and leave no file open', async () => {
  const world = new World();
  writeTable(world.disk, ENTRIES.slice(0, 10));
  for (const [kind, times] of [
    ['open', 1],
    ['size', 1],
    ['read', 4],
  ] as const) {
    for (let nth = 1; nth <= times; nth += 1) {
      world.disk.faults.failNth(kind, nth);
      assert.throws(() => openTable(world.disk), DiskError);
    }
  }
  const table = openTable(world.disk);
  const { key } = ENTRIES[4] as Entry;
  const lookup = new TableLookup().aim(key, 0, key.length, hashOf(key));
  table.find(lookup, { peek: () => undefined });
  const { handle } = lookup.wants as BlockWant;
  world.disk.faults.failNth('read');
  await assert.rejects(world.scheduler.settle(readBlockLater(table.file, table, handle, compressor)), DiskError);
  assert.ok((await world.scheduler.settle(readBlockLater(table.file, table, handle, compressor))).length > 0);
});

test('the writer writes in large pieces', () => {
  const world = new World();
  const lengths: number[] = [];
  const counting: Pick<Disk, 'create'> = {
    create(path: string): DiskFile {
      const file = world.disk.create(path);
      const writeNow = file.writeNow.bind(file);
      file.writeNow = (from, start, length, position) => {
        lengths.push(length);
        return writeNow(from, start, length, position);
      };
      return file;
    },
  };
  const meta = writeTable(counting as Disk, ENTRIES);
  assert.ok(lengths.length > 1);
  for (const length of lengths.slice(0, -1)) assert.ok(length >= WRITE_PIECE_BYTES);
  assert.equal(
    lengths.reduce((sum, length) => sum + length, 0),
    meta.fileBytes,
  );
});

test('the writer refuses keys that do not rise, entries out of bounds, and a table of nothing', () => {
  const world = new World();
  const writer = new TableWriter({ disk: world.disk, compressor }, FILE, SETTINGS);
  assert.throws(() => writer.finish(), { name: 'InvariantError' });
  const { record } = ENTRIES[0] as Entry;
  const add = (key: Uint8Array, kind = 1, bytes = record): void =>
    writer.add(kind, key, 0, key.length, bytes, 0, bytes.length);
  add(engineKey('b', 1));
  for (const key of [engineKey('b', 1), engineKey('b', 0), engineKey('b', 1).slice(0, 6), new Uint8Array(5)]) {
    assert.throws(() => add(key), { name: 'InvariantError' });
  }
  assert.throws(() => add(engineKey('b', 2), 3), { name: 'InvariantError' });
  assert.throws(() => add(engineKey('b', 2), 1, new Uint8Array(31)), { name: 'InvariantError' });
  assert.throws(() => add(new Uint8Array(64 * 1024 + 7).fill(255)), { name: 'InvariantError' });
  writer.abandon();
  assert.deepEqual(world.names(), []);
  const senseless = new TableWriter({ disk: world.disk, compressor }, FILE, SETTINGS);
  senseless.add(1, engineKey('b'), 0, 7, new Uint8Array(40).fill(255), 0, 40);
  assert.throws(() => senseless.finish(), { name: 'InvariantError' }, 'stamps that no reader would take');
});

test('the largest keys, and records beyond any buffer, come back', () => {
  const world = new World();
  const long = new Uint8Array(64 * 1024 + 6).fill(0x61);
  const longer = long.slice().fill(0x62, long.length - 1);
  const { record } = ENTRIES[0] as Entry;
  const big = new Uint8Array(3 * 1024 * 1024).fill(7);
  big.set(record);
  const entries = [long, longer].map((key, i) => ({ key, kind: 1, record: i === 0 ? big : record }));
  writeTable(world.disk, [{ key: engineKey('first'), kind: 2, record }, ...entries]);
  const table = openTable(world.disk);
  for (const { key, record } of entries) {
    const found = find(table, new ForgetfulSource(new SimRandom(1), 0), key);
    assert.equal(found?.recordEnd, (found?.recordStart ?? 0) + record.length);
  }
});

test('what the properties say of the records is so', () => {
  const world = new World();
  const meta = writeTable(world.disk, ENTRIES);
  const parts = ENTRIES.filter(({ kind }) => kind === 2).length;
  const flags = ENTRIES.filter(({ record }) => ((record[1] as number) & 1) === 1).length;
  const view = (record: Uint8Array, at: number): number => Number(new DataView(record.buffer).getBigUint64(at, true));
  const stamps = ENTRIES.map(({ record }) => view(record, 16));
  const expiries = ENTRIES.map(({ record }) => view(record, 24)).filter((ms) => ms > 0);
  assert.deepEqual(
    [meta.parts, meta.tombstones, meta.lowStamp, meta.highStamp, meta.expiring, meta.lowExpiryMs, meta.highExpiryMs],
    [
      parts,
      flags,
      Math.min(...stamps),
      Math.max(...stamps),
      expiries.length,
      Math.min(...expiries),
      Math.max(...expiries),
    ],
  );
  assert.equal(meta.fileBytes, world.disk.inspect().find(({ path }) => path === PATH)?.sizeBytes);
});

test('names of tables', () => {
  assert.equal(tableName(12), 'table-0000000012');
  const names = [tableName(12), tableName(3), `${tableName(4)}.tmp`, 'table-', 'table-00000000x1', 'table-0000000000'];
  assert.deepEqual(tableNumbers(names), [3, 12]);
});
