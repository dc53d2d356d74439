/** What the commands have in common that look at a directory from outside. */
import process from 'node:process';
import { DiskError } from '@torc/base/errors';
import { setExitCode } from './exit.ts';
import { ReadOnlyDisk } from './read-only-disk.ts';

/** The report says that all is well; it does not; nothing was looked at. */
export const SOUND = 0;
export const DAMAGED = 1;
export const NOT_LOOKED_AT = 2;

/** Runs `work` on the directory. What cannot be looked at is one line on standard error, and nothing was written. */
export function lookAt(directory: string, work: (disk: ReadOnlyDisk) => number): void {
  try {
    setExitCode(work(new ReadOnlyDisk(directory)));
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    process.stderr.write(`torc: ${error.message}\n`);
    setExitCode(NOT_LOOKED_AT);
  }
}

/** JSON with keys and values as hexadecimal, maps as objects, damage as its message. */
export function printJson(report: unknown): void {
  process.stdout.write(`${JSON.stringify(report, replace, 2)}\n`);
}

function replace(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Error) return value.message;
  return value;
}
