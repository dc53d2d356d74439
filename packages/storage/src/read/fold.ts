/**
 * Fold: what the entries of one key come to, newest first. By record rules, never "the newest wins": a part is merged with
 * what lies below it until a whole was reached, which stands for everything below.
 *
 * Invariant: one entry alone is answered with its own bytes, undecoded. Nearly every fold is a single whole, and costs
 * nothing. Only a merge decodes, and its result stands in a buffer of the fold's own, valid until the next `reset`.
 */
import { CodecError, DamageError } from '@torc/base/errors';
import { decodeRecord, encodedBytes, encodeRecordInto } from '@torc/base/record/codec';
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcRecord } from '@torc/base/record/record';
import { ENTRY_PART, ENTRY_WHOLE } from '../commit-log/entry.ts';

const NO_BYTES = new Uint8Array(0);
const FIRST_BUFFER_BYTES = 1024;

/** Whoever reads knows keys and bytes here, not files: the caller who knows the file says which. */
const STORED_RECORD = 'a stored record';

export class RecordFold {
  /** Of the result: whole as soon as one was added. 0 when nothing was. */
  kind = 0;
  #bytes: Uint8Array = NO_BYTES;
  #start = 0;
  #end = 0;
  /** What several entries come to; `undefined` while there is one. */
  #merged: TorcRecord | undefined;
  #isEncoded = false;
  #buffer: Uint8Array = NO_BYTES;
  readonly #newestWins: boolean;

  /** `newestWins` is a planted bug: a checker must see it. */
  constructor(newestWins = false) {
    this.#newestWins = newestWins;
  }

  get empty(): boolean {
    return this.kind === 0;
  }

  get bytes(): Uint8Array {
    this.#encode();
    return this.#bytes;
  }

  get start(): number {
    this.#encode();
    return this.#start;
  }

  get end(): number {
    this.#encode();
    return this.#end;
  }

  reset(): void {
    this.kind = 0;
    this.#bytes = NO_BYTES;
    this.#start = 0;
    this.#end = 0;
    this.#merged = undefined;
    this.#isEncoded = false;
  }

  /**
   * The next entry below. Answers whether more is needed from below; once it is not, what is added changes nothing. The
   * bytes must stay as they are until the result was used.
   */
  add(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.kind === ENTRY_WHOLE) return false;
    if (kind !== ENTRY_WHOLE && kind !== ENTRY_PART) {
      throw new DamageError(STORED_RECORD, start, `unknown kind of entry: ${kind}`);
    }
    if (this.kind === 0) {
      this.#bytes = bytes;
      this.#start = start;
      this.#end = end;
    } else {
      this.#merge(bytes, start, end);
    }
    this.kind = this.#newestWins ? ENTRY_WHOLE : kind;
    return this.kind === ENTRY_PART;
  }

  #merge(bytes: Uint8Array, start: number, end: number): void {
    const above = this.#merged ?? decodeStored(this.#bytes, this.#start, this.#end);
    this.#merged = mergeRecords(above, decodeStored(bytes, start, end));
    this.#isEncoded = false;
  }

  #encode(): void {
    if (this.#merged === undefined || this.#isEncoded) return;
    // Of one history the highest dot is always left. Encoding nothing would be a broken invariant, this is bad input.
    if (this.#merged.siblings.length === 0) {
      throw new DamageError(STORED_RECORD, this.#start, 'what lies in several places leaves nothing when merged');
    }
    const length = encodedBytes(this.#merged);
    if (this.#buffer.length < length) this.#buffer = new Uint8Array(Math.max(2 * length, FIRST_BUFFER_BYTES));
    this.#end = encodeRecordInto(this.#merged, this.#buffer, 0);
    this.#start = 0;
    this.#bytes = this.#buffer;
    this.#isEncoded = true;
  }
}

/** Decodes what was stored: bytes that are no record are damage. */
export function decodeStored(bytes: Uint8Array, start: number, end: number): TorcRecord {
  try {
    return decodeRecord(bytes, start, end);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw new DamageError(STORED_RECORD, start, error.message);
  }
}
