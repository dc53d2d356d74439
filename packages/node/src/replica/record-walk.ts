/** A walk over the records of a snapshot: what scans, transfers and checks are made of. */
import { compareBytes, readU32BigEndian } from '@torc/base/bytes';
import { CodecError, DamageError } from '@torc/base/errors';
import { decodeRecord } from '@torc/base/record/codec';
import type { TorcRecord } from '@torc/base/record/record';
import type { Engine } from '@torc/storage/engine';
import type { Snapshot } from '@torc/storage/read/snapshot';
import { EngineKey, KEY_PREFIX_BYTES, writeKeyPrefix } from '@torc/storage/key';
import type { KeyRange } from '@torc/storage/manifest/edit';
import { AT_ENTRY, NEEDS_DISK, type Cursor, type CursorCode } from '@torc/storage/read/cursor';

/** Where a scan goes on: behind this key of this position. */
export interface ScanPlace {
  readonly position: number;
  readonly key: Uint8Array;
}

/** No engine's key is as high: the last bucket, the last position, and a key longer than any. */
const ABOVE_ALL = new Uint8Array(KEY_PREFIX_BYTES + 64 * 1024 + 1).fill(0xff);

export class RecordWalk {
  /** The key where the walk is. */
  readonly key: EngineKey = new EngineKey();
  readonly #engine: Engine;
  readonly #cursor: Cursor;
  readonly #range: KeyRange;

  constructor(engine: Engine, snapshot: Snapshot, range: KeyRange) {
    this.#engine = engine;
    this.#range = range;
    this.#cursor = snapshot.cursor(range);
  }

  /** To the first record, or the first behind a place. Whether there is one. */
  async begin(after?: ScanPlace): Promise<boolean> {
    const { from } = this.#range;
    if (after === undefined) return this.#settle(() => this.#cursor.seek(from, 0, from.length));
    const place = new Uint8Array(KEY_PREFIX_BYTES + after.key.length);
    writeKeyPrefix(place, 0, ((from[0] ?? 0) << 8) | (from[1] ?? 0), after.position);
    place.set(after.key, KEY_PREFIX_BYTES);
    const found = await this.#settle(() => this.#cursor.seek(place, 0, place.length));
    const { keyBytes, keyStart, keyEnd } = this.#cursor;
    if (!found || compareBytes(keyBytes, keyStart, keyEnd, place, 0, place.length) > 0) return found;
    return this.next();
  }

  /** To the last record. Whether there is one. */
  beginAtEnd(): Promise<boolean> {
    const to = this.#range.to ?? ABOVE_ALL;
    return this.#settle(() => this.#cursor.seekBelow(to, 0, to.length));
  }

  next(): Promise<boolean> {
    return this.#settle(() => this.#cursor.next());
  }

  previous(): Promise<boolean> {
    return this.#settle(() => this.#cursor.previous());
  }

  /** As `next`, where that takes no disk off the turn; `undefined` where it does: then call `next`. */
  nextNow(): boolean | undefined {
    const code = this.#cursor.next();
    return code === NEEDS_DISK ? undefined : this.#arrive(code);
  }

  get recordBytes(): Uint8Array {
    return this.#cursor.recordBytes;
  }

  get recordStart(): number {
    return this.#cursor.recordStart;
  }

  /** Where the walk is, for another one to go on behind it. */
  place(): ScanPlace {
    const { position, bytes, start, end } = this.key;
    return { position, key: bytes.slice(start, end) };
  }

  record(): TorcRecord {
    const { recordBytes, recordStart, recordEnd } = this.#cursor;
    try {
      return decodeRecord(recordBytes, recordStart, recordEnd);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      throw new DamageError('a stored record', recordStart, error.message);
    }
  }

  async #settle(call: () => CursorCode): Promise<boolean> {
    for (;;) {
      const code = call();
      if (code !== NEEDS_DISK) return this.#arrive(code);
      await this.#engine.provide(this.#cursor);
    }
  }

  #arrive(code: CursorCode): boolean {
    if (code !== AT_ENTRY) return false;
    const { keyBytes, keyStart, keyEnd } = this.#cursor;
    const { key } = this;
    key.bucket = ((keyBytes[keyStart] as number) << 8) | (keyBytes[keyStart + 1] as number);
    key.position = readU32BigEndian(keyBytes, keyStart + 2);
    key.bytes = keyBytes;
    key.start = keyStart + KEY_PREFIX_BYTES;
    key.end = keyEnd;
    key.hash = -1;
    return true;
  }
}
