/** Declining advice: an entry silences what it names, and says so when it is stale or has no reason. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { withoutDeclined } from './advice.ts';
import type { Allowed } from './allow.ts';

const finding = { path: 'a.ts', line: 1, rule: 'file-length', message: 'long', subject: 'file' };
const entry: Allowed = {
  rule: 'file-length',
  path: 'a.ts',
  subject: 'file',
  reason: 'one table, and half of it would be no table',
};

it('an entry silences the finding that it names', () => {
  assert.deepEqual(withoutDeclined([finding], [entry]), []);
});

it('an entry silences no other finding', () => {
  const other = { ...finding, path: 'b.ts' };
  assert.deepEqual(withoutDeclined([finding, other], [entry]), [other]);
});

it('a stale entry is a finding', () => {
  assert.match(withoutDeclined([], [entry])[0]?.message ?? '', /not needed any more/);
});

it('an entry without a reason is a finding', () => {
  assert.match(withoutDeclined([finding], [{ ...entry, reason: 'long' }])[0]?.message ?? '', /needs a reason/);
});
