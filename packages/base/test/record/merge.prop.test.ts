import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkClock, covers, unionClocks } from '@torc/base/record/clock';
import { digestRecord } from '@torc/base/record/hash';
import { mergeRecords } from '@torc/base/record/merge';
import fc from 'fast-check';
import { anyClock, anyRecord } from './arbitrary.ts';

const RUNS = { numRuns: 2000 };

test('merge is commutative', () => {
  fc.assert(
    fc.property(anyRecord, anyRecord, (a, b) => assert.deepEqual(mergeRecords(a, b), mergeRecords(b, a))),
    RUNS,
  );
});

test('merge is associative', () => {
  fc.assert(
    fc.property(anyRecord, anyRecord, anyRecord, (a, b, c) => {
      assert.deepEqual(mergeRecords(mergeRecords(a, b), c), mergeRecords(a, mergeRecords(b, c)));
    }),
    RUNS,
  );
});

test('merge is idempotent, and merging in what is known already changes nothing', () => {
  fc.assert(
    fc.property(anyRecord, anyRecord, (a, b) => {
      assert.deepEqual(mergeRecords(a, structuredClone(a)), a);
      const merged = mergeRecords(a, b);
      assert.deepEqual(mergeRecords(merged, a), merged);
    }),
    RUNS,
  );
});

test('a merged record keeps exactly what one side holds and the other holds too or has not seen', () => {
  fc.assert(
    fc.property(anyRecord, anyRecord, (a, b) => {
      const name = (s: { dot: { actor: number; stamp: number } }): string => `${s.dot.actor}@${s.dot.stamp}`;
      const [inA, inB] = [new Set(a.siblings.map(name)), new Set(b.siblings.map(name))];
      const expected = [
        ...a.siblings.filter((s) => inB.has(name(s)) || !covers(b.clock, s.dot)),
        ...b.siblings.filter((s) => !inA.has(name(s)) && !covers(a.clock, s.dot)),
      ];
      assert.deepEqual(new Set(mergeRecords(a, b).siblings.map(name)), new Set(expected.map(name)));
    }),
    RUNS,
  );
});

test('a union of clocks is a clock, and covers what either covers and no more', () => {
  fc.assert(
    fc.property(anyClock, anyClock, (a, b) => {
      const union = unionClocks(a, b);
      assert.equal(checkClock(union), undefined);
      for (let actor = 1; actor <= 3; actor += 1) {
        for (let stamp = 1; stamp <= 20; stamp += 1) {
          const dot = { actor, stamp };
          assert.equal(covers(union, dot), covers(a, dot) || covers(b, dot));
        }
      }
    }),
    RUNS,
  );
});

test('equal siblings have equal digests whatever the clocks; one changed dot or expiry changes it', () => {
  fc.assert(
    fc.property(anyRecord, anyClock, (record, clock) => {
      const digest = digestRecord(record);
      assert.deepEqual(digestRecord({ ...record, clock: unionClocks(record.clock, clock) }), digest);
      assert.deepEqual(digestRecord({ ...record, siblings: [...record.siblings].reverse() }), digest);
      const [first, ...rest] = record.siblings;
      assert.ok(first);
      const later = { ...first, dot: { ...first.dot, stamp: first.dot.stamp + 100 } };
      assert.notDeepEqual(digestRecord({ ...record, siblings: [later, ...rest] }), digest);
      const expiring = { ...first, expiresAtMs: (first.expiresAtMs ?? 0) + 1 };
      assert.notDeepEqual(digestRecord({ ...record, siblings: [expiring, ...rest] }), digest);
    }),
    RUNS,
  );
});
