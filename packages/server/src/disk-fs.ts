/**
 * The real disk: the `Disk` port over a directory of the file system. `…Now` calls are the blocking ones of node:fs,
 * `…Later` calls run on libuv's pool, four threads by default, in any order.
 *
 * 1. Only `DiskError` leaves here, with the port's path and not the machine's; what has no errno is a bug and passes.
 * 2. A file system's short reads in the middle of a file are continued: a short read means the end.
 * 3. A file's descriptor is closed only when no call on it is under way: its number would be another file's at once.
 *
 * What may go wrong: `fdatasync` is believed. A drive that lies about its cache loses what it acknowledged.
 */
import {
  closeSync,
  constants,
  existsSync,
  fsync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { assert } from '@torc/base/assert';
import type { Disk, DiskFile } from '@torc/base/ports/disk';
import { asDiskError, asLinkError, FsFile } from './disk-fs-file.ts';

export class FsDisk implements Disk {
  readonly #root: string;

  /** Makes the root directory if it is missing, durably. */
  constructor(root: string) {
    this.#root = resolve(root);
    makeDurably(this.#root);
  }

  open(path: string): DiskFile {
    return new FsFile(path, this.#openDescriptor(path, constants.O_RDWR));
  }

  create(path: string): DiskFile {
    return new FsFile(path, this.#openDescriptor(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL));
  }

  list(directory: string): string[] {
    const absolute = this.#absolute(directory);
    try {
      return readdirSync(absolute).sort();
    } catch (error: unknown) {
      throw asDiskError(error, directory);
    }
  }

  rename(from: string, to: string): void {
    const [absoluteFrom, absoluteTo] = [this.#absolute(from), this.#absolute(to)];
    try {
      renameSync(absoluteFrom, absoluteTo);
    } catch (error: unknown) {
      throw asDiskError(error, from);
    }
  }

  link(from: string, to: string): void {
    const [absoluteFrom, absoluteTo] = [this.#absolute(from), this.#absolute(to)];
    try {
      linkSync(absoluteFrom, absoluteTo);
    } catch (error: unknown) {
      const refused = asLinkError(error, from);
      // The call names neither of its two paths as the one that is wrong.
      const isTo = refused.code === 'exists' || (refused.code === 'missing' && existsSync(absoluteFrom));
      throw isTo ? asLinkError(error, to) : refused;
    }
  }

  remove(path: string): void {
    const absolute = this.#absolute(path);
    try {
      unlinkSync(absolute);
    } catch (error: unknown) {
      throw asDiskError(error, path);
    }
  }

  makeDirectory(path: string): void {
    const absolute = this.#absolute(path);
    try {
      mkdirSync(absolute, { recursive: true });
    } catch (error: unknown) {
      throw asDiskError(error, path);
    }
  }

  syncDirectory(path: string): void {
    const absolute = this.#absolute(path);
    try {
      syncDirectory(absolute);
    } catch (error: unknown) {
      throw asDiskError(error, path);
    }
  }

  syncDirectoryLater(path: string): Promise<void> {
    return syncDirectoryOnPool(this.#absolute(path)).catch((error: unknown) => {
      throw asDiskError(error, path);
    });
  }

  #openDescriptor(path: string, flags: number): number {
    const absolute = this.#absolute(path);
    try {
      return openSync(absolute, flags, 0o644);
    } catch (error: unknown) {
      throw asDiskError(error, path);
    }
  }

  #absolute(path: string): string {
    if (path === '') return this.#root;
    for (const name of path.split('/')) {
      assert(name !== '' && name !== '.' && name !== '..' && !name.includes('\0'), `not a path of a disk: ${path}`);
    }
    return join(this.#root, path);
  }
}

/** Makes a directory with its parents and syncs the entries that were new. */
function makeDurably(absolute: string): void {
  if (existsSync(absolute)) return;
  const parent = dirname(absolute);
  makeDurably(parent);
  try {
    mkdirSync(absolute, { recursive: true });
    syncDirectory(parent);
  } catch (error: unknown) {
    throw asDiskError(error, absolute);
  }
}

function syncDirectory(absolute: string): void {
  const descriptor = openSync(absolute, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Only the sync goes to the pool: opening a directory waits for nothing. */
async function syncDirectoryOnPool(absolute: string): Promise<void> {
  const descriptor = openSync(absolute, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await new Promise<void>((resolve, reject) => {
      fsync(descriptor, (error) => (error === null ? resolve() : reject(error)));
    });
  } finally {
    closeSync(descriptor);
  }
}
