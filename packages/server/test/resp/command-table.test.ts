/** The command table: every row is found in any case, nothing else is, and what the rows say is what Redis says. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { CommandTable } from '../../src/resp/command-table.ts';
import type { Command } from '../../src/resp/command.ts';
import { COMMANDS } from '../../src/resp/commands/table.ts';

/** Name, arity, first key, last key, step: COMMAND INFO of Redis 7.0. */
const REDIS: readonly (readonly [string, number, number, number, number])[] = [
  ['client', -2, 0, 0, 0],
  ['command', -1, 0, 0, 0],
  ['del', -2, 1, -1, 1],
  ['echo', 2, 0, 0, 0],
  ['exists', -2, 1, -1, 1],
  ['get', 2, 1, 1, 1],
  ['hello', -1, 0, 0, 0],
  ['info', -1, 0, 0, 0],
  ['ping', -1, 0, 0, 0],
  ['pttl', 2, 1, 1, 1],
  ['quit', -1, 0, 0, 0],
  ['select', 2, 0, 0, 0],
  ['set', -3, 1, 1, 1],
  ['ttl', 2, 1, 1, 1],
];

describe('every row', () => {
  test('has a file of its name, and every file a row', () => {
    const files = readdirSync(new URL('../../src/resp/commands/', import.meta.url));
    const names = files.filter((file) => file !== 'table.ts').map((file) => file.replace(/\.ts$/, ''));
    assert.deepEqual(
      COMMANDS.rows.map(({ name }) => name.replace('.', '-')),
      names.sort(),
    );
  });

  for (const row of COMMANDS.rows) {
    test(`${row.name} is found in any case, anywhere in the bytes`, () => {
      for (let mask = 0; mask < 1 << row.name.length; mask += 1) {
        assert.equal(find(COMMANDS, cased(row.name, mask), mask % 5), row);
      }
      assert.equal(COMMANDS.named(row.name.toUpperCase()), row);
    });

    test(`${row.name} makes sense`, () => {
      const [first, last, step] = row.keys;
      assert.match(row.name, /^(torc\.)?[a-z]+$/);
      assert.match(row.summary, /^[ -~]+\.$/);
      assert.equal(new Set(row.flags).size, row.flags.length);
      assert.notEqual(row.arity, 0);
      assert.ok(first < Math.abs(row.arity), 'a key that is named is there');
      assert.equal(step > 0, first > 0);
      assert.ok(last < 0 || last >= first);
      const reads = row.flags.includes('readonly');
      assert.equal(row.writes !== reads, first > 0, 'what has keys either writes or reads them');
      assert.ok(!(row.writes && reads));
      assert.ok(row.writes || !row.flags.includes('denyoom'));
    });
  }

  test('has the arity and the keys that it has in Redis', () => {
    const known = COMMANDS.rows.filter(({ name }) => !name.startsWith('torc.'));
    assert.deepEqual(
      known.map(({ name, arity, keys }) => [name, arity, ...keys]),
      REDIS,
    );
  });
});

describe('nothing else', () => {
  test('is found by a name one byte off', () => {
    for (const { name } of COMMANDS.rows) {
      for (let at = 0; at < name.length; at += 1) {
        for (let byte = 0; byte < 256; byte += 1) {
          const other = name.slice(0, at) + String.fromCharCode(byte) + name.slice(at + 1);
          assert.equal(find(COMMANDS, other)?.name, named(COMMANDS, other), JSON.stringify(other));
        }
        const shorter = name.slice(0, at) + name.slice(at + 1);
        assert.equal(find(COMMANDS, shorter)?.name, named(COMMANDS, shorter), shorter);
        const longer = `${name.slice(0, at)}\0${name.slice(at)}`;
        assert.equal(find(COMMANDS, longer), undefined, JSON.stringify(longer));
      }
    }
  });

  test('is found by an empty name, or by what objects know of themselves', () => {
    for (const name of ['', 'constructor', '__proto__', 'tostring', 'table', '@get', 'get ', ' get', 'get\r']) {
      assert.equal(find(COMMANDS, name), undefined, JSON.stringify(name));
      assert.equal(COMMANDS.named(name), undefined, JSON.stringify(name));
    }
  });

  test('is found by any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const name = Buffer.from(bytes).toString('latin1');
        assert.equal(COMMANDS.find(bytes, 0, bytes.length)?.name, named(COMMANDS, name));
      }),
      { numRuns: 5000 },
    );
  });
});

test('a table with more rows than buckets finds each of them, in order of their names', () => {
  const [model] = COMMANDS.rows;
  assert.ok(model !== undefined);
  const names = Array.from({ length: 2000 }, (_, i) => `c${((i * 7919) % 2000).toString(26)}`);
  const table = new CommandTable(names.map((name) => ({ ...model, name })));
  assert.deepEqual(
    table.rows.map(({ name }) => name),
    [...names].sort(),
  );
  for (const name of names) assert.equal(find(table, name.toUpperCase())?.name, name);
  assert.equal(find(table, 'c#'), undefined);
});

test('lower case is a matter of letters: their neighbours stay what they are', () => {
  const [model] = COMMANDS.rows;
  assert.ok(model !== undefined);
  const table = new CommandTable(['`a', '{a', 'a', 'z'].map((name) => ({ ...model, name })));
  for (const name of ['`A', '{A', 'A', 'Z']) assert.equal(find(table, name)?.name, name.toLowerCase());
  for (const name of ['@a', '[a', '\x01', '!']) assert.equal(find(table, name), undefined);
});

/** The long way: lower case is a matter of ASCII letters alone. */
function named(table: CommandTable, name: string): string | undefined {
  const lower = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return table.rows.find((row) => row.name === lower)?.name;
}

/** Looks for a latin1 name that stands behind `before` other bytes and before one more. */
function find(table: CommandTable, name: string, before = 0): Command | undefined {
  const bytes = Uint8Array.from(Buffer.from(`${'s'.repeat(before)}${name}s`, 'latin1'));
  return table.find(bytes, before, before + name.length);
}

function cased(name: string, mask: number): string {
  return Array.from(name, (char, i) => (((mask >> i) & 1) === 1 ? char.toUpperCase() : char)).join('');
}
