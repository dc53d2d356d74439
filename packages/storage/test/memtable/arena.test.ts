/** The arena: ranges never overlap, none has ref 0, dead bytes are counted, and emptied chunks are used again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { Arena, CHUNK_BYTES, ENTRY_ALIGNMENT } from '../../src/memtable/arena.ts';

const padded = (length: number): number => Math.ceil(length / ENTRY_ALIGNMENT) * ENTRY_ALIGNMENT;

test('ranges of any length are aligned, lie inside their chunk, do not overlap, and none has ref 0', () => {
  const random = new SimRandom(1);
  const arena = new Arena();
  const marks: { readonly ref: number; readonly length: number; readonly mark: number }[] = [];
  let live = 0;
  for (let n = 0; n < 3000; n += 1) {
    const length = random.pick([1, 7, 8, 9, 100, 5000, CHUNK_BYTES / 2, CHUNK_BYTES / 2 + 1, CHUNK_BYTES + 13]);
    if (length > 5000 && !random.chance(0.02)) continue;
    const ref = arena.allocate(length);
    assert.notEqual(ref, 0);
    assert.ok(arena.offsetOf(ref) + length <= arena.bytesOf(ref).length);
    assert.equal(arena.offsetOf(ref) % ENTRY_ALIGNMENT, 0);
    const mark = 1 + (n % 255);
    arena.bytesOf(ref).fill(mark, arena.offsetOf(ref), arena.offsetOf(ref) + length);
    marks.push({ ref, length, mark });
    live += padded(length);
  }
  assert.equal(arena.liveBytes, live);
  assert.ok(arena.heldBytes >= live);
  assert.equal(new Set(marks.map(({ ref }) => ref)).size, marks.length);
  for (const { ref, length, mark } of marks) {
    const at = arena.offsetOf(ref);
    const range = arena.bytesOf(ref).subarray(at, at + length);
    assert.ok(range[0] === mark && range[length - 1] === mark && range.every((byte) => byte === mark));
  }
});

test('what is released is dead, what is taken back lives again', () => {
  const arena = new Arena();
  const ref = arena.allocate(13);
  assert.equal(arena.liveBytes, 16);
  arena.release(ref, 13);
  assert.equal(arena.liveBytes, 0);
  arena.release(ref, -13);
  assert.equal(arena.liveBytes, 16);
});

test('the worst chunk is the one with the least alive, never the one being filled, and none when all are half alive', () => {
  const arena = new Arena();
  const third = Math.floor(CHUNK_BYTES / 3 / 8) * 8 - 8;
  const refs = Array.from({ length: 9 }, () => arena.allocate(third));
  assert.equal(arena.worstChunk(), -1);
  for (const at of [6, 7, 8]) arena.release(refs[at] as number, third);
  assert.equal(arena.worstChunk(), -1, 'the last chunk is being filled');
  for (const at of [0, 1]) arena.release(refs[at] as number, third);
  for (const at of [3, 4, 5]) arena.release(refs[at] as number, third);
  assert.equal(arena.worstChunk(), 1);
});

test('freed chunks are used again: steady filling and freeing holds a bounded number', () => {
  const arena = new Arena();
  let most = 0;
  const seen = new Set<Uint8Array>();
  let before: number[] = [];
  for (let round = 0; round < 200; round += 1) {
    const refs = Array.from({ length: 4 }, () => arena.allocate(CHUNK_BYTES / 2));
    for (const ref of refs) seen.add(arena.bytesOf(ref));
    for (const ref of before) arena.release(ref, CHUNK_BYTES / 2);
    before = refs;
    for (let chunk = arena.worstChunk(); chunk >= 0; chunk = arena.worstChunk()) arena.freeChunk(chunk);
    most = Math.max(most, arena.heldBytes);
  }
  assert.ok(most <= 6 * CHUNK_BYTES, `${most} bytes held`);
  assert.ok(seen.size < 20, `${seen.size} arrays allocated`);
});

test('a chunk in which something lives is not freed', () => {
  const arena = new Arena();
  const ref = arena.allocate(CHUNK_BYTES);
  assert.throws(() => arena.freeChunk(ref >>> 17), { name: 'InvariantError' });
});
