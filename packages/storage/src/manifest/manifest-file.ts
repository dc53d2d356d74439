/**
 * A manifest file that is being written: a file header, a snapshot frame, then a frame for each edit.
 *
 * The header and the snapshot are durable before the file has its name, and the name is durable before anybody rests on
 * it: so the highest-numbered manifest is whole up to its snapshot, always, and needs nobody to point at it.
 *
 * It is not a `LogFile`: nothing is written ahead, one descriptor makes all syncs after the name is given, and the file
 * may stand in another directory (a checkpoint's copy).
 */
import { assert } from '@torc/base/assert';
import { DiskError } from '@torc/base/errors';
import type { Disk, DiskFile } from '@torc/base/ports/disk';
import {
  encodeFileHeader,
  FILE_HEADER_BYTES,
  FRAME_ALIGNMENT,
  FRAME_CLOSED,
  FRAME_ENTRIES,
  FRAME_HEADER_BYTES,
  sealFrame,
} from '../commit-log/frame.ts';
import type { FilePorts } from '../commit-log/log-file.ts';
import { manifestNumbers, TEMPORARY_SUFFIX } from '../commit-log/names.ts';
import { snapshotEdit } from './contents.ts';
import { writeEdit } from './edit-codec.ts';
import type { ManifestContents, VersionEdit } from './edit.ts';
import { ItemWriter } from './item-bytes.ts';

/** The snapshot's frame; edits follow from 2. */
export const SNAPSHOT_FRAME = 1;

export class ManifestFile {
  readonly path: string;
  /** Where the snapshot's frame ends. */
  readonly snapshotBytes: number;
  readonly #seed: number;
  readonly #file: DiskFile;
  readonly #ports: FilePorts;
  readonly #continueShortWrites: boolean;
  readonly #syncDirectory: boolean;
  #endBytes = 0;
  #nextFrame = SNAPSHOT_FRAME + 1;
  /** The header and the snapshot, until they are written. */
  #head: Uint8Array;

