/** The files of a data directory by what they are, for whoever looks at it from outside. */
import { DamageError, DiskError } from '@torc/base/errors';
import type { Disk } from '@torc/base/ports/disk';
import { checkpointNumbers, logNumbers, manifestNumbers, TEMPORARY_SUFFIX } from '../commit-log/names.ts';
import { tableNumbers } from '../sstable/names.ts';

export type FileKind =
  | 'manifest'
  | 'table'
  | 'log'
  | 'checkpoint'
  | 'reserve'
  | 'temporary'
  | 'salvaged'
  | 'lock'
  | 'unknown';

export interface FileReport {
  readonly path: string;
  readonly kind: FileKind;
  /** Absent when the disk does not say: a directory, perhaps. */
  readonly bytes?: number;
}

/** A framed file is read whole: one that is larger is not one, or not one that this could read. */
export const MAX_LOG_FILE_BYTES: number = 2 ** 31 - 1;

/** The names of the directory, sorted, with what they are. */
export function listFiles(disk: Disk): FileReport[] {
  return disk.list('').map((path) => {
    const bytes = sizeOf(disk, path);
    return { path, kind: kindOf(path), ...(bytes === undefined ? {} : { bytes }) };
  });
}

/** What an error says beside its path and place. */
export function faultText(error: DamageError | DiskError): string {
  const { path, message } = error;
  const before = error instanceof DamageError ? new DamageError(path, error.offset, '') : new DiskError('io', path, '');
  return message.slice(before.message.length);
}

/** The same with its place, for where only the path stands. */
export function placedFaultText(error: DamageError | DiskError): string {
  return error instanceof DamageError ? `damaged at byte ${error.offset}: ${faultText(error)}` : faultText(error);
}

/** The number of the manifest that counts, if there is one. */
export function newestManifest(disk: Disk): number | undefined {
  return manifestNumbers(disk.list('')).at(-1);
}

/** `undefined` when the disk does not say. */
export function sizeOf(disk: Disk, path: string): number | undefined {
  try {
    const file = disk.open(path);
    try {
      return file.sizeBytes();
    } finally {
      file.close();
    }
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return undefined;
  }
}

function kindOf(path: string): FileKind {
  if (path.endsWith(TEMPORARY_SUFFIX)) return 'temporary';
  if (path.startsWith('salvaged-')) return 'salvaged';
  if (path === 'reserve') return 'reserve';
  if (path === 'LOCK' || path.startsWith('LOCK.')) return 'lock';
  const names = [path];
  if (tableNumbers(names).length > 0) return 'table';
  if (logNumbers(names).length > 0) return 'log';
  if (manifestNumbers(names).length > 0) return 'manifest';
  return checkpointNumbers(names).length > 0 ? 'checkpoint' : 'unknown';
}
