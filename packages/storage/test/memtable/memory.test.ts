/** Memory and the log under steady overwriting: bounded, whatever the size of values and batches. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRecord } from '@torc/base/record/codec';
import { ENTRY_WHOLE } from '../../src/commit-log/entry.ts';
import { ChunkPool, CHUNK_BYTES } from '../../src/memtable/chunk-pool.ts';
import { Memtable } from '../../src/memtable/memtable.ts';
import { keyOf, put, recordOf, recordUnder, valueUnder, World } from '../support/world.ts';

const MIB = 1024 * 1024;

test('200,000 overwrites of records that fit where the old ones stood need no more memory than the first', () => {
  const table = new Memtable(1, 2, new ChunkPool());
  const keys = Array.from({ length: 100 }, (_, n) => keyOf(`key ${n}`));
  const records = keys.map((_, n) => encodeRecord(recordOf(1, new Uint8Array(n * 7))));
  let used = 0;
  for (let n = 0; n < 200_000; n += 1) {
    const key = keys[n % keys.length] as ReturnType<typeof keyOf>;
    const record = records[n % records.length] as Uint8Array;
    const batch = Math.floor(n / 10);
    const found = table.find(key);
    const ref = table.stage(key, found, record.length, batch, true);
    table.bytesOf(ref).set(record, table.recordAt(ref));
    table.publish(ref, key, found, batch, ENTRY_WHOLE);
    if (n === keys.length - 1) used = table.usedBytes;
  }
  assert.equal(table.usedBytes, used);
  assert.equal(table.count, keys.length);
});

test('batches of several MiB, again and again over one key, hold a bounded number of bytes', async () => {
  const world = new World();
  const engine = await world.open({ memtableBytes: 8 * MIB, tableBytes: 8 * MIB });
  const { memtables } = engine.parts;
  for (let turn = 0; turn < 16; turn += 1) {
    for (let n = 0; n < 16; n += 1) {
      put(engine, keyOf('a'), recordOf(turn * 16 + n + 1, new Uint8Array(256 * 1024 + ((turn + n) % 5) * 64)));
    }
    await world.scheduler.runFor(10);
    assert.ok(memtables.heldBytes < 4 * 8 * MIB, `${memtables.heldBytes} bytes held after turn ${turn}`);
  }
  assert.equal(recordUnder(engine, keyOf('a'))?.siblings[0]?.value.length, 256 * 1024);
});

test('a stream of writes that never pauses, with syncs on the pool, is flushed and compacted all the same', async () => {
  const world = new World({ cruelty: 1, faults: { laterMs: [2, 3] } });
  const memtableBytes = MIB;
  const engine = await world.open({ segmentBytes: 256 * 1024, memtableBytes, tableBytes: MIB, codec: 0 });
  let most = 0;
  let disk = 0;
  let files = 0;
  for (let turn = 0; turn < 500; turn += 1) {
    const value = new Uint8Array(40_000 + (turn % 9) * 8);
    put(engine, keyOf(`k${turn % 3}`), recordOf(turn + 1, value));
    await world.turn();
    most = Math.max(most, engine.parts.memtables.heldBytes);
    disk = Math.max(disk, world.disk.usedBytes());
    files = Math.max(files, world.names().length);
  }
  assert.ok(most < 6 * memtableBytes + 4 * CHUNK_BYTES, `${most} bytes held`);
  assert.ok(disk < 16 * MIB, `${disk} bytes on disk`);
  assert.ok(files < 40, `${files} files`);
  assert.ok((world.probe.counts.get('memtable-flushed') ?? 0) > 5);
  assert.ok((world.probe.counts.get('compacted-into-the-bottom') ?? 0) > 0);
});

test('a flush and a recovery give back what was there, without a look at the log', async () => {
  const world = new World();
  const engine = await world.open();
  for (let n = 0; n < 3000; n += 1)
    put(engine, keyOf(`key ${n % 500}`), recordOf(n + 1, n % 7 === 0 ? undefined : `value ${n}`));
  await world.turn();
  await world.scheduler.settle(engine.flush());
  const values = engine.valueCount(0);
  world.restart('dropped');
  const again = await world.open();
  assert.deepEqual([again.recovery.batches, again.recovery.keys, again.valueCount(0)], [0, 0, values]);
  for (let n = 2500; n < 3000; n += 1) {
    assert.equal(valueUnder(again, `key ${n % 500}`), n % 7 === 0 ? undefined : `value ${n}`);
  }
});
