/**
 * The reserve: a file of zeros that is given up when the disk is full, so that deletes still find room. When it can be
 * made again the disk has room again: that is how writes come back without a restart.
 */
import { DiskError } from '@torc/base/errors';
import type { Disk } from '@torc/base/ports/disk';

const RESERVE_NAME = 'reserve';
const PIECE_BYTES = 256 * 1024;

export class Reserve {
  readonly #disk: Disk;
  readonly #sizeBytes: number;

  constructor(disk: Disk, sizeBytes: number) {
    this.#disk = disk;
    this.#sizeBytes = sizeBytes;
  }

  /** Makes the reserve unless it is there; `false` when the disk has no room for it, or not for `times` as much. */
  refill(times = 1): boolean {
    if (this.#sizeBytes === 0) return true;
    if (this.#sizeNow() >= this.#sizeBytes) return true;
    try {
      this.release();
      this.#write(this.#sizeBytes * times);
      return true;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.release();
      return false;
    }
  }

  release(): void {
    if (this.#disk.list('').includes(RESERVE_NAME)) this.#disk.remove(RESERVE_NAME);
  }

  /** A crash may have left one that was not finished. */
  #sizeNow(): number {
    if (!this.#disk.list('').includes(RESERVE_NAME)) return 0;
    const file = this.#disk.open(RESERVE_NAME);
    const sizeBytes = file.sizeBytes();
    file.close();
    return sizeBytes;
  }

  #write(sizeBytes: number): void {
    const file = this.#disk.create(RESERVE_NAME);
    try {
      const zeros = new Uint8Array(Math.min(PIECE_BYTES, sizeBytes));
      for (let at = 0; at < sizeBytes; ) {
        at += file.writeNow(zeros, 0, Math.min(zeros.length, sizeBytes - at), at);
      }
      file.truncate(this.#sizeBytes);
      file.syncNow();
    } finally {
      file.close();
    }
  }
}
