/**
 * What edits come to, without any file: contents and an edit give new contents; nothing is changed in place.
 *
 * An edit that does not fit is refused whole: a table that is removed but does not live, a floor that goes back, ranges
 * out of order. Applied live that is a bug (`InvariantError`); the reader of a file makes damage of it.
 */
import { InvariantError } from '@torc/base/assert';
import { compareBytes } from '@torc/base/bytes';
import type { HashKeys } from './edit-codec.ts';
import type { KeyRange, ManifestContents, PlacedTable, VersionEdit } from './edit.ts';

const NO_PAIRS: ReadonlyMap<number, number> = new Map();

/** Of a directory that is being made. */
export function emptyContents({ hashKey0, hashKey1 }: HashKeys): ManifestContents {
  return {
    hashKey0,
    hashKey1,
    tables: new Map(),
    logFloor: 0,
    state: NO_PAIRS,
    counts: NO_PAIRS,
    nextTable: 1,
  };
}

/** The edit that makes the contents out of empty ones. */
export function snapshotEdit(contents: ManifestContents): VersionEdit {
  const { tables, logFloor, state, counts, nextTable } = contents;
  return { put: [...tables.values()], logFloor, state, counts, nextTable };
}

/** Turns what is wrong with an edit into the error to throw. */
export type EditFault = (detail: string) => Error;

const asBug: EditFault = (detail) => new InvariantError(`manifest: ${detail}`);

export function applyEdit(contents: ManifestContents, edit: VersionEdit, fault: EditFault = asBug): ManifestContents {
  const problem = problemOf(contents, edit);
  if (problem !== undefined) throw fault(problem);
  const counts = changedCounts(edit.counts ?? contents.counts, edit.countChanges);
  if (counts === undefined) throw fault('a count leaves the safe integers');
  let nextTable = edit.nextTable ?? contents.nextTable;
  // A number that is in use is never given out again, whatever the edit says.
  for (const { meta } of edit.put ?? []) nextTable = Math.max(nextTable, meta.number + 1);
  return {
    hashKey0: contents.hashKey0,
    hashKey1: contents.hashKey1,
    tables: changedTables(contents.tables, edit),
    logFloor: edit.logFloor ?? contents.logFloor,
    state: edit.state ?? contents.state,
    counts,
    nextTable,
  };
}

/** What of an edit still fits when an earlier one was lost: for a salvage only. */
export function fittingEdit(contents: ManifestContents, edit: VersionEdit): VersionEdit {
  const { removed = [], logFloor = 0, nextTable = 0 } = edit;
  return {
    ...edit,
    removed: removed.filter((number) => contents.tables.has(number)),
    logFloor: Math.max(logFloor, contents.logFloor),
    nextTable: Math.max(nextTable, contents.nextTable),
  };
}

function changedTables(tables: ReadonlyMap<number, PlacedTable>, edit: VersionEdit): ReadonlyMap<number, PlacedTable> {
  const { put = [], removed = [] } = edit;
  if (put.length === 0 && removed.length === 0) return tables;
  const changed = new Map(tables);
  for (const number of removed) changed.delete(number);
  for (const table of put) changed.set(table.meta.number, table);
  return changed;
}

function changedCounts(
  counts: ReadonlyMap<number, number>,
  changes: ReadonlyMap<number, number> = NO_PAIRS,
): ReadonlyMap<number, number> | undefined {
  if (changes.size === 0) return counts;
  const changed = new Map(counts);
  for (const [bucket, change] of changes) {
    const count = (changed.get(bucket) ?? 0) + change;
    if (!Number.isSafeInteger(count)) return undefined;
    changed.set(bucket, count);
  }
  return changed;
}

function problemOf(contents: ManifestContents, edit: VersionEdit): string | undefined {
  const { logFloor, nextTable } = edit;
  if (logFloor !== undefined && logFloor < contents.logFloor) return 'the log floor goes back';
  if (nextTable !== undefined && nextTable < contents.nextTable) return 'the next table number goes back';
  return problemOfTables(contents, edit);
}

function problemOfTables(contents: ManifestContents, { put = [], removed = [] }: VersionEdit): string | undefined {
  const named = new Set<number>();
  for (const number of removed) {
    if (!contents.tables.has(number)) return `table ${number} is removed and does not live`;
    if (named.has(number)) return `table ${number} is named twice`;
    named.add(number);
  }
  for (const { meta, holes, damaged } of put) {
    if (named.has(meta.number)) return `table ${meta.number} is named twice`;
    named.add(meta.number);
    if (!Number.isSafeInteger(meta.number + 1)) return 'a table number leaves the safe integers';
    if (compare(meta.firstKey, meta.lastKey) > 0) return `the keys of table ${meta.number} are out of order`;
    if (!areSorted(holes)) return `the holes of table ${meta.number} are out of order`;
    if (!areSorted(damaged)) return `the damaged ranges of table ${meta.number} are out of order`;
  }
  return undefined;
}

/** Each range holds something, and ends before the next begins; only the last may have no end. */
function areSorted(ranges: readonly KeyRange[]): boolean {
  return ranges.every(({ from, to }, at) => {
    const next = ranges[at + 1];
    if (to === undefined) return next === undefined;
    return compare(from, to) < 0 && (next === undefined || compare(to, next.from) <= 0);
  });
}

function compare(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}
