/** Gives a finished table its name: renamed, the directory synced. Only then may a manifest name it. */
import { DiskError } from '@torc/base/errors';
import type { Disk } from '@torc/base/ports/disk';
import type { Probe } from '@torc/base/ports/probe';
import { TEMPORARY_SUFFIX } from '../commit-log/names.ts';
import { tableName } from '../sstable/names.ts';

export function temporaryTable(number: number): string {
  return tableName(number) + TEMPORARY_SUFFIX;
}

export function publishTables(disk: Disk, probe: Probe, numbers: readonly number[]): void {
  for (const number of numbers) disk.rename(temporaryTable(number), tableName(number));
  if (!probe.planted('table-directory-not-synced')) disk.syncDirectory('');
}

/** Removes what a failed job left; the next start removes what this cannot. */
export function removeTemporary(disk: Disk, numbers: readonly number[]): void {
  for (const number of numbers) {
    try {
      disk.remove(temporaryTable(number));
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
  }
}
