/** The session checkers, judged by hand-made replies. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as sessions from '../../src/checkers/sessions.ts';
import type { SessionReply } from '../../src/checkers/sessions.ts';
import * as draft from './register-operations.ts';

const { checkInvented, checkSessions, checkSiblings } = sessions;
const { conditionFailed, operationsOf, read, rejected, swap, unknown, write } = draft;

type Kind = SessionReply<number>['kind'];

const at = (atMs: number, sequence = 0): { atMs: number; sequence: number } => ({ atMs, sequence });

function reply(kind: Kind, stamps: readonly number[], from: number, to: number, client = 'a', key = 'k') {
  return { client, key, kind, stamps, invoked: at(from), replied: at(to) };
}

/** A total order: who shows a stamp has all below it. */
const newest = (a: number, b: number): boolean => a >= b;

function broken(replies: readonly SessionReply<number>[], covers = newest): string[] {
  return checkSessions(replies, covers).map(({ promise, missing, reply: { invoked } }) => {
    return `${promise}: ${missing} at ${invoked.atMs}`;
  });
}

describe('a session is good', () => {
  test('when reads show the own write, or a later one', () => {
    assert.deepEqual(broken([reply('write', [5], 0, 1), reply('read', [5], 2, 3), reply('read', [7], 4, 5)]), []);
  });

  test('when another client sees less, or the same client on another key', () => {
    const [own, other, otherKey] = [
      reply('write', [5], 0, 1),
      reply('read', [3], 2, 3, 'b'),
      reply('read', [3], 2, 3, 'a', 'l'),
    ];
    assert.deepEqual(broken([own, other, otherKey]), []);
  });

  test('when a read that began before the reply shows less', () => {
    assert.deepEqual(broken([reply('write', [5], 0, 10), reply('read', [3], 9, 12)]), []);
    assert.deepEqual(broken([reply('read', [5], 0, 10), reply('read', [3], 9, 12)]), []);
  });

  test('when siblings together cover what was seen', () => {
    const sameActor = (a: number, b: number): boolean => a % 2 === b % 2 && a >= b;
    assert.deepEqual(broken([reply('read', [1, 2], 0, 1), reply('read', [4, 3], 2, 3)], sameActor), []);
  });
});

describe('a session is broken', () => {
  test('when a read does not show the own acknowledged write', () => {
    assert.deepEqual(broken([reply('write', [5], 0, 1), reply('read', [3], 2, 3)]), ['reads its writes: 5 at 2']);
    assert.deepEqual(broken([reply('write', [5], 0, 1), reply('read', [], 2, 3)]), ['reads its writes: 5 at 2']);
  });

  test('when a read goes back, whatever the order in which replies are handed in', () => {
    const replies = [reply('read', [5], 0, 1), reply('read', [6], 2, 3), reply('read', [5], 4, 5)];
    assert.deepEqual(broken(replies), ['reads never go back: 6 at 4']);
    assert.deepEqual(broken(replies.toReversed()), ['reads never go back: 6 at 4']);
  });

  test('when one of two siblings that were seen is not covered', () => {
    const sameActor = (a: number, b: number): boolean => a % 2 === b % 2 && a >= b;
    const lines = broken([reply('read', [1, 2], 0, 1), reply('read', [3], 2, 3)], sameActor);
    assert.deepEqual(lines, ['reads never go back: 2 at 2']);
  });

  test('again by each read that shows less, and not by the writes between them', () => {
    const lines = broken([
      reply('write', [5], 0, 1),
      reply('read', [3], 2, 3),
      reply('write', [4], 4, 5),
      reply('read', [3], 6, 7),
    ]);
    assert.deepEqual(lines, ['reads its writes: 5 at 2', 'reads its writes: 5 at 6']);
  });
});

describe('siblings', () => {
  const writer = (value: string, from: number, to: number | undefined) => ({
    key: 'k',
    value,
    from: at(from),
    to: to === undefined ? undefined : at(to),
  });
  const writers = [writer('a', 0, 10), writer('b', 5, 15), writer('c', 12, 20), writer('open', 1, undefined)];
  const judge = (...values: string[]): string[] => checkSiblings([{ key: 'k', values }], writers);

  test('of writers that overlap are good, an open one overlaps all that follow', () => {
    assert.deepEqual(judge('a'), []);
    assert.deepEqual(judge('a', 'b', 'open'), []);
    assert.deepEqual(judge('c', 'b', 'open'), []);
    assert.deepEqual(judge(), []);
  });

  test('of which one was written in full before the other began are more than there were writers', () => {
    const line = 'k shows 3 siblings, but a was acknowledged at 10 ms, before the writer of c began at 12 ms';
    assert.deepEqual(judge('c', 'b', 'a'), [line]);
    assert.equal(judge('a', 'open', 'c').length, 1);
  });

  test('of another key are judged by its writers', () => {
    assert.deepEqual(checkSiblings([{ key: 'l', values: ['a', 'c'] }], writers), []);
  });
});

describe('a value that nobody wrote', () => {
  const judge = (...drafts: draft.Draft[]): string[] => checkInvented(operationsOf(drafts));

  test('is not one that was written, or may have been', () => {
    assert.deepEqual(judge(write('1', 0, 1), read('1', 2, 3), read(undefined, 2, 3)), []);
    assert.deepEqual(judge(unknown(write('1', 0, 1)), swap('1', '2', 2, 3)), []);
    assert.deepEqual(judge(write('1', 5, 9), read('1', 2, 6)), []);
    assert.deepEqual(checkInvented(operationsOf([read('0', 0, 1)]), new Map([['k', '0']])), []);
  });

  test('is one without a writer, of a rejected one, of a later one, or of another key', () => {
    assert.match(judge(write('1', 0, 1), read('2', 2, 3))[0] ?? '', /saw 2, which nobody wrote to k/);
    assert.match(judge(rejected(write('1', 0, 1)), read('1', 2, 3))[0] ?? '', /which was rejected/);
    assert.match(judge(conditionFailed(swap('0', '1', 0, 1)), read('1', 2, 3))[0] ?? '', /which was rejected/);
    assert.match(judge(read('1', 0, 1), write('1', 2, 3))[0] ?? '', /which was written later/);
    const [one, two] = operationsOf([write('1', 0, 1), read('1', 2, 3)]);
    assert.ok(one !== undefined && two !== undefined);
    assert.equal(checkInvented([{ ...one, key: 'l' }, two]).length, 1);
  });

  test('is one that was expected and found', () => {
    assert.match(judge(swap('x', '1', 0, 1))[0] ?? '', /saw x, which nobody wrote/);
  });
});
