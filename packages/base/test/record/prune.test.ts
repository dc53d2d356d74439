import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '@torc/base/record/clock';
import { STAMPS_PER_MS } from '@torc/base/record/dot';
import { digestRecord } from '@torc/base/record/hash';
import { mergeRecords } from '@torc/base/record/merge';
import { PRUNE_ABOVE_ENTRIES, PRUNE_OLDER_MS } from '@torc/base/record/prune';
import type { TorcRecord } from '@torc/base/record/record';
import { writeRecord } from '@torc/base/record/write';

const DAY = PRUNE_OLDER_MS * STAMPS_PER_MS;
const ACTORS = 60;
const value = (n: number): Uint8Array => Uint8Array.of(n);

/** Sixty actors write one after the other, `gap` stamps apart, each having seen all before it. */
function sixtyWrites(gap: number): TorcRecord {
  let record: TorcRecord | undefined;
  for (let n = 1; n <= ACTORS; n += 1) {
    record = writeRecord(record, { value: value(n) }, { actor: n, stamp: n * gap }, { lineageFloor: 0 });
  }
  return record as TorcRecord;
}

test('sixty actors over ten minutes are not pruned: no entry is older than 24 h', () => {
  assert.equal(sixtyWrites(10_000 * STAMPS_PER_MS).clock.length, ACTORS);
});

test('sixty actors a day apart are pruned to 50 entries, oldest first', () => {
  const record = sixtyWrites(DAY + 1);
  assert.equal(record.clock.length, PRUNE_ABOVE_ENTRIES);
  assert.deepEqual(
    record.clock.map(({ actor }) => actor),
    Array.from({ length: 50 }, (_, i) => i + 11),
  );
});

test('a clock with exactly 50 entries is left alone, however old', () => {
  let record: TorcRecord | undefined;
  for (let n = 1; n <= PRUNE_ABOVE_ENTRIES; n += 1) {
    record = writeRecord(record, { value: value(n) }, { actor: n, stamp: n * (DAY + 1) }, { lineageFloor: 0 });
  }
  assert.equal(record?.clock.length, PRUNE_ABOVE_ENTRIES);
});

test('an entry that a sibling stands in is never pruned', () => {
  let record = writeRecord(undefined, { value: value(1) }, { actor: 1, stamp: 1 }, { lineageFloor: 0 });
  for (let n = 2; n <= ACTORS; n += 1) {
    // Each has seen all but the first write, so that one stays a sibling.
    const context = record.clock.filter(({ actor }) => actor !== 1);
    record = writeRecord(record, { value: value(n) }, { actor: n, stamp: n * (DAY + 1) }, { lineageFloor: 0, context });
  }
  assert.equal(record.siblings.length, 2);
  for (const sibling of record.siblings) assert.ok(covers(record.clock, sibling.dot));
});

test('pruning happens on coordinated writes only: merge never prunes', () => {
  const a = sixtyWrites(DAY + 1);
  const old = { actor: 900, since: 1, upto: 1 };
  const padded = { ...a, clock: [...a.clock, old] };
  assert.equal(mergeRecords(padded, a).clock.length, PRUNE_ABOVE_ENTRIES + 1);
});

test('a pruned and an unpruned replica do not send the record back and forth, and lose nothing', () => {
  let unpruned: TorcRecord | undefined;
  let pruned: TorcRecord | undefined;
  for (let n = 1; n <= ACTORS; n += 1) {
    const dot = { actor: n, stamp: n * (DAY + 1) };
    pruned = writeRecord(pruned, { value: value(n) }, dot, { lineageFloor: 0 });
    // The other replica only merges, so its clock keeps every entry.
    unpruned = unpruned === undefined ? pruned : mergeRecords(unpruned, pruned);
  }
  assert.ok(pruned !== undefined && unpruned !== undefined);
  assert.ok(unpruned.clock.length > pruned.clock.length);
  assert.deepEqual(digestRecord(unpruned), digestRecord(pruned), 'equal digests: an exchange has nothing to send');
  assert.deepEqual(mergeRecords(pruned, unpruned).siblings, pruned.siblings);
  assert.deepEqual(
    pruned.siblings.map((s) => s.value[0]),
    [ACTORS],
  );
});

test('what was forgotten by pruning can come back as a false sibling, never hide an unseen write', () => {
  const record = sixtyWrites(DAY + 1);
  const first = writeRecord(undefined, { value: value(1) }, { actor: 1, stamp: DAY + 1 }, { lineageFloor: 0 });
  const merged = mergeRecords(record, first);
  assert.deepEqual(
    merged.siblings.map((s) => s.value[0]),
    [ACTORS, 1],
    'the winner stays the newest',
  );
});
