import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distinctVersions, liveSiblings } from '@torc/base/record/fate';
import { mergeRecords } from '@torc/base/record/merge';
import { compareSiblings, type Sibling, type TorcRecord } from '@torc/base/record/record';
import { stampAt, STAMP_EPOCH_MS, wallMsOf } from '@torc/base/record/dot';

function sibling(stamp: number, more: Partial<Sibling> = {}): Sibling {
  return { dot: { actor: 1, stamp }, value: Uint8Array.of(stamp), ...more };
}

function record(...siblings: Sibling[]): TorcRecord {
  return {
    clock: [{ actor: 1, since: 1, upto: 99 }],
    siblings: [...siblings].sort(compareSiblings),
  };
}

const answers = (r: TorcRecord, rule: 'latest' | 'siblings', now = 50): number[] =>
  liveSiblings(r, rule, now).map(({ dot }) => dot.stamp);

test('latest: the highest stamp wins, then the highest actor', () => {
  assert.deepEqual(answers(record(sibling(3), sibling(7), sibling(5)), 'latest'), [7]);
  const other = sibling(7, { dot: { actor: 2, stamp: 7 } });
  assert.equal(liveSiblings(record(sibling(7), other), 'latest', 0)[0]?.dot.actor, 2);
});

test('the winner is chosen first, expiry second: an expired winner does not let an older version back', () => {
  const expired = record(sibling(3), sibling(7, { expiresAtMs: 40 }));
  assert.deepEqual(answers(expired, 'latest'), []);
  assert.deepEqual(answers(expired, 'latest', 39), [7]);
  assert.deepEqual(answers(expired, 'latest', 40), [], 'it is gone at the very millisecond');
});

test('a tombstone that wins answers nothing', () => {
  assert.deepEqual(
    answers(record(sibling(3), sibling(7, { tombstone: true, value: new Uint8Array(0) })), 'latest'),
    [],
  );
});

test('siblings: every concurrent live value, winner first', () => {
  const mixed = record(
    sibling(3),
    sibling(5, { tombstone: true, value: new Uint8Array(0) }),
    sibling(7),
    sibling(9, { expiresAtMs: 1 }),
  );
  assert.deepEqual(answers(mixed, 'siblings'), [7, 3]);
});

test('a second attempt stands where the first one stood', () => {
  const second = sibling(9, { firstStamp: 2, id: Uint8Array.of(1) });
  assert.deepEqual(answers(record(sibling(5), second), 'latest'), [5]);
});

test('versions with one id are one version', () => {
  const id = Uint8Array.of(7, 7);
  const both = record(sibling(4, { id }), sibling(8, { id, firstStamp: 4 }), sibling(6, { id: Uint8Array.of(8) }));
  assert.equal(distinctVersions(both.siblings).length, 2);
  assert.equal(answers(both, 'siblings').length, 2);
});

test('dropping one of two attempts in merge instead would not be associative', () => {
  const id = Uint8Array.of(7);
  const one = { clock: [{ actor: 1, since: 1, upto: 1 }], siblings: [sibling(1, { id })] };
  const two = { clock: [{ actor: 1, since: 2, upto: 2 }], siblings: [sibling(2, { id, firstStamp: 1 })] };
  const later = { clock: [{ actor: 1, since: 2, upto: 3 }], siblings: [sibling(3)] };
  const collapse = (r: TorcRecord): TorcRecord => ({ ...r, siblings: distinctVersions(r.siblings) });
  const merge = (a: TorcRecord, b: TorcRecord): TorcRecord => collapse(mergeRecords(a, b));
  const left = merge(merge(one, two), later).siblings.map((s) => s.dot.stamp);
  const right = merge(one, merge(two, later)).siblings.map((s) => s.dot.stamp);
  assert.notDeepEqual(left, right);
});

test('stamps hold wall time, from 2024 on, clamped at both ends', () => {
  assert.equal(wallMsOf(stampAt(STAMP_EPOCH_MS + 12345)), STAMP_EPOCH_MS + 12345);
  assert.equal(stampAt(0), 0);
  assert.equal(stampAt(Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
});
