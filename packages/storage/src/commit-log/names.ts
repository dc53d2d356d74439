/** File names in a data directory. Numbers are zero-padded, so that name order is number order. */
export const TEMPORARY_SUFFIX = '.tmp';

const LOG = 'log-';
const CHECKPOINT = 'checkpoint-';
const MANIFEST = 'manifest-';
const DIGITS = 10;

export function logName(number: number): string {
  return LOG + String(number).padStart(DIGITS, '0');
}

export function checkpointName(number: number): string {
  return CHECKPOINT + String(number).padStart(DIGITS, '0');
}

export function manifestName(number: number): string {
  return MANIFEST + String(number).padStart(DIGITS, '0');
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

function numbersAfter(prefix: string, names: readonly string[]): number[] {
  return names
    .filter((name) => name.length === prefix.length + DIGITS && name.startsWith(prefix))
    .map((name) => Number(name.slice(prefix.length)))
    .filter((number) => Number.isSafeInteger(number) && number >= 1)
    .sort((a, b) => a - b);
}
