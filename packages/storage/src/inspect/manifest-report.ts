/** A manifest, looked at offline: its edits, what they come to, and how it ends. */
import { compareBytes } from '@torc/base/bytes';
import { DamageError, DiskError } from '@torc/base/errors';
import type { Disk } from '@torc/base/ports/disk';
import { manifestName } from '../commit-log/names.ts';
import { applyEdit, emptyContents } from '../manifest/contents.ts';
import type { ManifestContents, PlacedTable } from '../manifest/edit.ts';
import { readManifest, type ManifestReading } from '../manifest/read-manifest.ts';
import { MAX_LOG_FILE_BYTES, placedFaultText, sizeOf } from './files.ts';

export interface RunReport {
  readonly rank: number;
  /** In key order. */
  readonly tables: readonly PlacedTable[];
}

export interface ManifestReport {
  readonly path: string;
  readonly number: number;
  /** Why nothing of it can be read. */
  readonly problem?: string;
  readonly reading?: ManifestReading;
  /** What its sound edits come to, up to the first that does not check out or does not fit. */
  readonly contents?: ManifestContents;
  /** Why an edit does not fit. */
  readonly misfit?: string;
  /** Newest first. */
  readonly runs: readonly RunReport[];
}

export function inspectManifest(disk: Disk, number: number): ManifestReport {
  const path = manifestName(number);
  try {
    const sizeBytes = sizeOf(disk, path) ?? 0;
    if (sizeBytes > MAX_LOG_FILE_BYTES) throw new DamageError(path, 0, `no manifest has ${sizeBytes} bytes`);
    const reading = readManifest(disk, path);
    const replayed = replay(reading);
    return { path, number, reading, ...replayed, runs: runsOf(replayed.contents) };
  } catch (error) {
    if (!(error instanceof DamageError || error instanceof DiskError)) throw error;
    return { path, number, problem: placedFaultText(error), runs: [] };
  }
}

function replay({ path, entries }: ManifestReading): Pick<ManifestReport, 'contents' | 'misfit'> {
  const [snapshot] = entries;
  if (snapshot?.hashKeys === undefined) return {};
  let contents = emptyContents(snapshot.hashKeys);
  for (const { edit, offset } of entries) {
    try {
      contents = applyEdit(contents, edit, (detail) => new DamageError(path, offset, detail));
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      return { contents, misfit: error.message };
    }
  }
  return { contents };
}

/** Tables of one rank, in key order; the newest run first. */
export function runsOf(contents: ManifestContents | undefined): RunReport[] {
  const byRank = new Map<number, PlacedTable[]>();
  for (const placed of contents?.tables.values() ?? []) {
    const run = byRank.get(placed.rank);
    if (run === undefined) byRank.set(placed.rank, [placed]);
    else run.push(placed);
  }
  return [...byRank]
    .sort(([a], [b]) => b - a)
    .map(([rank, tables]) => ({ rank, tables: tables.sort((a, b) => compareFirst(a, b)) }));
}

function compareFirst({ meta: { firstKey: a } }: PlacedTable, { meta: { firstKey: b } }: PlacedTable): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}
