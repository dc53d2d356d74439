/**
 * A disk as a job sees it: the same files, and whoever asks can tell that it is the job's calls that run. Only calls that
 * take effect at once are told apart; jobs make no others.
 */
import type { Disk, DiskFile } from '@torc/base/ports/disk';

/** Who is at work: set for as long as a call of a job takes. */
export interface AtWork {
  job: string | undefined;
}

export class JobDisk implements Disk {
  readonly #disk: Disk;
  readonly #job: string;
  readonly #atWork: AtWork;

  constructor(disk: Disk, job: string, atWork: AtWork) {
    this.#disk = disk;
    this.#job = job;
    this.#atWork = atWork;
  }

  open(path: string): DiskFile {
    return new JobFile(
      this.call(() => this.#disk.open(path)),
      this,
    );
  }

  create(path: string): DiskFile {
    return new JobFile(
      this.call(() => this.#disk.create(path)),
      this,
    );
  }

  list(directory: string): string[] {
    return this.#disk.list(directory);
  }

  rename(from: string, to: string): void {
    this.call(() => this.#disk.rename(from, to));
  }

  link(from: string, to: string): void {
    this.call(() => this.#disk.link(from, to));
  }

  remove(path: string): void {
    this.call(() => this.#disk.remove(path));
  }

  makeDirectory(path: string): void {
    this.call(() => this.#disk.makeDirectory(path));
  }

  syncDirectory(path: string): void {
    this.call(() => this.#disk.syncDirectory(path));
  }

  syncDirectoryLater(path: string): Promise<void> {
    return this.#disk.syncDirectoryLater(path);
  }

  call<T>(work: () => T): T {
    this.#atWork.job = this.#job;
    try {
      return work();
    } finally {
      this.#atWork.job = undefined;
    }
  }
}

class JobFile implements DiskFile {
  readonly #file: DiskFile;
  readonly #disk: JobDisk;

  constructor(file: DiskFile, disk: JobDisk) {
    this.#file = file;
    this.#disk = disk;
  }

  get path(): string {
    return this.#file.path;
  }

  sizeBytes(): number {
    return this.#file.sizeBytes();
  }

  readNow(into: Uint8Array, start: number, length: number, position: number): number {
    return this.#disk.call(() => this.#file.readNow(into, start, length, position));
  }

  readLater(into: Uint8Array, start: number, length: number, position: number): Promise<number> {
    return this.#file.readLater(into, start, length, position);
  }

  writeNow(from: Uint8Array, start: number, length: number, position: number): number {
    return this.#disk.call(() => this.#file.writeNow(from, start, length, position));
  }

  writeLater(from: Uint8Array, start: number, length: number, position: number): Promise<number> {
    return this.#file.writeLater(from, start, length, position);
  }

  syncNow(): void {
    this.#disk.call(() => this.#file.syncNow());
  }

  syncLater(): Promise<void> {
    return this.#file.syncLater();
  }

  truncate(sizeBytes: number): void {
    this.#disk.call(() => this.#file.truncate(sizeBytes));
  }

  close(): void {
    this.#file.close();
  }
}
