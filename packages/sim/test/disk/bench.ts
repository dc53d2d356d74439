/** Short ways to make simulated disks, to fill them, and to crash them, for the tests beside this file. */
import type { Disk, DiskFile } from '@torc/base/ports/disk';
import { SimClock } from '../../src/clock.ts';
import { Crash } from '../../src/crash.ts';
import { SimDisk, type SimDiskOptions } from '../../src/disk/disk.ts';
import { SimRandom } from '../../src/random.ts';
import { Scheduler } from '../../src/scheduler.ts';

export function makeDisk(seed: number | string = 1, options: SimDiskOptions = {}): SimDisk {
  return new SimDisk({ clock: new SimClock(new Scheduler()), random: new SimRandom(seed) }, options);
}

export function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

/** Writes all of it, continuing short writes. */
export function put(file: DiskFile, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) done += file.writeNow(bytes, done, bytes.length - done, position + done);
}

export function contents(disk: Disk, path: string): Uint8Array {
  const file = disk.open(path);
  const bytes = new Uint8Array(file.sizeBytes());
  file.readNow(bytes, 0, bytes.length, 0);
  return bytes;
}

/** A file whose bytes and name are durable. */
export function durableFile(disk: SimDisk, path: string, bytes: Uint8Array): DiskFile {
  const file = disk.create(path);
  if (bytes.length > 0) put(file, bytes, 0);
  file.syncNow();
  disk.syncDirectory(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  return file;
}

/** Runs until the crash it must meet. */
export function crashing(run: () => void): Crash {
  try {
    run();
  } catch (error: unknown) {
    if (error instanceof Crash) return error;
    throw error;
  }
  throw new Error('no crash came');
}

/** The different bytes in it, sorted. */
export function values(bytes: Uint8Array): number[] {
  return [...new Set(bytes)].sort((a, b) => a - b);
}
