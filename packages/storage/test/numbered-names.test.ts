/** Numbered names: name order is number order, and what only looks like one is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logName, logNumbers, manifestNumbers } from '../src/commit-log/names.ts';
import { numberedName, numbersAfter } from '../src/numbered-names.ts';
import { tableName, tableNumbers } from '../src/sstable/names.ts';

test('what was named is found, ascending, each kind for itself', () => {
  const numbers = [1, 2, 9, 10, 4_294_967_296, 9_999_999_999];
  const names = numbers.flatMap((number) => [logName(number), tableName(number)]).toReversed();
  assert.deepEqual(logNumbers(names), numbers);
  assert.deepEqual(tableNumbers(names), numbers);
  assert.deepEqual(manifestNumbers(names), []);
  assert.deepEqual(names.filter((name) => name.startsWith('log-')).sort(), numbers.map(logName));
});

test('only ten decimal digits that come to 1 or more count, and nothing before or behind them', () => {
  const strange = [
    'log-0000000000',
    'log-000000001',
    'log-00000000001',
    'log-0000000001.tmp',
    'salvaged-log-0000000001',
    'LOG-0000000001',
    'log-0x00000001',
    'log-1e00000000',
    'log-+000000001',
    'log-        01',
    'log-',
  ];
  assert.deepEqual(numbersAfter('log-', [...strange, numberedName('log-', 7)]), [7]);
});
