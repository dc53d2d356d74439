/** Tables of text, and sizes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countText, renderTable, sizeText } from '../src/table.ts';

test('columns are as wide as their widest cell, numbers stand to the right, lines have no tails', () => {
  const columns = [{ title: 'NAME' }, { title: 'N', right: true }, { title: 'WHAT' }];
  assert.equal(
    renderTable(columns, [
      ['a', '100', ''],
      ['longer', '2', 'x'],
    ]),
    'NAME      N  WHAT\na       100\nlonger    2  x\n',
  );
});

test('sizes have a unit and counts their plural', () => {
  assert.deepEqual([0, 1023, 1024, 1536, 200 * 1024, 5 * 1024 ** 3].map(sizeText), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '200 KiB',
    '5.0 GiB',
  ]);
  assert.deepEqual(
    [0, 1, 1234].map((count) => countText(count, 'table')),
    ['no tables', '1 table', '1,234 tables'],
  );
});
