/**
 * A data directory, looked at offline: nothing is written, and what is damaged is reported as far as the rest can be read.
 */
import { logNumbers, manifestNumbers } from '../commit-log/names.ts';
import { tableNumbers } from '../sstable/names.ts';
import { listFiles, type FileKind, type FileReport } from './files.ts';
import type { InspectOptions, InspectPorts } from './inspect-ports.ts';
import { inspectLog, type LogReport } from './log-report.ts';
import { inspectManifest, type ManifestReport } from './manifest-report.ts';
import { inspectTable, type TableReport } from './table-report.ts';

export interface DirectoryTotals {
  readonly files: number;
  readonly bytes: number;
  readonly byKind: ReadonlyMap<FileKind, { readonly files: number; readonly bytes: number }>;
  /** In the tables that the manifest names, dead versions and what lies in holes included. */
  readonly entries: number;
}

export interface DirectoryReport {
  /** The one that counts; absent in a directory that has none. */
  readonly manifest?: ManifestReport;
  /** Those that the manifest names, and those that lie there without. */
  readonly tables: readonly TableReport[];
  /** Numbers of tables that the manifest does not name. */
  readonly orphans: readonly number[];
  readonly logs: readonly LogReport[];
  /** What is neither the manifest, nor a table, nor a log. */
  readonly others: readonly FileReport[];
  readonly totals: DirectoryTotals;
}

export function inspectDirectory(ports: InspectPorts, options: InspectOptions): DirectoryReport {
  const files = listFiles(ports.disk);
  const names = files.map(({ path }) => path);
  const newest = manifestNumbers(names).at(-1);
  const manifest = newest === undefined ? undefined : inspectManifest(ports.disk, newest);
  const named = manifest?.contents?.tables ?? new Map<number, never>();
  const there = tableNumbers(names);
  const numbers = [...new Set([...named.keys(), ...there])].sort((a, b) => a - b);
  const plain: readonly FileKind[] = ['table', 'log'];
  return {
    ...(manifest === undefined ? {} : { manifest }),
    tables: numbers.map((number) => inspectTable(ports, number, options, manifest?.contents)),
    orphans: there.filter((number) => !named.has(number)),
    logs: inspectLogs(ports, logNumbers(names)),
    others: files.filter(({ path, kind }) => !plain.includes(kind) && path !== manifest?.path),
    totals: totalsOf(files, manifest),
  };
}

/** A segment with a successor counts as far as that one says. */
function inspectLogs({ disk }: InspectPorts, numbers: readonly number[]): LogReport[] {
  const reports: LogReport[] = [];
  for (const number of numbers.toReversed()) {
    const behind = reports[0];
    const follows = behind !== undefined && behind.problem === undefined && behind.number === number + 1;
    reports.unshift(
      inspectLog(disk, number, { entries: 0, ...(follows ? { countedBytes: behind.previousBytes } : {}) }),
    );
  }
  return reports;
}

function totalsOf(files: readonly FileReport[], manifest: ManifestReport | undefined): DirectoryTotals {
  const byKind = new Map<FileKind, { files: number; bytes: number }>();
  let bytes = 0;
  for (const file of files) {
    const kind = byKind.get(file.kind) ?? { files: 0, bytes: 0 };
    byKind.set(file.kind, { files: kind.files + 1, bytes: kind.bytes + (file.bytes ?? 0) });
    bytes += file.bytes ?? 0;
  }
  let entries = 0;
  for (const { meta } of manifest?.contents?.tables.values() ?? []) entries += meta.entries;
  return { files: files.length, bytes, byKind, entries };
}
