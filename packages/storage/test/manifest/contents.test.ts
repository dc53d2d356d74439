/** What edits do to contents, and which are refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError } from '@torc/base/assert';
import { asciiBytes } from '@torc/base/bytes';
import { applyEdit, emptyContents, fittingEdit } from '../../src/manifest/contents.ts';
import type { ManifestContents, VersionEdit } from '../../src/manifest/edit.ts';
import { EDITS, range, table } from './bench.ts';

const EMPTY = emptyContents({ hashKey0: 1, hashKey1: -2 });
const all = (edits: readonly VersionEdit[]): ManifestContents =>
  edits.reduce((sum, edit) => applyEdit(sum, edit), EMPTY);

test('edits add up, and change nothing in place', () => {
  const before = all(EDITS.slice(0, 2));
  const copy = structuredClone(before);
  const after = applyEdit(before, EDITS[2] as VersionEdit);
  assert.deepEqual(before, copy);
  assert.deepEqual([...after.tables.keys()], [3, 4]);
  assert.deepEqual([...after.counts], [[0, 17]]);
  assert.deepEqual([after.logFloor, after.nextTable, [...after.state]], [3, 5, [[1, 6000]]]);
  assert.deepEqual([after.hashKey0, after.hashKey1], [1, -2]);
});

test('counts that are replaced and changed in one edit are replaced first', () => {
  const edit = {
    counts: new Map([
      [0, 5],
      [1, 6],
    ]),
    countChanges: new Map([
      [1, -2],
      [2, 3],
    ]),
  };
  assert.deepEqual(
    [...applyEdit(all(EDITS), edit).counts],
    [
      [0, 5],
      [1, 4],
      [2, 3],
    ],
  );
});

test('the number of a table that was put is not given out again, whatever the edit says', () => {
  assert.equal(applyEdit(EMPTY, { put: [table(7)], nextTable: 3 }).nextTable, 8);
});

const REFUSED: readonly (readonly [string, VersionEdit])[] = [
  ['a table that does not live is removed', { removed: [1] }],
  ['a table is removed twice', { removed: [5, 5] }],
  ['a table is put twice', { put: [table(20), table(20)] }],
  ['a table comes and goes', { put: [table(5)], removed: [5] }],
  ['the log floor goes back', { logFloor: 3 }],
  ['the next table goes back', { nextTable: 9 }],
  ['keys out of order', { put: [{ ...table(20), meta: { ...table(20).meta, firstKey: asciiBytes('z') } }] }],
  ['holes out of order', { put: [table(20, { holes: [range('c', 'd'), range('a', 'b')] })] }],
  ['holes that overlap', { put: [table(20, { holes: [range('a', 'c'), range('b', 'd')] })] }],
  ['a hole behind one without end', { put: [table(20, { holes: [range('a'), range('b', 'd')] })] }],
  ['a hole with nothing in it', { put: [table(20, { holes: [range('a', 'a')] })] }],
  ['damaged ranges out of order', { put: [table(20, { damaged: [range('c', 'd'), range('a', 'b')] })] }],
  ['a count too large', { counts: new Map([[1, Number.MAX_SAFE_INTEGER]]), countChanges: new Map([[1, 1]]) }],
];

for (const [what, edit] of REFUSED) {
  test(`refused: ${what}`, () => {
    assert.throws(() => applyEdit(all(EDITS), edit), InvariantError);
    assert.throws(() => applyEdit(all(EDITS), edit, (detail) => new RangeError(detail)), RangeError);
  });
}

test('of an edit behind a lost one, what fits is applied', () => {
  const contents = all(EDITS);
  const edit = { put: [table(30)], removed: [5, 77], logFloor: 1, nextTable: 2 };
  const after = applyEdit(contents, fittingEdit(contents, edit));
  assert.deepEqual([...after.tables.keys()], [9, 30]);
  assert.deepEqual([after.logFloor, after.nextTable], [4, 31]);
});
