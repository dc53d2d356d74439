/**
 * Reads a framed file back, and tells damage from a torn tail.
 *
 * A frame that does not check out ends the reading. If a sound frame further on says that the place was durable when it
 * was written, bytes are missing that were acknowledged: that is damage. Otherwise it is a tail that a crash left: cut.
 */
import { DamageError } from '@torc/base/errors';
import type { Disk } from '@torc/base/ports/disk';
import { readEntries, type EntrySink } from './entry.ts';
import {
  decodeFileHeader,
  FILE_HEADER_BYTES,
  FRAME_ALIGNMENT,
  FRAME_CLOSED,
  FRAME_COVER,
  FRAME_HEADER_BYTES,
  frameBytes,
  readFrame,
  type FileHeader,
  type FileKind,
  type FrameFields,
} from './frame.ts';

/** One file in memory: a segment is 32 MiB and one batch at most; an old checkpoint file is read a piece at a time elsewhere. */
export class LogReader {
  readonly path: string;
  readonly header: FileHeader & { readonly seed: number };
  readonly bytes: Uint8Array;
  readonly #cover: number;

  private constructor(path: string, bytes: Uint8Array, header: FileHeader & { readonly seed: number }, cover: number) {
    this.path = path;
    this.bytes = bytes;
    this.header = header;
    this.#cover = cover;
  }

  /** A header that does not check out is damage: a file gets its name only with a durable header. */
  static open(disk: Disk, path: string, kind: FileKind, cover: number = FRAME_COVER): LogReader {
    const bytes = readWhole(disk, path);
    const header = decodeFileHeader(bytes, kind);
    if (typeof header === 'string') throw new DamageError(path, 0, header);
    return new LogReader(path, bytes, header, cover);
  }

  frameAt(offset: number, limit: number): FrameFields | undefined {
    return readFrame(this.bytes, offset, limit, this.header.seed, this.#cover);
  }

  /** The entries of a sound frame, in order. */
  deliver(offset: number, frame: FrameFields, sink: EntrySink): void {
    const start = offset + FRAME_HEADER_BYTES;
    if (!readEntries(this.bytes, start, start + frame.payloadBytes, frame.entries, sink)) {
      throw new DamageError(this.path, offset, 'the entries of a sound frame do not parse');
    }
  }

  /**
   * The next sound frame behind a place that does not check out: how a salvage goes on, and how damage is told from a
   * tail. Frames start at multiples of eight; batch numbers only rise.
   */
  resync(offset: number, limit: number, aboveBatch: number): { offset: number; frame: FrameFields } | undefined {
    for (let at = offset + FRAME_ALIGNMENT; at + FRAME_HEADER_BYTES <= limit; at += FRAME_ALIGNMENT) {
      const frame = this.frameAt(at, limit);
      if (frame !== undefined && frame.batch >= aboveBatch && frame.synced <= at) return { offset: at, frame };
    }
    return undefined;
  }
}

/** A file's header alone. One that does not check out is damage: a file gets its name only with a durable header. */
export function readFileHeader(disk: Disk, path: string, kind: FileKind): FileHeader {
  const file = disk.open(path);
  try {
    const bytes = new Uint8Array(FILE_HEADER_BYTES);
    const header = decodeFileHeader(bytes.subarray(0, file.readNow(bytes, 0, bytes.length, 0)), kind);
    if (typeof header === 'string') throw new DamageError(path, 0, header);
    return header;
  } finally {
    file.close();
  }
}

/** What a walk over a segment found. */
export interface Walk {
  /** Where the last sound frame ends. */
  readonly endBytes: number;
  /** The highest offset that a sound frame calls durable. */
  readonly syncedBytes: number;
  /** The batch expected next. */
  readonly nextBatch: number;
}

/** Walks the frames from the start up to the first that does not check out or follow on. */
export function walkFrames(
  reader: LogReader,
  limit: number,
  visit: (offset: number, frame: FrameFields) => void,
): Walk {
  let offset = FILE_HEADER_BYTES;
  let nextBatch = reader.header.firstBatch;
  let syncedBytes = FILE_HEADER_BYTES;
  for (;;) {
    const frame = reader.frameAt(offset, limit);
    if (frame === undefined || frame.batch !== nextBatch || frame.synced > offset) break;
    visit(offset, frame);
    // The mark of a clean close takes no number of its own: the next start goes on with it.
    if (frame.type !== FRAME_CLOSED) nextBatch += 1;
    syncedBytes = Math.max(syncedBytes, frame.synced);
    offset += frameBytes(frame.payloadBytes);
    if (frame.type === FRAME_CLOSED) break;
  }
  return { endBytes: offset, syncedBytes, nextBatch };
}

export function readWhole(disk: Disk, path: string): Uint8Array {
  const file = disk.open(path);
  const bytes = new Uint8Array(file.sizeBytes());
  let at = 0;
  while (at < bytes.length) {
    const read = file.readNow(bytes, at, bytes.length - at, at);
    if (read === 0) break;
    at += read;
  }
  file.close();
  return bytes.subarray(0, at);
}
