/** The tables of `docs/concepts/consistency.md` are those that `promiseOf` makes. A failure prints what has to stand there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { TABLES } from './promise-tables.ts';

const PAGE = readFileSync(new URL('../../../../docs/concepts/consistency.md', import.meta.url), 'utf8');

/** What stands between the markers of a table; `undefined` without markers, or with two of one. */
function between(page: string, name: string): string | undefined {
  const [, rest, ...others] = page.split(`<!-- ${name}:begin -->`);
  const end = rest?.indexOf(`<!-- ${name}:end -->`) ?? -1;
  return others.length > 0 || end < 0 ? undefined : rest?.slice(0, end).trim();
}

/** The tables that the page does not have as they are. */
function stale(page: string): readonly string[] {
  return Object.keys(TABLES).filter((name) => between(page, name) !== TABLES[name]);
}

test('the tables in docs/concepts/consistency.md are what the code promises', () => {
  for (const [name, table] of Object.entries(TABLES)) assert.equal(between(PAGE, name), table, `${name}:\n${table}\n`);
});

test('every marker on the page belongs to a table', () => {
  const names = [...PAGE.matchAll(/<!-- (.+):begin -->/g)].map(([, name]) => name);
  assert.equal(names.length, Object.keys(TABLES).length);
  assert.deepEqual(new Set(names), new Set(Object.keys(TABLES)));
});

test('planted: one word of a table, a lost marker', () => {
  for (const name of Object.keys(TABLES)) {
    const table = TABLES[name] as string;
    const at = PAGE.indexOf(table);
    const changed = table.replace(/\| (?:strong|none down) \|/, '| weak |');
    assert.notEqual(changed, table);
    assert.deepEqual(stale(PAGE.slice(0, at) + changed + PAGE.slice(at + table.length)), [name]);
    assert.deepEqual(stale(PAGE.replace(`<!-- ${name}:end -->`, '')), [name]);
  }
});
