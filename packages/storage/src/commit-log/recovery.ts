/**
 * Recovery of the log: every batch that may have been acknowledged is delivered, a torn tail is cut, damage is an error.
 *
 * The recovered tail of the last segment, what no frame calls durable, is written again into a fresh segment that is
 * synced before it gets its name: until then it may stand only in the page cache of a kernel that once failed to sync it.
 * The fresh segment's header says how much of the one before still counts.
 */
import { DamageError } from '@torc/base/errors';
import type { EntrySink } from './entry.ts';
import {
  FILE_HEADER_BYTES,
  FRAME_CLOSED,
  FRAME_COVER,
  FRAME_HEADER_BYTES,
  frameBytes,
  sealFrame,
  type FileHeader,
  type FrameFields,
} from './frame.ts';
import { LogFile, type FilePorts } from './log-file.ts';
import { LogReader, readFileHeader, walkFrames, type Walk } from './log-reader.ts';
import { logName, logNumbers } from './names.ts';
import type { DamagePolicy } from './salvage.ts';

export interface RecoveredLog {
  /** The fresh segment, durable, holding the rewritten tail. */
  readonly file: LogFile;
  readonly nextBatch: number;
  /** How many there are, the fresh one included. */
  readonly segments: number;
  readonly batches: number;
  /** Bytes of torn tail that were cut: never acknowledged. */
  readonly cutBytes: number;
}

interface Place {
  readonly offset: number;
  readonly frame: FrameFields;
}

export class LogRecovery {
  readonly #ports: FilePorts;
  readonly #policy: DamagePolicy;
  readonly #sink: EntrySink;
  /** A planted bug: what stands behind a bad frame of a segment is passed over, and nobody is told. */
  readonly #stopsSilently: boolean;
  readonly #cover: number;
  #batches = 0;
  #segments = 0;

  constructor(ports: FilePorts, policy: DamagePolicy, sink: EntrySink) {
    this.#ports = ports;
    this.#policy = policy;
    this.#sink = sink;
    this.#stopsSilently = ports.probe.planted('replay-stops-at-bad-frame');
    this.#cover = ports.probe.planted('checksum-over-body-only') ? FRAME_HEADER_BYTES : FRAME_COVER;
  }

