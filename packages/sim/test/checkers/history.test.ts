/** The record of what clients observed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareMoments, describeOperation, History } from '../../src/checkers/history.ts';

test('what has no reply is unknown, and so is what says so', () => {
  const history = new History();
  const first = history.invoke('a', 'k', { kind: 'write', value: '1' }, 5);
  const second = history.invoke('b', 'k', { kind: 'read' }, 5);
  history.reply(second, { outcome: 'applied', returned: '1' }, 7);
  const [write, read] = history.operations();
  assert.equal(write?.reply.outcome, 'unknown');
  assert.equal(write?.replied, undefined);
  assert.equal(read?.replied?.atMs, 7);
  history.reply(first, { outcome: 'unknown' }, 9);
  assert.equal(history.operations()[0]?.reply.outcome, 'unknown');
});

test('moments of one millisecond are in the order of their recording', () => {
  const history = new History();
  const id = history.invoke('a', 'k', { kind: 'read' }, 5);
  history.reply(id, { outcome: 'applied' }, 5);
  history.invoke('a', 'k', { kind: 'read' }, 5);
  const [first, second] = history.operations();
  assert.ok(first?.replied !== undefined && second !== undefined);
  assert.ok(compareMoments(first.invoked, first.replied) < 0);
  assert.ok(compareMoments(first.replied, second.invoked) < 0);
});

test('a second reply, a reply to nothing and time that goes back are mistakes of the caller', () => {
  const history = new History();
  const id = history.invoke('a', 'k', { kind: 'read' }, 5);
  history.reply(id, { outcome: 'applied' }, 6);
  assert.throws(() => history.reply(id, { outcome: 'applied' }, 7), /one reply/);
  assert.throws(() => history.reply(9, { outcome: 'applied' }, 7), /was invoked/);
  assert.throws(() => history.invoke('a', 'k', { kind: 'read' }, 3), /go back/);
});

test('operations are told apart by key and described in one line', () => {
  const history = new History();
  const request = { kind: 'compare-and-set', expected: undefined, value: '1' } as const;
  history.reply(history.invoke('a', 'x', request, 1), { outcome: 'rejected', conditionFailed: true }, 2);
  history.invoke('a', 'y', { kind: 'read-modify-write', value: undefined }, 3);
  assert.deepEqual([...history.byKey().keys()], ['x', 'y']);
  assert.deepEqual(history.operations().map(describeOperation), [
    '#0 a compare-and-set (absent) to 1 -> condition failed [1 ms, 2 ms]',
    '#1 a read-modify-write to (absent) -> unknown [3 ms, no reply]',
  ]);
});
