/** The machine under a bench: a number without it means nothing. */
import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, readFileSync, realpathSync, unlinkSync, writeSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { percentile } from './spread.ts';

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly runtime: string;
  readonly redis: string;
  readonly filesystem: Filesystem;
  /** One append of 4 KiB and `fdatasync`, in the folder where the servers keep their data. */
  readonly fdatasync: { readonly p50Micros: number; readonly p99Micros: number };
  /** Of the last minute, before the bench began. Above a few tenths, something else was running. */
  readonly loadBefore: number;
}

export interface Filesystem {
  readonly type: string;
  readonly device: string;
  readonly mountedAt: string;
}

const syncs = 300;
const syncBytes = 4096;
const inMemory = new Set(['tmpfs', 'ramfs']);

export function describeMachine(dataRoot: string): Machine {
  const processors = cpus();
  return {
    cores: processors.length,
    model: processors[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    runtime: `Node ${process.version}`,
    redis: redisVersion(),
    filesystem: filesystemOf(dataRoot),
    fdatasync: measureSync(dataRoot),
    loadBefore: loadavg()[0] ?? 0,
  };
}

/** Most benches run without Redis. */
function redisVersion(): string {
  try {
    return /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'not installed';
    throw error;
  }
}

/** Throws for a filesystem in memory: a sync costs nothing there, and every durable number would be a lie. */
export function assertRealDisk(folder: string): void {
  const { type, mountedAt } = filesystemOf(folder);
  if (!inMemory.has(type)) return;
  throw new Error(`${folder} is on ${type} (mounted at ${mountedAt}), which keeps nothing: name a folder with --dir`);
}

/** The mount with the longest path above the folder; of two at one path the later hides the earlier. */
function filesystemOf(folder: string): Filesystem {
  const path = realpathSync(folder);
  let found: Filesystem = { type: 'unknown', device: 'unknown', mountedAt: '' };
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const mountedAt = (left.split(' ')[4] ?? '').replaceAll('\\040', ' ');
    if (mountedAt === '' || mountedAt.length < found.mountedAt.length) continue;
    const inside = mountedAt === '/' || path === mountedAt || path.startsWith(`${mountedAt}/`);
    const [type = 'unknown', device = 'unknown'] = right.split(' ');
    if (inside) found = { type, device, mountedAt };
  }
  return found;
}

function measureSync(folder: string): Machine['fdatasync'] {
  const file = join(folder, 'sync-probe');
  const fd = openSync(file, 'w');
  const block = Buffer.alloc(syncBytes, 1);
  const micros: number[] = [];
  try {
    for (let sync = 0; sync < syncs; sync++) {
      const before = process.hrtime.bigint();
      writeSync(fd, block);
      fdatasyncSync(fd);
      micros.push(Number(process.hrtime.bigint() - before) / 1000);
    }
  } finally {
    closeSync(fd);
    unlinkSync(file);
  }
  return { p50Micros: Math.round(percentile(micros, 0.5)), p99Micros: Math.round(percentile(micros, 0.99)) };
}
