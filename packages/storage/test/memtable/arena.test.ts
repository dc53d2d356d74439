/** The arena: ranges never overlap, none has ref 0, a walk over the chunks meets each, and chunks are used again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { Arena, ENTRY_ALIGNMENT, firstOffset } from '../../src/memtable/arena.ts';
import { CHUNK_BYTES, ChunkPool } from '../../src/memtable/chunk-pool.ts';

const padded = (length: number): number => Math.ceil(length / ENTRY_ALIGNMENT) * ENTRY_ALIGNMENT;

test('ranges of any length are aligned, lie inside their chunk, do not overlap, and none has ref 0', () => {
  const random = new SimRandom(1);
  const arena = new Arena(new ChunkPool());
  const marks: { readonly ref: number; readonly length: number; readonly mark: number }[] = [];
  let used = 0;
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
    used += padded(length);
  }
  assert.equal(arena.usedBytes, used);
  assert.ok(arena.heldBytes >= used);
  assert.equal(new Set(marks.map(({ ref }) => ref)).size, marks.length);
  for (const { ref, length, mark } of marks) {
    const at = arena.offsetOf(ref);
    assert.ok(
      arena
        .bytesOf(ref)
        .subarray(at, at + length)
        .every((byte) => byte === mark),
    );
  }
});

test('a walk over the chunks, each as far as it is filled, meets every range and nothing else', () => {
  const random = new SimRandom(2);
  const arena = new Arena(new ChunkPool());
  const lengths: number[] = [];
  for (let n = 0; n < 800; n += 1) {
    const length = random.chance(0.01) ? CHUNK_BYTES / 2 + random.below(CHUNK_BYTES) : 1 + random.below(8000);
    const ref = arena.allocate(length);
    new DataView(arena.bytesOf(ref).buffer).setUint32(arena.offsetOf(ref), padded(length));
    lengths.push(padded(length));
  }
  const met: number[] = [];
  for (const [number, chunk] of arena.chunks.entries()) {
    for (let at = firstOffset(number); at < arena.filledBytes(number); ) {
      const length = new DataView(chunk.buffer).getUint32(at);
      met.push(length);
      at += length;
    }
  }
  const ordered = (all: number[]): number[] => all.sort((a, b) => a - b);
  assert.deepEqual(ordered(met), ordered(lengths));
});

test('released chunks are used again, as many as the pool keeps; those of odd sizes are let go', () => {
  const pool = new ChunkPool(3 * CHUNK_BYTES);
  const seen = new Set<Uint8Array>();
  for (let round = 0; round < 50; round += 1) {
    const arena = new Arena(pool);
    for (let n = 0; n < 4; n += 1) seen.add(arena.bytesOf(arena.allocate(CHUNK_BYTES / 2 - 8)));
    const alone = arena.allocate(CHUNK_BYTES);
    assert.equal(arena.bytesOf(alone).length > CHUNK_BYTES, true);
    arena.release();
    assert.deepEqual([arena.heldBytes, arena.usedBytes, arena.chunks.length], [0, 0, 0]);
  }
  assert.ok(seen.size <= 3, `${seen.size} chunks allocated`);
});
