/** What a process and a folder use: memory, disk, bytes written, stalls of the event loop. Read from Linux's /proc. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const blockBytes = 512;

/** Disk that a folder's files take up: blocks, so that holes do not count and space written ahead does. */
export function diskBytes(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    // A file may go while this counts.
    const stat = lstatSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false });
    bytes += (stat?.blocks ?? 0) * blockBytes;
  }
  return bytes;
}

/** What this process caused to be written to disks; pages written again before they left memory count once. */
export function writtenBytes(): number {
  return field(readText('/proc/self/io'), 'write_bytes');
}

/** Memory of a process now, and the most that it had; 0 when it is gone. */
export function residentBytes(pid: number): { readonly now: number; readonly peak: number } {
  const status = readText(`/proc/${pid}/status`);
  return { now: field(status, 'VmRSS') * 1024, peak: field(status, 'VmHWM') * 1024 };
}

/** Resolves when the process has neither written nor computed for a while, after 30 s in any case. */
export async function settled(): Promise<void> {
  const stepMs = 100;
  let quiet = 0;
  let last = { written: writtenBytes(), cpu: process.cpuUsage() };
  for (let step = 0; step < 300 && quiet < 3; step += 1) {
    await sleep(stepMs);
    const now = { written: writtenBytes(), cpu: process.cpuUsage() };
    const cpuMs = (now.cpu.user + now.cpu.system - last.cpu.user - last.cpu.system) / 1000;
    quiet = now.written === last.written && cpuMs < stepMs / 10 ? quiet + 1 : 0;
    last = now;
  }
}

/** Watches for the longest time that the event loop was kept waiting; the returned call ends it and says how long. */
export function watchStalls(): () => number {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  return () => {
    histogram.disable();
    return histogram.count === 0 ? 0 : histogram.max / 1e6;
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}
