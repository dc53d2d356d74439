/** A disk that counts syncs, and how many of files were under way on the pool at once. */
import type { Disk, DiskFile } from '@torc/base/ports/disk';

export class SyncCounter implements Disk {
  now = 0;
  later = 0;
  directoriesNow = 0;
  directoriesLater = 0;
  underWay = 0;
  mostUnderWay = 0;
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  get syncs(): number {
    return this.now + this.later;
  }

  open(path: string): DiskFile {
    return this.#watch(this.#disk.open(path));
  }

  create(path: string): DiskFile {
    return this.#watch(this.#disk.create(path));
  }

  list(directory: string): string[] {
    return this.#disk.list(directory);
  }

  link(from: string, to: string): void {
    this.#disk.link(from, to);
  }

  rename(from: string, to: string): void {
    this.#disk.rename(from, to);
  }

  remove(path: string): void {
    this.#disk.remove(path);
  }

  makeDirectory(path: string): void {
    this.#disk.makeDirectory(path);
  }

  syncDirectory(path: string): void {
    this.directoriesNow += 1;
    this.#disk.syncDirectory(path);
  }

  syncDirectoryLater(path: string): Promise<void> {
    this.directoriesLater += 1;
    return this.#disk.syncDirectoryLater(path);
  }

  #watch(file: DiskFile): DiskFile {
    return {
      path: file.path,
      sizeBytes: () => file.sizeBytes(),
      readNow: (...range) => file.readNow(...range),
      readLater: (...range) => file.readLater(...range),
      writeNow: (...range) => file.writeNow(...range),
      writeLater: (...range) => file.writeLater(...range),
      truncate: (sizeBytes) => file.truncate(sizeBytes),
      close: () => file.close(),
      syncNow: () => {
        this.now += 1;
        file.syncNow();
      },
      syncLater: () => {
        this.later += 1;
        this.underWay += 1;
        this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
        return file.syncLater().finally(() => {
          this.underWay -= 1;
        });
      },
    };
  }
}
