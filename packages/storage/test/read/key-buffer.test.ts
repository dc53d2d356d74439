import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AT_ENTRY } from '../../src/read/cursor.ts';
import { KeyBuffer } from '../../src/read/key-buffer.ts';
import { MergeCursor } from '../../src/read/merge-cursor.ts';
import { ALWAYS, entryAt, FlakyCursor, settled } from './flaky-cursor.ts';

test('a key of any length is kept, and the first key above it made', () => {
  const kept = new KeyBuffer();
  for (const length of [0, 1, 63, 64, 65, 200, 64 * 1024, 3]) {
    const key = new Uint8Array(length + 2).fill(length);
    kept.set(key, 1, length + 1);
    assert.ok(kept.equals(key, 1, length + 1));
    assert.ok(!kept.equals(key, 0, length + 2));
    kept.setAbove(key, 1, length + 1);
    assert.deepEqual(kept.bytes.subarray(0, kept.end), Uint8Array.of(...key.subarray(1, length + 1), 0));
  }
  kept.set(Uint8Array.of(1, 2, 3), 0, 3);
  kept.set(kept.bytes, 1, 3);
  assert.deepEqual(kept.bytes.subarray(0, kept.end), Uint8Array.of(2, 3));
});

test('a walk over the longest keys turns around', () => {
  const entries = [1, 2, 3].map((last) => {
    const key = new Uint8Array(64 * 1024).fill(7);
    key[key.length - 1] = last;
    return { key, kind: 1, record: new Uint8Array(40) };
  });
  const cursor = new MergeCursor([new FlakyCursor(entries, ALWAYS)]);
  settled(cursor, () => cursor.seek(new Uint8Array(0), 0, 0));
  const moves = [() => cursor.next(), () => cursor.previous(), () => cursor.next(), () => cursor.next()];
  for (const [move, at] of moves.map((move, i) => [move, [1, 0, 1, 2][i] as number] as const)) {
    assert.equal(settled(cursor, move), AT_ENTRY);
    assert.deepEqual(entryAt(cursor), entries[at]);
  }
});
