/** File names in a data directory, but for those of tables (`../sstable/names.ts`). */
import { numberedName, numbersAfter } from '../numbered-names.ts';

export const TEMPORARY_SUFFIX = '.tmp';

const LOG = 'log-';
const CHECKPOINT = 'checkpoint-';
const MANIFEST = 'manifest-';

export function logName(number: number): string {
  return numberedName(LOG, number);
}

export function checkpointName(number: number): string {
  return numberedName(CHECKPOINT, number);
}

export function manifestName(number: number): string {
  return numberedName(MANIFEST, number);
}

/** The numbers of the log segments, ascending, among the names in a directory. */
export function logNumbers(names: readonly string[]): number[] {
  return numbersAfter(LOG, names);
}

export function checkpointNumbers(names: readonly string[]): number[] {
  return numbersAfter(CHECKPOINT, names);
}

export function manifestNumbers(names: readonly string[]): number[] {
  return numbersAfter(MANIFEST, names);
}
