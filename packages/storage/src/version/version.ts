/**
 * A version: which tables live, as runs, newest first. Never changed: a flush or a compaction makes another one.
 *
 * A run is a list of tables that do not overlap, in key order; all tables of one rank. What is above a table (a higher
 * rank) is newer.
 */
import { compareBytes } from '@torc/base/bytes';
import type { KeyRange, PlacedTable } from '../manifest/edit.ts';
import type { Table } from '../sstable/table.ts';

export interface LiveTable {
  readonly placed: PlacedTable;
  readonly table: Table;
}

export interface Run {
  readonly rank: number;
  readonly tables: readonly LiveTable[];
  readonly bytes: number;
}

/** The run of one rank. `rank` 0 is the bottom. */
export function makeRuns(tables: readonly LiveTable[]): Run[] {
  const byRank = new Map<number, LiveTable[]>();
  for (const live of tables) {
    const run = byRank.get(live.placed.rank);
    if (run === undefined) byRank.set(live.placed.rank, [live]);
    else run.push(live);
  }
  return [...byRank]
    .sort(([a], [b]) => b - a)
    .map(([rank, run]) => ({
      rank,
      tables: run.sort((a, b) => compareKeys(a.placed.meta.firstKey, b.placed.meta.firstKey)),
      bytes: run.reduce((sum, { placed }) => sum + placed.meta.fileBytes, 0),
    }));
}

/** The table of a run that may hold the key, or `undefined`. */
export function tableFor(run: Run, key: Uint8Array, start: number, end: number): LiveTable | undefined {
  const { tables } = run;
  let low = 0;
  let high = tables.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { lastKey } = (tables[middle] as LiveTable).placed.meta;
    if (compareBytes(lastKey, 0, lastKey.length, key, start, end) < 0) low = middle + 1;
    else high = middle;
  }
  const found = tables[low];
  if (found === undefined) return undefined;
  const { firstKey } = found.placed.meta;
  return compareBytes(firstKey, 0, firstKey.length, key, start, end) <= 0 ? found : undefined;
}

/** Whether a key lies in one of the ranges. */
export function isInRanges(ranges: readonly KeyRange[], key: Uint8Array, start: number, end: number): boolean {
  for (const { from, to } of ranges) {
    if (compareBytes(from, 0, from.length, key, start, end) > 0) continue;
    if (to === undefined || compareBytes(key, start, end, to, 0, to.length) < 0) return true;
  }
  return false;
}

export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}
