/**
 * A log segment that is being written.
 *
 * Made under a temporary name, synced, renamed, its directory synced: so a file with its final name always has a durable
 * header (frame.ts, invariant 1), and whatever was put behind the header before `publish` is durable with it.
 */
import { DiskError } from '@torc/base/errors';
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

/** Frames up to this are written into room made ahead; larger ones pay for their own. */
const SMALL_FRAME_BYTES = 64 * 1024;
const ZEROS = new Uint8Array(64 * 1024);

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
  /** How far the file reaches: behind the frames it may be zeros. */
  #allocatedBytes = 0;
  #extends = true;
  #hasItsName = false;

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
    this.#giveName();
    if (!this.#ports.probe.planted('directory-not-synced')) this.#ports.disk.syncDirectory('');
  }

  /** The second half of `publish`, off the turn: once a sync has succeeded, and none has failed. */
  async giveNameLater(): Promise<void> {
    this.#giveName();
    if (!this.#ports.probe.planted('directory-not-synced')) await this.#ports.disk.syncDirectoryLater('');
  }

  #giveName(): void {
    if (!this.#hasItsName) this.#ports.disk.rename(this.path + TEMPORARY_SUFFIX, this.path);
    this.#hasItsName = true;
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

  /**
   * Writes zeros ahead of small frames, so that their syncs need not change the file's length: on a journalling file system
   * that nearly halves them. A disk without room for it is no matter.
   */
  extendAhead(nextBytes: number, aheadBytes: number, limitBytes: number): void {
    if (!this.#extends || nextBytes > SMALL_FRAME_BYTES || this.#endBytes + nextBytes <= this.#allocatedBytes) return;
    const end = Math.min(this.#endBytes + aheadBytes, limitBytes);
    let at = Math.max(this.#allocatedBytes, this.#endBytes);
    try {
      while (at < end) at += this.#file.writeNow(ZEROS, 0, Math.min(ZEROS.length, end - at), at);
      this.#allocatedBytes = Math.max(this.#allocatedBytes, end);
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== 'full') throw error;
      this.#extends = false;
      this.cutBack();
    }
  }

  /** Gives back what was written ahead. */
  trim(): void {
    if (this.#allocatedBytes > this.#endBytes) this.cutBack();
  }

  /** Removes what a failed `append` left behind the last whole one. */
  cutBack(): void {
    this.#file.truncate(this.#endBytes);
    this.#allocatedBytes = this.#endBytes;
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
