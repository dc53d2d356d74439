import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ArrayEntry } from '../../src/read/array-cursor.ts';
import { AT_END, AT_ENTRY } from '../../src/read/cursor.ts';
import { RunCursor, type RunTable } from '../../src/read/run-cursor.ts';
import { ALWAYS, delaysOf, FlakyCursor, NEVER, type Delays } from './flaky-cursor.ts';
import { anyDelays, anyEntries, anyProgram, KEYS, runProgram } from './programs.ts';

interface Shape {
  /** After how many entries tables end. */
  readonly lengths: readonly number[];
  /** Entries that a table's bounds count but its cursor does not show. */
  readonly hidden: readonly number[];
}

const anyShape: fc.Arbitrary<Shape> = fc.record({
  lengths: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 10, maxLength: 10 }),
  hidden: fc.array(fc.nat({ max: 9 }), { maxLength: 5 }),
});

function tablesOf(entries: readonly ArrayEntry[], shape: Shape, delays: Delays): RunTable[] {
  const tables: RunTable[] = [];
  for (let at = 0, table = 0; at < entries.length; table += 1) {
    const of = entries.slice(at, at + (shape.lengths[table] as number));
    const shown = of.filter((entry) => !shape.hidden.includes(entries.indexOf(entry)));
    tables.push({
      firstKey: (of[0] as ArrayEntry).key,
      lastKey: (of.at(-1) as ArrayEntry).key,
      open: () => new FlakyCursor(shown, delays),
    });
    at += of.length;
  }
  return tables;
}

for (const [name, delaysFrom] of [
  ['in memory', () => NEVER],
  ['with blocks on the disk', delaysOf],
  ['with blocks that are never kept', () => ALWAYS],
] as const) {
  test(`a run shows its tables as one, ${name}`, () => {
    fc.assert(
      fc.property(anyEntries, anyShape, anyDelays, anyProgram, (entries, shape, numbers, program) => {
        const expected = entries.filter((_, at) => !shape.hidden.includes(at));
        runProgram(new RunCursor(tablesOf(entries, shape, delaysFrom(numbers))), expected, program);
      }),
      { numRuns: 1000, seed: 7 },
    );
  });
}

test('tables are opened when the walk gets there, once each', () => {
  let opened = 0;
  const tables = KEYS.map((key) => ({
    firstKey: key,
    lastKey: key,
    open: () => {
      opened += 1;
      return new FlakyCursor([{ key, kind: 1, record: new Uint8Array(40) }], NEVER);
    },
  }));
  const cursor = new RunCursor(tables);
  assert.equal(opened, 0);
  const third = KEYS[2] as Uint8Array;
  assert.equal(cursor.seek(third, 0, third.length), AT_ENTRY);
  assert.equal(opened, 1);
  assert.equal(cursor.next(), AT_ENTRY);
  assert.equal(opened, 2);
  assert.equal(cursor.seek(Uint8Array.of(0xff), 0, 1), AT_END);
  assert.equal(opened, 2);
});

test('a cursor that was never sought is at its end', () => {
  const cursor = new RunCursor(tablesOf([], { lengths: [], hidden: [] }, NEVER));
  assert.deepEqual([cursor.next(), cursor.previous(), cursor.keyEnd, cursor.kind], [AT_END, AT_END, 0, 0]);
});
