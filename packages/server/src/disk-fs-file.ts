/**
 * An open file of the real disk, and the one table from errno to the port's codes.
 *
 * 1. One call is at most 1 GiB: node refuses 2 GiB and more, and a short write is the caller's to continue anyway.
 * 2. `close` while a `…Later` call is under way takes effect when the last of them has ended.
 */
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  read,
  readSync,
  write,
  writeSync,
} from 'node:fs';
import { InvariantError } from '@torc/base/assert';
import { DiskError, type DiskErrorCode } from '@torc/base/errors';
import type { DiskFile } from '@torc/base/ports/disk';

const MAX_CALL_BYTES = 1 << 30;

export class FsFile implements DiskFile {
  readonly path: string;
  readonly #descriptor: number;
  #underWay = 0;
  #closed = false;

  constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  sizeBytes(): number {
    this.#needOpen();
    try {
      return fstatSync(this.#descriptor).size;
    } catch (error: unknown) {
      throw asDiskError(error, this.path);
    }
  }

  readNow(into: Uint8Array, start: number, length: number, position: number): number {
    this.#needRange(into, start, length, position, 0);
    let done = 0;
    try {
      while (done < length) {
        const step = Math.min(length - done, MAX_CALL_BYTES);
        const count = readSync(this.#descriptor, into, start + done, step, position + done);
        if (count === 0) break;
        done += count;
      }
    } catch (error: unknown) {
      throw asDiskError(error, this.path);
    }
    return done;
  }

  readLater(into: Uint8Array, start: number, length: number, position: number): Promise<number> {
    this.#needRange(into, start, length, position, 0);
    return this.#pooled((settle) => {
      let done = 0;
      const step = (): void => {
        const bytes = Math.min(length - done, MAX_CALL_BYTES);
        read(this.#descriptor, into, start + done, bytes, position + done, (error, count) => {
          if (error === null) done += count;
          if (error === null && count > 0 && done < length) step();
          else settle(error, done);
        });
      };
      step();
    });
  }

  writeNow(from: Uint8Array, start: number, length: number, position: number): number {
    this.#needRange(from, start, length, position, 1);
    let written: number;
    try {
      written = writeSync(this.#descriptor, from, start, Math.min(length, MAX_CALL_BYTES), position);
    } catch (error: unknown) {
      throw asDiskError(error, this.path);
    }
    if (written === 0) throw nothingWritten(this.path);
    return written;
  }

  writeLater(from: Uint8Array, start: number, length: number, position: number): Promise<number> {
    this.#needRange(from, start, length, position, 1);
    return this.#pooled((settle) => {
      write(this.#descriptor, from, start, Math.min(length, MAX_CALL_BYTES), position, (error, written) => {
        settle(error === null && written === 0 ? nothingWritten(this.path) : error, written);
      });
    });
  }

  syncNow(): void {
    this.#needOpen();
    try {
      fdatasyncSync(this.#descriptor);
    } catch (error: unknown) {
      throw asDiskError(error, this.path);
    }
  }

  syncLater(): Promise<void> {
    this.#needOpen();
    return this.#pooled((settle) => {
      fdatasync(this.#descriptor, (error) => settle(error, undefined));
    });
  }

  truncate(sizeBytes: number): void {
    this.#needOpen();
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw new InvariantError(`truncate to ${sizeBytes} bytes`);
    try {
      ftruncateSync(this.#descriptor, sizeBytes);
    } catch (error: unknown) {
      throw asDiskError(error, this.path);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#underWay === 0) closeSync(this.#descriptor);
  }

  #pooled<T>(start: (settle: (error: Error | null, value: T) => void) => void): Promise<T> {
    this.#underWay++;
    return new Promise((resolve, reject) => {
      start((error, value) => {
        this.#underWay--;
        if (this.#closed && this.#underWay === 0) closeSync(this.#descriptor);
        if (error === null) resolve(value);
        else reject(asDiskError(error, this.path));
      });
    });
  }

  #needOpen(): void {
    if (this.#closed) throw new InvariantError(`${this.path}: used after close`);
  }

  #needRange(buffer: Uint8Array, start: number, length: number, position: number, least: number): void {
    this.#needOpen();
    const inside = start >= 0 && length >= least && start + length <= buffer.length;
    if (inside && Number.isSafeInteger(position) && position >= 0) return;
    throw new InvariantError(`${this.path}: not a range: ${start}+${length} of ${buffer.length} at ${position}`);
  }
}

const CODES: Readonly<Record<string, DiskErrorCode>> = {
  ENOENT: 'missing',
  EEXIST: 'exists',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  EBUSY: 'busy',
  ETXTBSY: 'busy',
  EMFILE: 'busy',
  ENFILE: 'busy',
};

/** What the port says of an errno; anything without one is a bug and is thrown on as it is. */
export function asDiskError(error: unknown, path: string): DiskError {
  if (error instanceof DiskError) return error;
  if (!(error instanceof Error) || !('errno' in error) || !('code' in error)) throw error;
  const code = String(error.code);
  const call = 'syscall' in error ? ` (${String(error.syscall)})` : '';
  return new DiskError(CODES[code] ?? 'io', path, `${code}${call}`);
}

/** What a hard link needs and does not have here. */
const LINK_REFUSALS: Readonly<Record<string, string>> = {
  EXDEV: 'the two names are on different file systems, and a hard link cannot cross from one to another',
  EPERM: 'this is a directory, or a file of another user, or the file system has no hard links',
  EMLINK: 'the file has as many names as its file system allows',
};

/** As `asDiskError`, with words for what can only go wrong with a hard link. */
export function asLinkError(error: unknown, path: string): DiskError {
  const general = asDiskError(error, path);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = LINK_REFUSALS[code];
  return reason === undefined ? general : new DiskError('io', path, `${code} (link): ${reason}`);
}

function nothingWritten(path: string): DiskError {
  return new DiskError('io', path, 'the file system wrote nothing and gave no reason');
}
