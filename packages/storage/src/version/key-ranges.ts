/** Lists of ranges of engine's keys: sorted, disjoint, none empty. */
import type { KeyRange } from '../manifest/edit.ts';
import { compareKeys } from './version.ts';

/** The list with one range more; ranges that overlap or touch become one. */
export function withRange(ranges: readonly KeyRange[], added: KeyRange): KeyRange[] {
  const before: KeyRange[] = [];
  const after: KeyRange[] = [];
  let { from, to } = added;
  for (const range of ranges) {
    if (range.to !== undefined && compareKeys(range.to, from) < 0) {
      before.push(range);
    } else if (to !== undefined && compareKeys(to, range.from) < 0) {
      after.push(range);
    } else {
      if (compareKeys(range.from, from) < 0) from = range.from;
      to = to === undefined || range.to === undefined ? undefined : laterOf(to, range.to);
    }
  }
  return [...before, rangeOf(from, to), ...after];
}

export function rangeOf(from: Uint8Array, to: Uint8Array | undefined): KeyRange {
  return to === undefined ? { from } : { from, to };
}

/** The first key at or above `key` that lies in none of the ranges; `undefined` when there is none. */
export function firstOutside(ranges: readonly KeyRange[], key: Uint8Array): Uint8Array | undefined {
  let at = key;
  for (const { from, to } of ranges) {
    if (compareKeys(from, at) > 0) break;
    if (to === undefined) return undefined;
    if (compareKeys(at, to) < 0) at = to;
  }
  return at;
}

/** Whether the ranges leave nothing between two keys, both inclusive. */
export function coversAll(ranges: readonly KeyRange[], first: Uint8Array, last: Uint8Array): boolean {
  const outside = firstOutside(ranges, first);
  return outside === undefined || compareKeys(outside, last) > 0;
}

/** Whether keys from `first` to `last`, both inclusive, meet the range. */
export function meets(range: KeyRange, first: Uint8Array, last: Uint8Array): boolean {
  if (compareKeys(last, range.from) < 0) return false;
  return range.to === undefined || compareKeys(first, range.to) < 0;
}

function laterOf(a: Uint8Array, b: Uint8Array): Uint8Array {
  return compareKeys(a, b) >= 0 ? a : b;
}
