/**
 * A framed file that is being written: a log segment or a checkpoint.
 *
 * Made under a temporary name, synced, renamed, its directory synced: so a file with its final name always has a durable
 * header (frame.ts, invariant 1), and whatever was put behind the header before `publish` is durable with it.
 */
import type { Disk, DiskFile } from '@torc/base/ports/disk';
import type { Probe } from '@torc/base/ports/probe';
import type { Random } from '@torc/base/ports/random';
import { encodeFileHeader, FILE_HEADER_BYTES, type FileHeader } from './frame.ts';
import { TEMPORARY_SUFFIX } from './names.ts';

export interface FilePorts {
  readonly disk: Disk;
  readonly random: Random;
  readonly probe: Probe;
}

export class LogFile {
  readonly path: string;
  readonly number: number;
  readonly seed: number;
  readonly #file: DiskFile;
  /**
   * The same file once more, for syncs on the pool. A system tells a failed write-back once per descriptor: were there only
   * one, a sync on the pool could take the error from a sync in the turn, which would then vouch for lost bytes.
   */
  readonly #pool: DiskFile;
  readonly #ports: FilePorts;
  readonly #continueShortWrites: boolean;
  #endBytes = FILE_HEADER_BYTES;

  private constructor(ports: FilePorts, path: string, header: FileHeader) {
    this.#ports = ports;
    this.#continueShortWrites = !ports.probe.planted('short-write-not-continued');
    this.path = path;
    this.number = header.number;
    this.#file = ports.disk.create(path + TEMPORARY_SUFFIX);
    this.#pool = ports.disk.open(path + TEMPORARY_SUFFIX);
    const bytes = new Uint8Array(FILE_HEADER_BYTES);
    this.seed = encodeFileHeader(header, bytes);
    this.#endBytes = 0;
    try {
      this.append(bytes, 0, bytes.length);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** A new file under its temporary name, with its header written but not durable. */
  static create(ports: FilePorts, path: string, header: Omit<FileHeader, 'nonceLow' | 'nonceHigh'>): LogFile {
    // A try that failed for want of room may have left its torn file.
    if (ports.disk.list('').includes(path + TEMPORARY_SUFFIX)) ports.disk.remove(path + TEMPORARY_SUFFIX);
    const nonce = { nonceLow: ports.random.uint32(), nonceHigh: ports.random.uint32() };
    return new LogFile(ports, path, { ...header, ...nonce });
  }

  /** Makes everything written so far durable under the file's final name. */
  publish(): void {
    this.#file.syncNow();
    this.#ports.disk.rename(this.path + TEMPORARY_SUFFIX, this.path);
    if (!this.#ports.probe.planted('directory-not-synced')) this.#ports.disk.syncDirectory('');
  }

  /** As `publish`, off the turn as far as the disk allows. */
  async publishLater(): Promise<void> {
    await this.#file.syncLater();
    this.#ports.disk.rename(this.path + TEMPORARY_SUFFIX, this.path);
    if (!this.#ports.probe.planted('directory-not-synced')) this.#ports.disk.syncDirectory('');
  }

  get endBytes(): number {
    return this.#endBytes;
  }

  /** Writes all of the range behind what is there. On a `DiskError` part of it may stand in the file: `cutBack`. */
  append(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const written = this.#file.writeNow(bytes, at, end - at, this.#endBytes + at - start);
      at = this.#continueShortWrites ? at + written : end;
    }
    this.#endBytes += end - start;
  }

  async appendLater(bytes: Uint8Array, start: number, end: number): Promise<void> {
    let at = start;
    while (at < end) {
      const written = await this.#file.writeLater(bytes, at, end - at, this.#endBytes + at - start);
      at = this.#continueShortWrites ? at + written : end;
    }
    this.#endBytes += end - start;
  }

  /** Removes what a failed `append` left behind the last whole one. */
  cutBack(): void {
    this.#file.truncate(this.#endBytes);
  }

  syncNow(): void {
    this.#file.syncNow();
  }

  syncLater(): Promise<void> {
    return this.#pool.syncLater();
  }

  close(): void {
    this.#file.close();
    this.#pool.close();
  }
}
