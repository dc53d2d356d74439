/** The cursors as a read stacks them: a range of a merge of runs of tables with holes. */
import { test } from 'node:test';
import fc from 'fast-check';
import type { ArrayEntry } from '../../src/read/array-cursor.ts';
import { BoundedCursor } from '../../src/read/bounded-cursor.ts';
import { MergeCursor } from '../../src/read/merge-cursor.ts';
import { RunCursor, type RunTable } from '../../src/read/run-cursor.ts';
import { ALWAYS, delaysOf, FlakyCursor, type Delays } from './flaky-cursor.ts';
import { anyDelays, anyEntries, anyProgram, compareKeys, foldModel, KEYS, runProgram } from './programs.ts';

const FROM = KEYS[1] as Uint8Array;
const TO = KEYS[11] as Uint8Array;

/** Tables of up to three entries; each hides the second of its entries in a hole. */
function runOf(entries: readonly ArrayEntry[], delays: Delays): { tables: RunTable[]; seen: ArrayEntry[] } {
  const tables: RunTable[] = [];
  const seen: ArrayEntry[] = [];
  for (let at = 0; at < entries.length; at += 3) {
    const [first, hidden, last] = entries.slice(at, at + 3);
    const of = [first, hidden, last].filter((entry) => entry !== undefined);
    const end = of.at(-1) as ArrayEntry;
    const holes = hidden === undefined ? [] : [{ from: hidden.key, to: Uint8Array.of(...hidden.key, 0) }];
    tables.push({
      firstKey: (first as ArrayEntry).key,
      lastKey: end.key,
      open: () => new BoundedCursor(new FlakyCursor(of, delays), { from: new Uint8Array(0) }, holes),
    });
    seen.push(...of.filter((entry) => entry !== hidden));
  }
  return { tables, seen };
}

for (const [name, delaysFrom] of [
  ['some blocks on the disk', delaysOf],
  ['no block ever kept', () => ALWAYS],
] as const) {
  test(`a range of a merge of runs of tables with holes, ${name}`, () => {
    const anySources = fc.array(anyEntries, { maxLength: 4 });
    fc.assert(
      fc.property(anySources, anyDelays, anyProgram, (sources, numbers, program) => {
        const runs = sources.map((entries) => runOf(entries, delaysFrom(numbers)));
        const merged = new MergeCursor(runs.map(({ tables }) => new RunCursor(tables)));
        const expected = foldModel(runs.map(({ seen }) => seen)).filter(
          ({ key }) => compareKeys(key, FROM) >= 0 && compareKeys(key, TO) < 0,
        );
        runProgram(new BoundedCursor(merged, { from: FROM, to: TO }, []), expected, program);
      }),
      { numRuns: 600, seed: 7 },
    );
  });
}
