/**
 * A data directory that is only looked at: files are opened for reading, whatever else is asked of it is refused, and a
 * directory that is not there is an error and is not made.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { assert } from '@torc/base/assert';
import { DiskError } from '@torc/base/errors';
import type { Disk, DiskFile } from '@torc/base/ports/disk';
import { asDiskError, FsFile } from '@torc/server/disk-fs-file';

export class ReadOnlyDisk implements Disk {
  readonly #root: string;

  /** Not a directory: `DiskError`. */
  constructor(root: string) {
    this.#root = resolve(root);
    let isDirectory: boolean;
    try {
      isDirectory = statSync(this.#root).isDirectory();
    } catch (error: unknown) {
      const { code, message } = asDiskError(error, root);
      throw code === 'missing'
        ? new DiskError('missing', root, 'there is no such directory')
        : new DiskError(code, root, message);
    }
    if (!isDirectory) throw new DiskError('io', root, 'this is not a directory');
  }

  open(path: string): DiskFile {
    try {
      const descriptor = openSync(this.#absolute(path), constants.O_RDONLY | constants.O_NONBLOCK);
      if (fstatSync(descriptor).isFile()) return new FsFile(path, descriptor);
      closeSync(descriptor);
    } catch (error: unknown) {
      throw asDiskError(error, path);
    }
    throw new DiskError('io', path, 'this is not a file');
  }

  list(directory: string): string[] {
    try {
      return readdirSync(this.#absolute(directory)).sort();
    } catch (error: unknown) {
      throw asDiskError(error, directory);
    }
  }

  create(path: string): never {
    throw readOnly(path);
  }

  rename(from: string): never {
    throw readOnly(from);
  }

  link(from: string): never {
    throw readOnly(from);
  }

  remove(path: string): never {
    throw readOnly(path);
  }

  makeDirectory(path: string): never {
    throw readOnly(path);
  }

  syncDirectory(path: string): never {
    throw readOnly(path);
  }

  syncDirectoryLater(path: string): never {
    throw readOnly(path);
  }

  #absolute(path: string): string {
    if (path === '') return this.#root;
    for (const name of path.split('/')) assert(name !== '' && name !== '.' && name !== '..', `not a path: ${path}`);
    return join(this.#root, path);
  }
}

function readOnly(path: string): DiskError {
  return new DiskError('io', path, 'the directory is only looked at');
}