  /**
   * Reads the segments from `firstSegment` on. Where something older names the first segment that it does not contain, that
   * segment must be there; `firstSegment` 0 says that there is nothing older.
   */
  run(firstSegment: number): RecoveredLog {
    const numbers = logNumbers(this.#ports.disk.list('')).filter((number) => number >= firstSegment);
    if (numbers.length === 0 && firstSegment === 0) return this.#begin(1, 0, 1, []);
    this.#requireChain(numbers, Math.max(firstSegment, 1));
    this.#segments = numbers.length;
    const headers = this.#headers(numbers);
    let nextBatch = headers[0]?.firstBatch ?? 1;
    for (const [at, header] of headers.entries()) {
      const following = headers[at + 1];
      // One whole segment in memory at a time.
      const reader = LogReader.open(this.#ports.disk, logName(header.number), 'log', this.#cover);
      this.#requireBatch(reader, nextBatch);
      if (following === undefined) return this.#last(reader, (numbers.at(-1) as number) + 1);
      // In a salvage the one that says how much of this segment counts may be gone: then all of it does.
      const follows = following.number === header.number + 1;
      nextBatch = this.#earlier(reader, follows ? following.previousBytes : reader.bytes.length);
    }
    return this.#begin((numbers.at(-1) ?? firstSegment) + 1, 0, nextBatch, []);
  }

  #requireChain(numbers: readonly number[], first: number): void {
    let expected = first;
    for (const number of [...numbers, undefined]) {
      if (number !== undefined && number !== expected) this.#missing(expected);
      if (number === undefined && numbers.length === 0) this.#missing(expected);
      expected = (number ?? expected) + 1;
    }
  }

  #missing(number: number): void {
    const path = logName(number);
    this.#policy.meet(new DamageError(path, 0, 'the segment is missing'), {
      path,
      fromBytes: 0,
      toBytes: 0,
      firstBatch: 0,
      detail: 'the segment is missing',
    });
  }

  /** The headers of the segments, but for those that a salvage gives up. */
  #headers(numbers: readonly number[]): FileHeader[] {
    const headers: FileHeader[] = [];
    for (const number of numbers) {
      const path = logName(number);
      try {
        const header = readFileHeader(this.#ports.disk, path, 'log');
        if (header.number !== number) throw new DamageError(path, 12, `this is segment ${header.number} by its header`);
        headers.push(header);
      } catch (error) {
        if (!(error instanceof DamageError)) throw error;
        this.#policy.meet(error, {
          path,
          fromBytes: 0,
          toBytes: FILE_HEADER_BYTES,
          firstBatch: 0,
          detail: error.message,
        });
      }
    }
    return headers;
  }

  #requireBatch(reader: LogReader, nextBatch: number): void {
    const { firstBatch } = reader.header;
    if (firstBatch === nextBatch || this.#stopsSilently) return;
    const detail = `the segment begins with batch ${firstBatch}, the one before ends before batch ${nextBatch}`;
    this.#policy.meet(new DamageError(reader.path, 0, detail), {
      path: reader.path,
      fromBytes: 0,
      toBytes: 0,
      firstBatch: nextBatch,
      lastBatch: firstBatch - 1,
      detail,
    });
  }

  /** A segment with a successor is durable up to `limit`: every byte must check out. Returns the next batch. */
  #earlier(reader: LogReader, limit: number): number {
    const walk = this.#walk(reader, Math.min(limit, reader.bytes.length));
    if (walk.endBytes === limit || this.#stopsSilently) return walk.nextBatch;
    const detail = `frames that were durable up to byte ${limit} do not check out`;
    return this.#skipDamage(reader, walk, limit, detail);
  }

  #last(reader: LogReader, freshNumber: number): RecoveredLog {
    const limit = reader.bytes.length;
    const places: Place[] = [];
    let walk = this.#walk(reader, limit, places);
    const witness = this.#witness(reader, walk, limit);
    if (witness !== undefined && !this.#ports.probe.planted('damage-cut-as-tail')) {
      const detail = `it was durable when the frame at byte ${witness.offset} was written`;
      const nextBatch = this.#skipDamage(reader, walk, limit, detail);
      // Nothing is rewritten: until what was saved stands in tables, the next start must meet the same damage.
      walk = { endBytes: limit, syncedBytes: limit, nextBatch };
    }
    const keepBytes = this.#ports.probe.planted('tail-not-rewritten') ? walk.endBytes : walk.syncedBytes;
    const tail = places.filter((place) => place.offset >= keepBytes && place.frame.type !== FRAME_CLOSED);
    const firstBatch = tail[0]?.frame.batch ?? walk.nextBatch;
    if (tail.length > 0) this.#ports.probe.reached('tail-rewritten');
    // Zeros were written ahead; what else stands behind the frames is a torn tail.
    const cutBytes = endOfContent(reader.bytes, walk.endBytes, limit) - walk.endBytes;
    if (cutBytes > 0) this.#ports.probe.reached('torn-tail-cut');
    return this.#begin(freshNumber, keepBytes, firstBatch, tail, reader, walk.nextBatch, cutBytes);
  }

  /** A sound frame that proves that the place where the walk ended was durable. */
  #witness(reader: LogReader, walk: Walk, limit: number): Place | undefined {
    if (walk.endBytes >= limit) return undefined;
    let from = walk.endBytes - 8;
    for (;;) {
      const next = reader.resync(from, limit, 0);
      if (next === undefined || next.frame.synced > walk.endBytes) return next;
      from = next.offset;
    }
  }

  /** Refuses, or in a salvage delivers every sound frame behind the damage. Returns the next batch. */
  #skipDamage(reader: LogReader, walk: Walk, limit: number, detail: string): number {
    let { endBytes, nextBatch } = walk;
    const damage = new DamageError(reader.path, endBytes, detail);
    const end = Math.min(limit, reader.bytes.length);
    for (;;) {
      const next = this.#policy.salvage ? reader.resync(endBytes - 8, end, nextBatch) : undefined;
      const toBytes = next?.offset ?? limit;
      if (next === undefined || next.offset > endBytes || next.frame.batch !== nextBatch) {
        const lastBatch = next === undefined ? {} : { lastBatch: next.frame.batch - 1 };
        this.#policy.meet(damage, {
          path: reader.path,
          fromBytes: endBytes,
          toBytes,
          firstBatch: nextBatch,
          ...lastBatch,
          detail,
        });
      }
      if (next === undefined) return nextBatch;
      this.#deliver(reader, next.offset, next.frame);
      endBytes = next.offset + frameBytes(next.frame.payloadBytes);
      nextBatch = next.frame.batch + (next.frame.type === FRAME_CLOSED ? 0 : 1);
      if (endBytes >= limit) return nextBatch;
    }
  }

  #walk(reader: LogReader, limit: number, places: Place[] = []): Walk {
    return walkFrames(reader, limit, (offset, frame) => {
      places.push({ offset, frame });
      this.#deliver(reader, offset, frame);
    });
  }

  #deliver(reader: LogReader, offset: number, frame: FrameFields): void {
    if (frame.type === FRAME_CLOSED) return;
    reader.deliver(offset, frame, this.#sink);
    this.#batches += 1;
  }

  #begin(
    number: number,
    previousBytes: number,
    firstBatch: number,
    tail: readonly Place[],
    reader?: LogReader,
    nextBatch = firstBatch,
    cutBytes = 0,
  ): RecoveredLog {
    const file = LogFile.create(this.#ports, logName(number), { kind: 'log', number, previousBytes, firstBatch });
    for (const { offset, frame } of tail) {
      const bytes = (reader as LogReader).bytes.slice(offset, offset + frameBytes(frame.payloadBytes));
      sealFrame(bytes, 0, { ...frame, synced: FILE_HEADER_BYTES }, file.seed, this.#cover);
      file.append(bytes, 0, bytes.length);
    }
    file.publish();
    return { file, nextBatch, segments: this.#segments + 1, batches: this.#batches, cutBytes };
  }
}

/** Where the zeros at the end of [start, end) begin. */
function endOfContent(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && bytes[at - 1] === 0) at -= 1;
  return at;
}
