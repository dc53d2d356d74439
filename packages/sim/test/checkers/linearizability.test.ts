/** The linearizability checker, judged by hand-made histories: each anomaly is seen, and nothing right is called one. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkRegister, type Explanation } from '../../src/checkers/linearizability.ts';
import { isLegalByEveryOrder } from './every-order.ts';
import * as draft from './register-operations.ts';
import type { Draft } from './register-operations.ts';

const { read, write, erase, swap, exchange, unknown, rejected, conditionFailed, operationsOf } = draft;

const LEGAL: Readonly<Record<string, readonly Draft[]>> = {
  'nothing at all': [],
  'a read of absence before any write': [read(undefined, 0, 1), write('1', 2, 3), read('1', 4, 5)],
  'a read during a write shows the old value': [write('1', 0, 1), write('2', 2, 9), read('1', 3, 4), read('2', 5, 6)],
  'a read during a write shows the new value': [write('1', 0, 1), write('2', 2, 9), read('2', 3, 4), read('2', 5, 6)],
  'concurrent writes in either order': [write('1', 0, 9), write('2', 1, 8), read('2', 10, 11)],
  'an unread write between two moments of one value': [
    write('1', 0, 1),
    write('2', 2, 20),
    write('3', 3, 30),
    read('3', 31, 32),
  ],
  'an unknown write that never shows': [write('1', 0, 1), unknown(write('2', 2, 3)), read('1', 100, 101)],
  'an unknown write that shows late': [
    write('1', 0, 1),
    unknown(write('2', 2, 3)),
    read('1', 50, 51),
    read('2', 100, 101),
  ],
  'an unknown delete that takes effect late': [
    write('1', 0, 1),
    unknown(erase(2, 3)),
    read('1', 50, 51),
    read(undefined, 60, 61),
  ],
  'a rejected write that never shows': [write('1', 0, 1), rejected(write('2', 2, 3)), read('1', 4, 5)],
  'a chain of compare-and-sets': [write('1', 0, 1), swap('1', '2', 2, 9), swap('2', '3', 2, 9), read('3', 10, 11)],
  'an unknown compare-and-set that a later one builds on': [
    write('1', 0, 1),
    unknown(swap('1', '2', 2, 3)),
    swap('2', '3', 40, 41),
    read('3', 50, 51),
  ],
  'a condition that failed before the expected value came': [
    write('1', 0, 1),
    write('2', 2, 9),
    conditionFailed(swap('2', '3', 3, 4)),
    read('2', 10, 11),
  ],
  'a condition that failed after an unknown write that nobody read': [
    write('1', 0, 1),
    unknown(write('2', 2, 3)),
    conditionFailed(swap('1', '3', 4, 5)),
  ],
  'one of two that create': [swap(undefined, '1', 0, 5), conditionFailed(swap(undefined, '2', 1, 4)), read('1', 6, 7)],
  'a value deleted, created and deleted again': [
    write('1', 0, 1),
    erase(2, 3),
    swap(undefined, '2', 4, 5),
    exchange('2', undefined, 6, 7),
    read(undefined, 8, 9),
  ],
  'a read-modify-write that returns the value before it': [write('1', 0, 1), exchange('1', '2', 2, 3), read('2', 4, 5)],
  'moments of one millisecond: what is recorded first is first': [write('1', 0, 0), write('2', 0, 0), read('2', 1, 1)],
};

const ILLEGAL: Readonly<Record<string, readonly Draft[]>> = {
  'stale read': [write('1', 0, 1), write('2', 2, 3), read('1', 4, 5)],
  'read goes back': [write('1', 0, 1), write('2', 2, 30), read('2', 3, 4), read('1', 5, 6)],
  'read goes back to absence': [write('1', 0, 30), read('1', 3, 4), read(undefined, 5, 6)],
  'lost write': [write('1', 0, 1), read(undefined, 2, 3)],
  'lost update: two replace one value': [write('1', 0, 1), swap('1', '2', 2, 9), swap('1', '3', 2, 9)],
  'lost update by read-modify-write': [write('1', 0, 1), exchange('1', '2', 2, 9), exchange('1', '3', 2, 9)],
  'double apply of a compare-and-set: its value comes back': [
    write('1', 0, 1),
    swap('1', '2', 2, 3),
    write('3', 4, 5),
    read('3', 6, 7),
    read('2', 8, 9),
  ],
  'double apply of a delete': [write('1', 0, 1), erase(2, 3), write('2', 4, 5), read('2', 6, 7), read(undefined, 8, 9)],
  'unknown write appears, then vanishes': [
    write('1', 0, 1),
    unknown(write('2', 2, 3)),
    read('2', 4, 5),
    read('1', 6, 7),
  ],
  'unknown write appears, vanishes and appears again': [
    unknown(write('1', 0, 1)),
    write('2', 2, 3),
    read('1', 4, 5),
    read('2', 6, 7),
    read('1', 8, 9),
  ],
  'unknown write is seen before it was invoked': [read('1', 0, 1), unknown(write('1', 2, 3))],
  'rejected write is read': [write('1', 0, 1), rejected(write('2', 2, 3)), read('2', 4, 5)],
  'a value that nobody wrote': [write('1', 0, 1), read('x', 2, 3)],
  'a deleted value comes back': [write('1', 0, 1), erase(2, 3), read('1', 4, 5)],
  'two create': [swap(undefined, '1', 0, 9), swap(undefined, '2', 0, 9)],
  'two readers see concurrent writes in different orders': [
    write('1', 0, 50),
    write('2', 0, 50),
    read('1', 2, 3),
    read('2', 4, 5),
    read('1', 6, 7),
  ],
  'an expected value is there, and the condition fails': [write('1', 0, 1), conditionFailed(swap('1', '2', 2, 3))],
  'absence, and the condition "must be absent" fails': [
    write('1', 0, 1),
    erase(2, 3),
    conditionFailed(swap(undefined, '2', 4, 5)),
    read(undefined, 6, 7),
  ],
  'two failed conditions that need a value to come and not to have come': [
    write('1', 0, 1),
    write('2', 2, 100),
    conditionFailed(swap('1', '3', 10, 20)),
    conditionFailed(swap('2', '4', 30, 40)),
  ],
  'compare-and-sets that need each other': [swap('2', '1', 0, 9), swap('1', '2', 0, 9)],
};

describe('it is linearizable', () => {
  for (const [name, drafts] of Object.entries(LEGAL)) {
    test(name, () => {
      assert.equal(checkRegister(operationsOf(drafts)).verdict, 'legal');
      assert.ok(isLegalByEveryOrder(operationsOf(drafts)));
    });
  }

  test('a read of what the register held before', () => {
    const operations = operationsOf([read('0', 0, 1), write('1', 2, 3), read('1', 4, 5)]);
    assert.equal(checkRegister(operations, { initial: '0' }).verdict, 'legal');
    assert.equal(checkRegister(operations).verdict, 'illegal');
  });
});

describe('it is not linearizable', () => {
  for (const [name, drafts] of Object.entries(ILLEGAL)) {
    test(name, () => {
      assert.equal(checkRegister(operationsOf(drafts)).verdict, 'illegal');
      assert.ok(!isLegalByEveryOrder(operationsOf(drafts)));
    });
  }
});

function explanationOf(drafts: readonly Draft[]): Explanation {
  const judged = checkRegister(operationsOf(drafts));
  assert.ok(judged.verdict === 'illegal');
  return judged.explanation;
}

describe('an explanation', () => {
  test('ends with the reply that no order explains, and shows what was open and what could have been read', () => {
    const { last, overlapping, possible, prefix, text } = explanationOf([
      write('1', 0, 1),
      write('2', 2, 3),
      write('3', 4, 20),
      read('1', 5, 6),
      read('3', 30, 31),
    ]);
    assert.equal(last.id, 3);
    assert.deepEqual(
      overlapping.map(({ id }) => id),
      [2],
    );
    assert.deepEqual(new Set(possible), new Set(['2', '3']));
    assert.equal(prefix.length, 4);
    assert.match(text, /no order of the first 4 operations explains the reply to #3 c3 read -> applied, returned 1/);
  });

  test('knows nothing of what came later', () => {
    const { last, prefix } = explanationOf([write('1', 0, 1), read(undefined, 2, 3), read('x', 50, 51)]);
    assert.equal(last.id, 1);
    assert.equal(prefix.length, 2);
  });

  test('of two that replaced one value names both', () => {
    assert.match(explanationOf(ILLEGAL['lost update: two replace one value'] ?? []).text, /#1 and #2 each found/);
  });
});

describe('limits and mistakes', () => {
  test('a search beyond its limits is undecided', () => {
    const limits = { mostStates: 1, mostMemory: 1 };
    for (const name of ['a chain of compare-and-sets', 'a value deleted, created and deleted again']) {
      const drafts = [...(LEGAL[name] ?? []), write('x', 90, 91), write('y', 92, 93)];
      assert.equal(checkRegister(operationsOf(drafts), { limits }).verdict, 'undecided');
    }
  });

  test('a value that is written twice, a moment that comes twice, and two keys are mistakes of the caller', () => {
    assert.throws(() => checkRegister(operationsOf([write('1', 0, 1), write('1', 2, 3)])), /written once/);
    const [first] = operationsOf([write('1', 0, 1)]);
    assert.ok(first !== undefined);
    assert.throws(() => checkRegister([first, { ...first, request: { kind: 'read' } }]), /moment is different/);
    assert.throws(() => checkRegister([first, { ...first, key: 'other' }]), /one key/);
  });
});
