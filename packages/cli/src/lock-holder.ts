/**
 * Which process uses a data directory, without taking its lock: `LOCK` names the holder, and a holder is alive when its pid
 * is, with the same start time and boot (`packages/server/src/directory-lock.ts`).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

interface Holder {
  readonly pid: number;
  readonly startTime?: string;
  readonly bootId?: string;
}

/** Its pid; `undefined` when nobody does. */
export function liveHolder(directory: string): number | undefined {
  const holder = readHolder(join(directory, 'LOCK'));
  if (holder === undefined || !runs(holder.pid)) return undefined;
  const startTime = startTimeOf(holder.pid);
  if (startTime === '' || !holder.startTime) return holder.pid;
  const sameBoot = readOr('/proc/sys/kernel/random/boot_id').trim() === holder.bootId;
  return startTime === holder.startTime && sameBoot ? holder.pid : undefined;
}

function readHolder(path: string): Holder | undefined {
  try {
    const holder = JSON.parse(readOr(path)) as Partial<Holder> | null;
    const pid = holder?.pid;
    return typeof pid === 'number' && Number.isInteger(pid) && pid >= 1 ? { ...holder, pid } : undefined;
  } catch (error: unknown) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error: unknown) {
    // Not ours to signal, but there.
    return (error as { code?: string }).code === 'EPERM';
  }
}

function startTimeOf(pid: number): string {
  const stat = readOr(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** Empty when it cannot be read. */
function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error: unknown) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}