  private constructor(ports: FilePorts, path: string, contents: ManifestContents) {
    const number = manifestNumbers([path.slice(path.lastIndexOf('/') + 1)])[0];
    assert(number !== undefined, `${path} is no name of a manifest`);
    this.path = path;
    this.#ports = ports;
    this.#continueShortWrites = !ports.probe.planted('short-write-not-continued');
    this.#syncDirectory = !ports.probe.planted('directory-not-synced');
    const writer = new ItemWriter(FILE_HEADER_BYTES + FRAME_HEADER_BYTES);
    const items = writeEdit(writer, snapshotEdit(contents), contents);
    writer.reserve(FRAME_ALIGNMENT);
    const header = {
      kind: 'manifest' as const,
      number,
      nonceLow: ports.random.uint32(),
      nonceHigh: ports.random.uint32(),
      previousBytes: 0,
      firstBatch: SNAPSHOT_FRAME,
    };
    this.#seed = encodeFileHeader(header, writer.bytes);
    const payloadBytes = writer.end - FILE_HEADER_BYTES - FRAME_HEADER_BYTES;
    const fields = {
      type: FRAME_ENTRIES,
      batch: SNAPSHOT_FRAME,
      entries: items,
      payloadBytes,
      synced: FILE_HEADER_BYTES,
    };
    this.snapshotBytes = sealFrame(writer.bytes, FILE_HEADER_BYTES, fields, this.#seed);
    this.#head = writer.bytes.subarray(0, this.snapshotBytes);
    this.#file = createAfresh(ports.disk, path + TEMPORARY_SUFFIX);
  }

  /** A new manifest with these contents, durable under its name when this returns. A full disk leaves nothing behind. */
  static make(ports: FilePorts, path: string, contents: ManifestContents): ManifestFile {
    const file = new ManifestFile(ports, path, contents);
    try {
      file.#writeNow(file.#head);
      file.#file.syncNow();
      file.#giveName();
      if (file.#syncDirectory) ports.disk.syncDirectory(directoryOf(path));
    } catch (error) {
      if (error instanceof DiskError) file.#abandon();
      throw error;
    }
    return file;
  }

  /** Written under its temporary name, off the turn; `publishLater` follows. A full disk leaves nothing behind. */
  static async prepareLater(ports: FilePorts, path: string, contents: ManifestContents): Promise<ManifestFile> {
    const file = new ManifestFile(ports, path, contents);
    try {
      await file.#writeLater(file.#head);
    } catch (error) {
      if (error instanceof DiskError) file.#abandon();
      throw error;
    }
    return file;
  }

  /** Makes it durable under its name. After a `DiskError` it may have its name or not: nothing may rest on either. */
  async publishLater(): Promise<void> {
    try {
      await this.#file.syncLater();
      this.#giveName();
      if (this.#syncDirectory) await this.#ports.disk.syncDirectoryLater(directoryOf(this.path));
    } catch (error) {
      if (error instanceof DiskError) this.#abandon();
      throw error;
    }
  }

  get endBytes(): number {
    return this.#endBytes;
  }

  /**
   * Writes the frame of an edit; `sync` makes it durable. Everything before it was synced: that is what it vouches for.
   * On a `DiskError` part of it may stand in the file: `cutBack`.
   */
  async append(edit: VersionEdit): Promise<void> {
    const writer = new ItemWriter(FRAME_HEADER_BYTES);
    const entries = writeEdit(writer, edit);
    writer.reserve(FRAME_ALIGNMENT);
    const payloadBytes = writer.end - FRAME_HEADER_BYTES;
    const fields = { type: FRAME_ENTRIES, batch: this.#nextFrame, entries, payloadBytes, synced: this.#endBytes };
    const end = sealFrame(writer.bytes, 0, fields, this.#seed);
    await this.#writeLater(writer.bytes.subarray(0, end));
    this.#nextFrame += 1;
  }

  sync(): Promise<void> {
    return this.#file.syncLater();
  }

  /** Removes what a failed `append` left behind the last whole frame. */
  cutBack(): void {
    this.#file.truncate(this.#endBytes);
  }

  /** A frame that vouches for the last edit: after a clean close nothing can pass for a torn tail. */
  markClosed(): void {
    const bytes = new Uint8Array(FRAME_HEADER_BYTES);
    const fields = { type: FRAME_CLOSED, batch: this.#nextFrame, entries: 0, payloadBytes: 0, synced: this.#endBytes };
    sealFrame(bytes, 0, fields, this.#seed);
    this.#writeNow(bytes);
    this.#file.syncNow();
  }

  close(): void {
    this.#file.close();
  }

  #giveName(): void {
    this.#head = NO_BYTES;
    this.#ports.disk.rename(this.path + TEMPORARY_SUFFIX, this.path);
  }

  #writeNow(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const written = this.#file.writeNow(bytes, at, bytes.length - at, this.#endBytes + at);
      at = this.#continueShortWrites ? at + written : bytes.length;
    }
    this.#endBytes += bytes.length;
  }

  async #writeLater(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const written = await this.#file.writeLater(bytes, at, bytes.length - at, this.#endBytes + at);
      at = this.#continueShortWrites ? at + written : bytes.length;
    }
    this.#endBytes += bytes.length;
  }

  /** The temporary file goes, if it can: room on a full disk. What stays is removed at the next start. */
  #abandon(): void {
    this.#file.close();
    try {
      const { disk } = this.#ports;
      if (isThere(disk, this.path + TEMPORARY_SUFFIX)) disk.remove(this.path + TEMPORARY_SUFFIX);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
  }
}

const NO_BYTES = new Uint8Array(0);

/** A try that failed may have left its torn file. */
function createAfresh(disk: Disk, path: string): DiskFile {
  if (isThere(disk, path)) disk.remove(path);
  return disk.create(path);
}

function isThere(disk: Disk, path: string): boolean {
  return disk.list(directoryOf(path)).includes(path.slice(path.lastIndexOf('/') + 1));
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
