/** The block cache at its limits: the order of leaving, admission, dropped tables, buffers used again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK_OVERHEAD_BYTES, BlockCache } from '../../src/cache/block-cache.ts';
import { BlockMemory, sizeFor } from '../../src/cache/block-memory.ts';
import type { AdmissionPolicy } from '../../src/cache/cache-policy.ts';

const BLOCK = new Uint8Array(1024);
const CHARGE = 1024 + BLOCK_OVERHEAD_BYTES;

/** A cache for about `blocks` blocks of 1 KiB: a sixteenth of the limit is for spare buffers. */
function cacheFor(blocks: number, admission?: AdmissionPolicy): BlockCache {
  const limit = Math.ceil((blocks * CHARGE * 16) / 15) + 16;
  return new BlockCache(limit, admission === undefined ? {} : { admission });
}

function present(cache: BlockCache, table: number, blocks: number): number[] {
  const found: number[] = [];
  for (let n = 0; n < blocks; n += 1) if (cache.get(table, n) !== undefined) found.push(n);
  return found;
}

test('a scan of cold blocks, however long, does not evict what was asked for twice', () => {
  const cache = cacheFor(100);
  for (let n = 0; n < 60; n += 1) cache.put(1, n, BLOCK);
  assert.equal(present(cache, 1, 60).length, 60);
  for (let n = 0; n < 10_000; n += 1) cache.put(2, n, BLOCK);
  assert.equal(present(cache, 1, 60).length, 60);
  assert.equal(cache.evictions, 10_060 - 100);
});

