/**
 * Reads a manifest file back, and tells damage from a torn tail by the rule of the log (`commit-log/log-reader.ts`).
 *
 * The header and the first frame, the snapshot, were durable before the file had its name: if they do not check out that
 * is damage, never a torn start. Behind them the reading ends at the first frame that does not check out. If a sound frame
 * further on says that the place was durable, that is damage too; otherwise it is a tail that a crash left.
 */
import { DamageError } from '@torc/base/errors';
import type { Disk } from '@torc/base/ports/disk';
import { FILE_HEADER_BYTES, FRAME_CLOSED, FRAME_ENTRIES, FRAME_HEADER_BYTES, frameBytes } from '../commit-log/frame.ts';
import type { FrameFields } from '../commit-log/frame.ts';
import { LogReader, walkFrames } from '../commit-log/log-reader.ts';
import { manifestNumbers } from '../commit-log/names.ts';
import { readEdit, type DecodedEdit } from './edit-codec.ts';
import { ItemError } from './item-bytes.ts';
import { SNAPSHOT_FRAME } from './manifest-file.ts';

export interface FramePlace {
  readonly offset: number;
  readonly frame: FrameFields;
}

export class ManifestScan {
  readonly path: string;
  readonly number: number;
  readonly fileBytes: number;
  /** The sound frames from the start, the snapshot first, the mark of a clean close left out. */
  readonly places: readonly FramePlace[];
  /** Where they end. */
  readonly endBytes: number;
  readonly isClosed: boolean;
  /** What is wrong at `endBytes`, if that is no torn tail. */
  readonly damage: DamageError | undefined;
  readonly #reader: LogReader;

  /** A header or a snapshot that does not check out is thrown. `cutDamage` is a planted bug. */
  constructor(disk: Disk, path: string, cutDamage = false) {
    this.path = path;
    this.#reader = LogReader.open(disk, path, 'manifest');
    const { header, bytes } = this.#reader;
    const named = manifestNumbers([path.slice(path.lastIndexOf('/') + 1)])[0];
    if (named !== undefined && named !== header.number) {
      throw new DamageError(path, 0, `the file says that it is manifest ${header.number}`);
    }
    if (header.firstBatch !== SNAPSHOT_FRAME) throw new DamageError(path, 0, 'the first frame has a wrong number');
    this.number = header.number;
    this.fileBytes = bytes.length;
    const places: FramePlace[] = [];
    const walk = walkFrames(this.#reader, bytes.length, (offset, frame) => void places.push({ offset, frame }));
    this.endBytes = walk.endBytes;
    this.isClosed = places.at(-1)?.frame.type === FRAME_CLOSED;
    if (this.isClosed) places.pop();
    if (places.length === 0) throw new DamageError(path, FILE_HEADER_BYTES, 'the snapshot does not check out');
    this.places = places;
    this.damage = cutDamage ? undefined : this.#damageAt(walk.endBytes);
  }

  /** Bytes behind the last sound frame. */
  get tailBytes(): number {
    return this.fileBytes - this.endBytes;
  }

  /** What a sound frame says. One that does not parse was written wrong, or by a later release: damage. */
  decode({ offset, frame }: FramePlace): DecodedEdit {
    const start = offset + FRAME_HEADER_BYTES;
    try {
      if (frame.type !== FRAME_ENTRIES) throw new ItemError(`a frame of type ${frame.type}`);
      const decoded = readEdit(this.#reader.bytes, start, start + frame.payloadBytes, frame.entries);
      checkPlace(decoded, frame.batch === SNAPSHOT_FRAME);
      return decoded;
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
      throw new DamageError(this.path, offset, `a sound frame does not parse: ${error.message}`);
    }
  }

  /** The sound frames behind the damage, for a salvage. */
  placesBehind(): FramePlace[] {
    const places: FramePlace[] = [];
    let at = this.endBytes - 8;
    let nextNumber = (this.places.at(-1)?.frame.batch ?? 0) + 1;
    for (;;) {
      const next = this.#reader.resync(at, this.fileBytes, nextNumber);
      if (next === undefined) return places;
      if (next.frame.type !== FRAME_CLOSED) places.push(next);
      nextNumber = next.frame.batch + 1;
      at = next.offset + frameBytes(next.frame.payloadBytes) - 8;
    }
  }

  /** A sound frame further on that calls the place durable makes damage of it. */
  #damageAt(endBytes: number): DamageError | undefined {
    for (let from = endBytes - 8; ; ) {
      const next = this.#reader.resync(from, this.fileBytes, 0);
      if (next === undefined) return undefined;
      if (next.frame.synced > endBytes) {
        return new DamageError(this.path, endBytes, `it was durable when the frame at byte ${next.offset} was written`);
      }
      from = next.offset;
    }
  }
}

/** A snapshot says all there is, the secret with it; an edit never names the secret. */
function checkPlace({ edit, hashKeys }: DecodedEdit, isSnapshot: boolean): void {
  if (!isSnapshot) {
    if (hashKeys !== undefined) throw new ItemError('an edit names the secret');
    return;
  }
  const { logFloor, state, counts, nextTable, removed, countChanges } = edit;
  const whole = [hashKeys, logFloor, state, counts, nextTable].every((field) => field !== undefined);
  if (!whole) throw new ItemError('the snapshot is not complete');
  if (removed !== undefined || countChanges !== undefined) throw new ItemError('the snapshot holds changes');
}
