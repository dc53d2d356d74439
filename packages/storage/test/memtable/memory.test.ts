/** Memory under steady overwriting: what is dead is given back, whatever the size of values and batches. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRecord } from '@torc/base/record/codec';
import { CHUNK_BYTES } from '../../src/memtable/arena.ts';
import { Memtable } from '../../src/memtable/memtable.ts';
import { keyOf, put, recordOf, valueUnder, World } from '../support/world.ts';

const MIB = 1024 * 1024;

/** Twice what lives, the slack below which compaction does not begin, and a few chunks. */
function limitOf(table: Memtable): number {
  return 2 * table.liveBytes + 16 * MIB + 4 * CHUNK_BYTES;
}

test('200,000 overwrites of a small set of keys hold a bounded number of bytes', () => {
  const table = new Memtable(1, 2);
  const keys = Array.from({ length: 100 }, (_, n) => keyOf(`key ${n}`));
  const records = [50, 200, 700].map((length) => encodeRecord(recordOf(1, new Uint8Array(length))));
  let most = 0;
  for (let n = 0; n < 200_000; n += 1) {
    const key = keys[(n * 7) % keys.length] as ReturnType<typeof keyOf>;
    const record = records[n % records.length] as Uint8Array;
    const ref = table.stage(key, record.length);
    table.bytesOf(ref).set(record, table.recordAt(ref));
    table.link(ref, key, n);
    if (n % 10 === 9) table.compact();
    if (table.heldBytes > most) {
      most = table.heldBytes;
      assert.ok(most < limitOf(table), `${most} bytes held for ${table.liveBytes} live ones after ${n} writes`);
    }
  }
  assert.equal(table.count, keys.length);
});

test('batches of several MiB, again and again over one key, hold a bounded number of bytes', async () => {
  const world = new World();
  const engine = await world.open({ checkpointAfterBytes: 8 * MIB });
  const value = new Uint8Array(256 * 1024);
  for (let turn = 0; turn < 16; turn += 1) {
    for (let n = 0; n < 16; n += 1) put(engine, keyOf('a'), recordOf(turn * 16 + n + 1, value));
    await world.turn();
    const { heldBytes } = engine.memtable;
    // One batch cannot be given back before it is durable.
    assert.ok(heldBytes < limitOf(engine.memtable) + 5 * MIB, `${heldBytes} bytes held after turn ${turn}`);
  }
});

test('a stream of writes that never pauses, with syncs on the pool, is compacted and checkpointed all the same', async () => {
  const world = new World({ cruelty: 1, faults: { laterMs: [2, 3] } });
  const engine = await world.open({ segmentBytes: 64 * 1024, checkpointAfterBytes: 256 * 1024 });
  const value = new Uint8Array(100_000);
  for (let turn = 0; turn < 600; turn += 1) {
    put(engine, keyOf(`k${turn % 3}`), recordOf(turn + 1, value));
    await world.turn();
  }
  const { heldBytes } = engine.memtable;
  assert.ok(heldBytes < limitOf(engine.memtable) + 5 * MIB, `${heldBytes} bytes held`);
  assert.ok((world.probe.counts.get('checkpoint-written') ?? 0) > 0, 'the log was bounded by checkpoints');
});

test('a checkpoint and a recovery give back what was there, in a memtable without dead bytes', async () => {
  const world = new World();
  const engine = await world.open();
  for (let n = 0; n < 3000; n += 1)
    put(engine, keyOf(`key ${n % 500}`), recordOf(n + 1, n % 7 === 0 ? undefined : `value ${n}`));
  await world.turn();
  await world.scheduler.settle(engine.checkpoint());
  world.restart('dropped');
  const again = await world.open();
  assert.equal(again.recovery.batches, 0, 'all of it comes from the checkpoint');
  for (let n = 2500; n < 3000; n += 1) {
    assert.equal(valueUnder(again, `key ${n % 500}`), n % 7 === 0 ? undefined : `value ${n}`);
  }
  assert.equal(again.memtable.count, 500);
});
