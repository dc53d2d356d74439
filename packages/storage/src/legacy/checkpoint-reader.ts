/**
 * Reads an old checkpoint file (`docs/formats/checkpoint.md`), a frame at a time. It was durable before it had its name, so
 * every byte must check out and the last frame must be the end mark: anything else is damage. What is called a checkpoint
 * today is another thing, a copy of a whole directory (`../care/checkpoint.ts`).
 */
import { readU32 } from '@torc/base/bytes';
import { DamageError } from '@torc/base/errors';
import type { Disk, DiskFile } from '@torc/base/ports/disk';
import { readEntries, type EntrySink } from '../commit-log/entry.ts';
import {
  decodeFileHeader,
  FILE_HEADER_BYTES,
  FRAME_END,
  FRAME_HEADER_BYTES,
  frameBytes,
  readFrame,
  type FrameFields,
} from '../commit-log/frame.ts';
import { LogReader } from '../commit-log/log-reader.ts';
import { checkpointName } from '../commit-log/names.ts';
import type { DamagePolicy } from '../commit-log/salvage.ts';

/** Delivers a checkpoint file's entries; in a salvage, those of every frame that checks out. */
export function readCheckpoint(disk: Disk, number: number, policy: DamagePolicy, sink: EntrySink): void {
  const path = checkpointName(number);
  const file = disk.open(path);
  try {
    new CheckpointReader(path, file, sink).run();
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    const gap = { path, fromBytes: error.offset, toBytes: file.sizeBytes(), firstBatch: 0, detail: error.message };
    policy.meet(error, gap);
    salvageCheckpoint(disk, path, error.offset, sink);
  } finally {
    file.close();
  }
}

class CheckpointReader {
  readonly #path: string;
  readonly #file: DiskFile;
  readonly #sink: EntrySink;
  readonly #size: number;
  #bytes = new Uint8Array(FRAME_HEADER_BYTES);
  #offset = 0;
  #batch = 1;

  constructor(path: string, file: DiskFile, sink: EntrySink) {
    this.#path = path;
    this.#file = file;
    this.#sink = sink;
    this.#size = file.sizeBytes();
  }

  run(): void {
    this.#fill(0, Math.min(FILE_HEADER_BYTES, this.#size));
    const header = decodeFileHeader(this.#bytes.subarray(0, Math.min(FILE_HEADER_BYTES, this.#size)), 'checkpoint');
    if (typeof header === 'string') throw new DamageError(this.#path, 0, header);
    this.#offset = FILE_HEADER_BYTES;
    while (this.#frame(header.seed).type !== FRAME_END);
    if (this.#offset !== this.#size) this.#damaged('bytes follow the end of the checkpoint');
  }

  #frame(seed: number): FrameFields {
    if (this.#size - this.#offset < FRAME_HEADER_BYTES) this.#damaged('the checkpoint has no end');
    this.#fill(0, FRAME_HEADER_BYTES);
    const length = frameBytes(readU32(this.#bytes, 4));
    if (length > this.#size - this.#offset) this.#damaged('a frame does not check out');
    this.#fill(FRAME_HEADER_BYTES, length);
    const frame = readFrame(this.#bytes, 0, length, seed);
    if (frame === undefined || frame.batch !== this.#batch) this.#damaged('a frame does not check out');
    const payloadEnd = FRAME_HEADER_BYTES + frame.payloadBytes;
    if (!readEntries(this.#bytes, FRAME_HEADER_BYTES, payloadEnd, frame.entries, this.#sink)) {
      this.#damaged('the entries of a sound frame do not parse');
    }
    this.#batch += 1;
    this.#offset += length;
    return frame;
  }

  /** Reads bytes [start, end) of the frame at the current offset. */
  #fill(start: number, end: number): void {
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(end);
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    for (let at = start; at < end; ) {
      const read = this.#file.readNow(this.#bytes, at, end - at, this.#offset + at);
      if (read === 0) this.#damaged('the file ended while it was read');
      at += read;
    }
  }

  #damaged(detail: string): never {
    throw new DamageError(this.#path, this.#offset, detail);
  }
}

function salvageCheckpoint(disk: Disk, path: string, from: number, sink: EntrySink): void {
  if (from < FILE_HEADER_BYTES) return;
  const reader = LogReader.open(disk, path, 'checkpoint');
  for (let at = from; ; ) {
    const next = reader.resync(at, reader.bytes.length, 0);
    if (next === undefined) return;
    reader.deliver(next.offset, next.frame, sink);
    at = next.offset + frameBytes(next.frame.payloadBytes) - 8;
  }
}
