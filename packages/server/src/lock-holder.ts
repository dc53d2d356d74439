/**
 * Whom the file `LOCK` of a data directory names, and whether that process still runs. A holder is alive when its pid is,
 * with the same start time and boot: a pid that was given out again is not it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const LOCK_NAME = 'LOCK';

/** A larger pid is none, and `process.kill` would not take it. */
const MAX_PID = 2 ** 31 - 1;

export interface Holder {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat: clock ticks since boot. Empty where there is no /proc. */
  readonly startTime: string;
  readonly bootId: string;
  /** Tells two locks of one process apart. */
  readonly nonce: string;
}

export function thisProcess(nonce: string): Holder {
  return { pid: process.pid, startTime: startTimeOf(process.pid), bootId: bootId(), nonce };
}

/** The pid of the process that uses a directory, without taking its lock; `undefined`: none does, or it cannot be read. */
export function liveHolder(directory: string): number | undefined {
  const holder = parseHolder(readOrEmpty(join(directory, LOCK_NAME)));
  return holder !== undefined && isAlive(holder) ? holder.pid : undefined;
}

/** Who holds it. Undefined: nobody, or a file that power loss has emptied, which names nobody. */
export function readHolder(path: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error: unknown) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  return parseHolder(text);
}

export function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error: unknown) {
    if (codeOf(error) === 'ESRCH') return false;
    // Not ours to signal, but there.
    if (codeOf(error) !== 'EPERM') throw error;
  }
  const startTime = startTimeOf(holder.pid);
  if (startTime === '' || holder.startTime === '') return true;
  return startTime === holder.startTime && bootId() === holder.bootId;
}

/** The code of an error of the system, like `ENOENT`; empty for any other error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, startTime, bootId, nonce } = JSON.parse(text) as Partial<Holder>;
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1 || pid > MAX_PID) return undefined;
    return { pid, startTime: String(startTime), bootId: String(bootId), nonce: String(nonce) };
  } catch (error: unknown) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function startTimeOf(pid: number): string {
  // The command's name stands in parentheses and may hold anything: fields are counted behind the last of them.
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function bootId(): string {
  return readOrEmpty('/proc/sys/kernel/random/boot_id').trim();
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error: unknown) {
    if (codeOf(error) === '') throw error;
    return '';
  }
}