test('in probation the first to come is the first to leave, and a hit saves a block', () => {
  const cache = cacheFor(10);
  for (let n = 0; n < 10; n += 1) cache.put(1, n, BLOCK);
  cache.get(1, 3);
  for (let n = 10; n < 15; n += 1) cache.put(1, n, BLOCK);
  assert.deepEqual(present(cache, 1, 15), [3, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
});

test('what protected has no room for goes back to probation, the longest unasked first', () => {
  const cache = cacheFor(10);
  for (let n = 0; n < 10; n += 1) cache.put(1, n, BLOCK);
  // Eight fit into protected: 0 and 1 are demoted again.
  for (let n = 0; n < 10; n += 1) cache.get(1, n);
  cache.put(1, 10, BLOCK);
  cache.put(1, 11, BLOCK);
  assert.deepEqual(present(cache, 1, 12), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test('a block above an eighth of the limit does not come in; one at it does', () => {
  const limit = 8 * CHARGE;
  const cache = new BlockCache(limit);
  assert.ok(cache.put(1, 0, BLOCK) !== undefined);
  assert.equal(cache.put(1, 0, new Uint8Array(1025)), undefined);
  assert.equal(cache.get(1, 0), undefined, 'the block of that name has left all the same');
  const none = new BlockCache(0);
  assert.equal(none.put(1, 0, new Uint8Array(0)), undefined);
  assert.equal(none.bytes, 0);
});

test('the admission policy is asked with the victim, and may refuse', () => {
  const asked: number[] = [];
  const cache = cacheFor(10, { asked() {}, admits: (_hash, victim) => asked.push(victim) <= 11 && victim !== 0 });
  for (let n = 0; n < 10; n += 1) assert.ok(cache.put(1, n, BLOCK) !== undefined);
  assert.deepEqual(new Set(asked), new Set([-1]));
  assert.equal(cache.put(1, 10, BLOCK), undefined, 'not worth the block in slot 0');
  assert.equal(cache.evictions, 0);
  cache.get(1, 0);
  assert.ok(cache.put(1, 10, BLOCK) === undefined || cache.get(1, 1) === undefined);
});

test('a dropped table leaves nothing, and touches no other', () => {
  const cache = cacheFor(200);
  for (let n = 0; n < 100; n += 1) {
    cache.put(1, n, BLOCK);
    cache.put(0xffffffff, n, BLOCK);
  }
  present(cache, 1, 50);
  cache.dropTable(1);
  cache.dropTable(5);
  assert.equal(cache.count, 100);
  assert.equal(present(cache, 1, 100).length, 0);
  assert.equal(present(cache, 0xffffffff, 100).length, 100);
  assert.equal(cache.evictions, 0);
});

test('a smaller limit evicts at once, the cold first', () => {
  const cache = cacheFor(100);
  for (let n = 0; n < 100; n += 1) cache.put(1, n, BLOCK);
  for (let n = 0; n < 20; n += 1) cache.get(1, n);
  cache.resize(50 * CHARGE);
  assert.ok(cache.bytes <= 50 * CHARGE);
  assert.ok(cache.count >= 45);
  assert.equal(present(cache, 1, 20).length, 20);
});

test('buffers are used again only after the turn, and only while nobody holds', () => {
  const cache = cacheFor(64);
  const buffers = new Set<ArrayBufferLike>();
  let n = 0;
  const turn = (puts: number): number => {
    const before = buffers.size;
    for (let i = 0; i < puts; i += 1) buffers.add((cache.put(1, n++, BLOCK) as Uint8Array).buffer);
    cache.turnEnded();
    return buffers.size - before;
  };
  turn(64);
  assert.equal(turn(4), 4, 'none waits yet');
  assert.equal(turn(4), 0, 'those of the turn before');
  cache.hold();
  assert.equal(turn(4), 0, 'those that were spare before somebody held');
  assert.equal(turn(4), 4);
  assert.equal(turn(4), 4);
  cache.release();
  turn(0);
  assert.equal(turn(4), 0);
  assert.throws(() => cache.release(), /released as often/);
});

test('spares of sizes that nobody asks for make way', () => {
  const memory = new BlockMemory(false);
  memory.resize(10_000);
  for (let n = 0; n < 9; n += 1) memory.retire(memory.take(1024));
  memory.turnEnded();
  assert.equal(memory.bytes, 9 * 1024);
  const large = memory.take(2048);
  memory.retire(large);
  assert.equal(memory.bytes, 7 * 1024 + 2048, 'no more of them than are in the way');
  memory.turnEnded();
  assert.equal(memory.take(2040).buffer, large.buffer);
});

test('of spares of several sizes each makes way in turn', () => {
  const memory = new BlockMemory(false);
  memory.resize(12_000);
  const lengths = [1024, 1024, 1024, 1024, 2048, 2048, 2048];
  for (const block of lengths.map((length) => memory.take(length))) memory.retire(block);
  memory.turnEnded();
  memory.resize(6000);
  assert.equal(memory.bytes, 4 * 1024);
  // Two of 1 KiB and one of 2 KiB are left.
  const before = memory.bytes;
  for (const length of [1024, 2048]) memory.take(length);
  assert.equal(memory.bytes, before - 3 * 1024);
});

test('a turn in which many blocks leave makes no buffers once the cache has seen one like it', () => {
  const cache = cacheFor(256);
  const buffers = new Set<ArrayBufferLike>();
  let n = 0;
  const turn = (puts: number): number => {
    const before = buffers.size;
    for (let i = 0; i < puts; i += 1) buffers.add((cache.put(1, n++, BLOCK) as Uint8Array).buffer);
    cache.turnEnded();
    assert.ok(cache.bytes <= cache.limitBytes);
    return buffers.size - before;
  };
  turn(256);
  // Three times a sixteenth, less than a third.
  turn(50);
  turn(50);
  for (let i = 0; i < 20; i += 1) assert.equal(turn(50), 0);
  const many = cache.count;
  assert.ok(many < 235, `${many} blocks: room for 50 buffers was taken from them`);
  for (let i = 0; i < 600; i += 1) turn(1);
  assert.ok(cache.count >= 255, `${cache.count} blocks: short turns give the room back`);
});

test('a buffer has room for its block and is at most a sixteenth larger', () => {
  for (let length = 0; length < 70_000; length += 1) {
    const size = sizeFor(length);
    assert.ok(size >= length && (length < 256 ? size === 256 : size <= length * (1 + 1 / 16)), `${length}: ${size}`);
    assert.equal(sizeFor(size), size);
  }
});
