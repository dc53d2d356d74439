/**
 * Checkpoints: a directory within the directory that holds the same files under a second name (hard links), with a
 * manifest of its own. What it links never changes: tables, and segments of the log that have an end.
 *
 * The manifest comes last, so a checkpoint that a crash left unfinished has none and does not open.
 */
import { DiskError, Refusal } from '@torc/base/errors';
import { FILE_HEADER_BYTES } from '../commit-log/frame.ts';
import type { FilePorts } from '../commit-log/log-file.ts';
import { logName, logNumbers, manifestName } from '../commit-log/names.ts';
import type { ManifestContents } from '../manifest/edit.ts';
import { writeSnapshotManifest } from '../manifest/manifest.ts';
import { tableName } from '../sstable/names.ts';

export const CHECKPOINTS = 'checkpoints';

export interface CheckpointReport {
  /** Relative to the data directory. */
  readonly path: string;
  readonly tables: number;
  readonly segments: number;
}

/** `segment` is the one that takes writes now: everything to be kept stands in older ones, or in tables. */
export async function writeCheckpoint(
  ports: FilePorts,
  name: string,
  contents: ManifestContents,
  segment: number,
): Promise<CheckpointReport> {
  const { disk } = ports;
  requireName(name);
  const path = `${CHECKPOINTS}/${name}`;
  disk.makeDirectory(CHECKPOINTS);
  if (disk.list(CHECKPOINTS).includes(name)) throw new DiskError('exists', path, 'there is a checkpoint of that name');
  disk.makeDirectory(path);
  // All names are linked in this turn: nothing is removed in between.
  for (const number of contents.tables.keys()) disk.link(tableName(number), `${path}/${tableName(number)}`);
  const segments = logNumbers(disk.list('')).filter((number) => number >= contents.logFloor && number < segment);
  for (const number of segments) disk.link(logName(number), `${path}/${logName(number)}`);
  copyHeader(ports, segment, `${path}/${logName(segment)}`);
  disk.syncDirectory(path);
  disk.syncDirectory(CHECKPOINTS);
  disk.syncDirectory('');
  await writeSnapshotManifest(ports, `${path}/${manifestName(1)}`, contents);
  disk.syncDirectory(path);
  ports.probe.reached('checkpoint-written');
  return { path, tables: contents.tables.size, segments: segments.length };
}

/** The log of a directory ends with a segment that nothing follows: here an empty one, so that the floor names one. */
function copyHeader({ disk }: FilePorts, segment: number, to: string): void {
  const header = new Uint8Array(FILE_HEADER_BYTES);
  const from = disk.open(logName(segment));
  try {
    from.readNow(header, 0, header.length, 0);
  } finally {
    from.close();
  }
  const file = disk.create(to);
  try {
    for (let at = 0; at < header.length; ) at += file.writeNow(header, at, header.length - at, at);
    file.syncNow();
  } finally {
    file.close();
  }
}

function requireName(name: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(name)) return;
  throw new Refusal('bad-name', 'a checkpoint has a name of 1 to 64 letters, digits, dots, dashes and underscores');
}
