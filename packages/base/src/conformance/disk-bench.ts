/**
 * What a case of the disk suite gets, and reading and writing as every caller of the port must: short writes are
 * continued, a short read is the end of the file.
 */
import { DiskError, type DiskErrorCode } from '../errors.ts';
import type { Disk, DiskFile } from '../ports/disk.ts';
import { type Case, type Closable, expect, expectEqual, expectThrows, oneCase } from './suite.ts';

export interface DiskBench extends Closable {
  /** Fresh and empty. */
  readonly disk: Disk;
  /** Waits for a `…Later` call. */
  settle<T>(work: Promise<T>): Promise<T>;
}

export const diskCase: (name: string, body: (bench: DiskBench) => Promise<void>) => Case<DiskBench> =
  oneCase<DiskBench>;

export function writeAll(file: DiskFile, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length) {
    const written = file.writeNow(bytes, done, bytes.length - done, position + done);
    checkWritten(written, bytes.length - done);
    done += written;
  }
}

export async function writeAllLater(bench: DiskBench, file: DiskFile, bytes: Uint8Array, at: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const written = await bench.settle(file.writeLater(bytes, done, bytes.length - done, at + done));
    checkWritten(written, bytes.length - done);
    done += written;
  }
}

/** The whole file, from its size. */
export function readAll(file: DiskFile): Uint8Array {
  const bytes = new Uint8Array(file.sizeBytes());
  const read = file.readNow(bytes, 0, bytes.length, 0);
  expect(read === bytes.length, `read ${read} of a file of ${bytes.length}`);
  return bytes;
}

/** The call throws a `DiskError` with that code and path. */
export function refused(code: DiskErrorCode, path: string, call: () => unknown): void {
  const error = refusedWith(code, call);
  expectEqual(error.path, path, 'path of the error');
}

/** The call throws a `DiskError` with that code. */
export function refusedWith(code: DiskErrorCode, call: () => unknown): DiskError {
  const error = expectThrows(DiskError, call, call.toString());
  expectEqual(error.code, code, `code of the error of ${call.toString()}`);
  return error;
}

function checkWritten(written: number, asked: number): void {
  expect(Number.isInteger(written) && written >= 1 && written <= asked, `wrote ${written} of ${asked}`);
}
