/**
 * A disk that reads from another and writes nowhere: so the recovery of the log, which ends by making a fresh segment, can
 * be run on a directory that must not change.
 *
 * Files that are created take their bytes and forget them; names stay as they are.
 */
import type { Disk, DiskFile } from '@torc/base/ports/disk';

export class ScratchDisk implements Disk {
  readonly #disk: Disk;
  readonly #created = new Set<string>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  open(path: string): DiskFile {
    return this.#created.has(path) ? new ScratchFile(path) : this.#disk.open(path);
  }

  create(path: string): DiskFile {
    this.#created.add(path);
    return new ScratchFile(path);
  }

  list(directory: string): string[] {
    return this.#disk.list(directory);
  }

  rename(): void {}

  link(): void {}

  remove(): void {}

  makeDirectory(): void {}

  syncDirectory(): void {}

  syncDirectoryLater(): Promise<void> {
    return Promise.resolve();
  }
}

class ScratchFile implements DiskFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  sizeBytes(): number {
    return 0;
  }

  readNow(): number {
    return 0;
  }

  readLater(): Promise<number> {
    return Promise.resolve(0);
  }

  writeNow(_from: Uint8Array, _start: number, length: number): number {
    return length;
  }

  writeLater(_from: Uint8Array, _start: number, length: number): Promise<number> {
    return Promise.resolve(length);
  }

  syncNow(): void {}

  syncLater(): Promise<void> {
    return Promise.resolve();
  }

  truncate(): void {}

  close(): void {}
}
