import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KeyRange } from '../../src/manifest/edit.ts';
import type { ArrayEntry } from '../../src/read/array-cursor.ts';
import { BoundedCursor } from '../../src/read/bounded-cursor.ts';
import { ALWAYS, allOf, delaysOf, FlakyCursor, NEVER } from './flaky-cursor.ts';
import { anyDelays, anyEntries, anyProgram, anyTarget, compareKeys, runProgram } from './programs.ts';

/** Ranges out of sorted bounds; the last may be open. */
const anyRanges: fc.Arbitrary<KeyRange[]> = fc
  .tuple(fc.uniqueArray(anyTarget, { maxLength: 8, selector: (key) => key.join() }), fc.boolean(), fc.boolean())
  .map(([bounds, touch, open]) => {
    bounds.sort(compareKeys);
    const ranges: KeyRange[] = [];
    for (let at = 0; at < bounds.length; at += touch ? 1 : 2) {
      const [from, to] = [bounds[at] as Uint8Array, bounds[at + 1]];
      if (to !== undefined) ranges.push({ from, to });
      else if (open) ranges.push({ from });
    }
    return ranges;
  });

const anyRange: fc.Arbitrary<KeyRange> = fc
  .tuple(anyTarget, fc.option(anyTarget, { nil: undefined }))
  .map(([from, to]) => (to === undefined ? { from } : { from, to }));

function isIn(key: Uint8Array, { from, to }: KeyRange): boolean {
  return compareKeys(key, from) >= 0 && (to === undefined || compareKeys(key, to) < 0);
}

function seen(entries: readonly ArrayEntry[], range: KeyRange, holes: readonly KeyRange[]): ArrayEntry[] {
  return entries.filter(({ key }) => isIn(key, range) && !holes.some((hole) => isIn(key, hole)));
}

for (const [name, delaysFrom] of [
  ['in memory', () => NEVER],
  ['with blocks on the disk', delaysOf],
  ['with blocks that are never kept', () => ALWAYS],
] as const) {
  test(`a bounded cursor shows its range without the holes, ${name}`, () => {
    fc.assert(
      fc.property(anyEntries, anyRange, anyRanges, anyDelays, anyProgram, (entries, range, holes, numbers, program) => {
        const inner = new FlakyCursor(entries, delaysFrom(numbers));
        runProgram(new BoundedCursor(inner, range, holes), seen(entries, range, holes), program);
      }),
      { numRuns: 1500, seed: 7 },
    );
  });
}

test('a hole is jumped over, not stepped through', () => {
  const entries = Array.from({ length: 1000 }, (_, n) => ({
    key: Uint8Array.of(n >>> 8, n),
    kind: 1,
    record: new Uint8Array(40),
  }));
  const inner = new FlakyCursor(entries, NEVER);
  const hole = { from: Uint8Array.of(0, 2), to: Uint8Array.of(3, 0) };
  const cursor = new BoundedCursor(inner, { from: new Uint8Array(0), to: Uint8Array.of(3, 2) }, [hole]);
  assert.deepEqual(
    allOf(cursor).map(({ key }) => [...key]),
    [
      [0, 0],
      [0, 1],
      [3, 0],
      [3, 1],
    ],
  );
  assert.ok(inner.calls <= 6, `${inner.calls} calls`);
});
