/** The files that a start replays: segments of the log and, in old directories, a memory image. */
import type { Disk } from '@torc/base/ports/disk';
import { checkpointName, checkpointNumbers, logName, logNumbers } from '../commit-log/names.ts';

/** Those below a segment: what is in them stands in tables, once the manifest says so. */
export function replayableNames(disk: Disk, belowSegment: number): string[] {
  const names = disk.list('');
  const below = (number: number): boolean => number < belowSegment;
  return [
    ...logNumbers(names).filter(below).map(logName),
    ...checkpointNumbers(names).filter(below).map(checkpointName),
  ];
}

/**
 * Keeps damaged files aside under a second name before what a salvage saved goes into tables: no crash on the way lets
 * the next start remove them for good.
 */
export function linkAside(disk: Disk, belowSegment: number): void {
  const names = disk.list('');
  for (const name of replayableNames(disk, belowSegment)) {
    if (!names.includes(`salvaged-${name}`)) disk.link(name, `salvaged-${name}`);
  }
  disk.syncDirectory('');
}
