/** Freezing: a frozen memtable stays as it is, and its memory comes back when its table lives and nobody reads it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENTRY_WHOLE } from '../../src/commit-log/entry.ts';
import { CHUNK_BYTES, ChunkPool } from '../../src/memtable/chunk-pool.ts';
import { MemtableSet } from '../../src/memtable/memtable-set.ts';
import { keyOf } from '../support/world.ts';

const AT = { logFloor: 1, state: new Map<number, number>(), counts: new Map<number, number>() };

function write(set: MemtableSet, key: string, byte: number): void {
  const { memtable } = set.active;
  const found = memtable.find(keyOf(key));
  const ref = memtable.stage(keyOf(key), found, 8, byte, true);
  memtable.bytesOf(ref).fill(byte, memtable.recordAt(ref), memtable.recordAt(ref) + 8);
  memtable.publish(ref, keyOf(key), found, byte, ENTRY_WHOLE);
}

test('what is written after a freeze goes to a fresh memtable; the frozen one keeps what it had', () => {
  const set = new MemtableSet(1, 2, new ChunkPool());
  write(set, 'a', 1);
  const first = set.freeze(AT);
  write(set, 'a', 2);
  write(set, 'b', 3);
  const second = set.freeze(AT);
  assert.deepEqual(set.frozen, [second, first], 'newest first');
  const { memtable } = first;
  const ref = memtable.find(keyOf('a'));
  assert.equal(memtable.bytesOf(ref)[memtable.recordAt(ref)], 1);
  assert.deepEqual([memtable.count, second.memtable.count, set.active.memtable.count], [1, 2, 0]);
  assert.equal(set.usedBytes, memtable.usedBytes + second.memtable.usedBytes);
  assert.throws(() => set.flushed(second, 1), { name: 'InvariantError' }, 'oldest first');
});

test('memory is given back when the table lives and the last reader is gone, whichever comes last', () => {
  for (const flushedFirst of [true, false]) {
    const pool = new ChunkPool(CHUNK_BYTES);
    const set = new MemtableSet(1, 2, pool);
    write(set, 'a', 1);
    const held = set.freeze(AT);
    const chunk = held.memtable.arena.chunks[0];
    held.pin();
    held.pin();
    held.unpin();
    if (flushedFirst) set.flushed(held, 1);
    else held.unpin();
    assert.ok(held.memtable.heldBytes > 0);
    if (flushedFirst) held.unpin();
    else set.flushed(held, 1);
    assert.equal(held.memtable.heldBytes, 0);
    assert.equal(pool.take(), chunk);
    assert.throws(() => held.unpin(), { name: 'InvariantError' });
  }
});
