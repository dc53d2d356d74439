import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers, type Clock } from '@torc/base/record/clock';
import { liveSiblings } from '@torc/base/record/fate';
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcRecord } from '@torc/base/record/record';
import { writeRecord } from '@torc/base/record/write';
import { InvariantError } from '@torc/base/assert';

const SX = 1;
const SY = 2;
const SZ = 3;
const NOW = 0;

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const values = (record: TorcRecord): string[] =>
  liveSiblings(record, 'siblings', NOW)
    .map(({ value }) => String.fromCharCode(...value))
    .sort();

function put(local: TorcRecord | undefined, actor: number, stamp: number, value: string, context?: Clock): TorcRecord {
  const options = { lineageFloor: 0, ...(context === undefined ? {} : { context }) };
  return writeRecord(local, { value: bytes(value) }, { actor, stamp }, options);
}

const d1 = put(undefined, SX, 1, 'D1');
const d2 = put(d1, SX, 2, 'D2', d1.clock);
const d3 = put(d2, SY, 3, 'D3', d2.clock);
const d4 = put(d2, SZ, 4, 'D4', d2.clock);
const conflict = mergeRecords(d3, d4);
const d5 = put(conflict, SX, 5, 'D5', conflict.clock);

test('a client writes D1 at Sx', () => {
  assert.deepEqual(values(d1), ['D1']);
  assert.deepEqual(d1.clock, [{ actor: SX, since: 1, upto: 1 }]);
});

test('it updates D1 to D2 at Sx: D2 covers D1, one interval of Sx', () => {
  assert.deepEqual(values(d2), ['D2']);
  assert.deepEqual(d2.clock, [{ actor: SX, since: 1, upto: 2 }]);
});

test('from D2 one client writes D3 at Sy', () => {
  assert.deepEqual(values(d3), ['D3']);
  assert.deepEqual(d3.clock, [
    { actor: SX, since: 1, upto: 2 },
    { actor: SY, since: 3, upto: 3 },
  ]);
});

test('from D2 another client writes D4 at Sz', () => {
  assert.deepEqual(values(d4), ['D4']);
  assert.equal(covers(d4.clock, { actor: SY, stamp: 3 }), false);
});

test('a reader sees the conflict D3 ∥ D4', () => {
  assert.deepEqual(values(conflict), ['D3', 'D4']);
  assert.deepEqual(values(mergeRecords(d4, d3)), ['D3', 'D4']);
});

test('it reconciles and writes D5, which covers both', () => {
  assert.deepEqual(values(d5), ['D5']);
  for (const stale of [d1, d2, d3, d4, conflict]) assert.deepEqual(values(mergeRecords(d5, stale)), ['D5']);
});

test('a write with a context leaves what it did not see', () => {
  const record = put(conflict, SX, 6, 'D6', d3.clock);
  assert.deepEqual(values(record), ['D4', 'D6']);
});

test('a write with an empty context leaves everything', () => {
  assert.deepEqual(values(put(conflict, SX, 6, 'D6', [])), ['D3', 'D4', 'D6']);
});

test('a blind write takes the local clock as its context: it replaces what its coordinator holds, and only that', () => {
  const blind = put(d3, SY, 6, 'D6');
  assert.deepEqual(values(blind), ['D6']);
  assert.deepEqual(values(mergeRecords(blind, d4)), ['D4', 'D6']);
});

test('a stamp that is not above its context is a bug', () => {
  assert.throws(() => put(d2, SX, 2, 'again'), InvariantError);
  assert.throws(() => put(undefined, SY, 2, 'low', d2.clock), InvariantError);
});

test('a forgetful coordinator never covers its own lost sibling', () => {
  const lost = put(d2, SX, 7, 'lost');
  const atSy = mergeRecords(d2, lost);
  // Sx comes back with what it had at D2, its floor raised above everything it may have written.
  const options = { lineageFloor: 8 };
  const after = writeRecord(d2, { value: bytes('after') }, { actor: SX, stamp: 9 }, options);
  assert.deepEqual(values(mergeRecords(atSy, after)), ['after', 'lost']);
  // Without the floor the same write claims to have seen what it forgot, and the acknowledged write is gone.
  const unsafe = writeRecord(d2, { value: bytes('after') }, { actor: SX, stamp: 9 }, { lineageFloor: 0 });
  assert.deepEqual(values(mergeRecords(atSy, unsafe)), ['after']);
});
