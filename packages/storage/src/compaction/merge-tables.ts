/**
 * The inner loop of a compaction: entries of a merge cursor into an output, a slice at a time, so that whoever drives it
 * decides when there is time, and loads what is not in memory.
 *
 * At the bottom, where nothing older lies below, records that may be forgotten are dropped, and a part becomes a whole:
 * that is what it is there. Elsewhere every entry goes through as it is. Nothing else is ever changed.
 */
import { DamageError } from '@torc/base/errors';
import { winnerIsTombstone } from '@torc/base/record/single';
import { ENTRY_WHOLE } from '../commit-log/entry.ts';
import { KEY_PREFIX_BYTES } from '../key.ts';
import { AT_END, NEEDS_DISK, type Cursor, type CursorCode } from '../read/cursor.ts';
import type { TableMeta } from '../sstable/table-meta.ts';
import { isForgettable, type ForgetRule } from './forget-rule.ts';

export interface MergeOutput {
  /** Keys rise. Ranges are valid during the call only. */
  add(
    kind: number,
    keyBytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    recordBytes: Uint8Array,
    recordStart: number,
    recordEnd: number,
  ): void;
}

export interface MergeRule extends ForgetRule {
  /** Nothing older than the inputs lies below their key range. */
  readonly atBottom: boolean;
}

/** `needs-disk`: give what the input wants to the input, then go on. */
export type MergeProgress = 'more' | 'done' | 'needs-disk';

const NO_BYTES = new Uint8Array(0);

export class TableMerge {
  /** Keys that the input showed, equal ones of several sources counted once. */
  entriesIn = 0;
  entriesOut = 0;
  /** Of keys and records. */
  bytesIn = 0;
  bytesOut = 0;
  /** Entries dropped by the forget rule. */
  forgotten = 0;
  /** Of those, the keys of the ones that counted as values: their winner was no tombstone, but had expired. */
  readonly forgottenValues: Uint8Array[] = [];
  readonly #input: Cursor;
  readonly #output: MergeOutput;
  readonly #rule: MergeRule;
  #hasBegun = false;
  #isDone = false;

  constructor(input: Cursor, output: MergeOutput, rule: MergeRule) {
    this.#input = input;
    this.#output = output;
    this.#rule = rule;
  }

  /** Goes on until it took at least `maxBytes` from the input, at least one entry. */
  step(maxBytes: number): MergeProgress {
    const until = this.bytesIn + maxBytes;
    while (!this.#isDone) {
      const code = this.#read();
      if (code === NEEDS_DISK) return 'needs-disk';
      if (code === AT_END) {
        this.#isDone = true;
        break;
      }
      this.#take();
      if (this.bytesIn >= until) return 'more';
    }
    return 'done';
  }

  #read(): CursorCode {
    if (this.#hasBegun) return this.#input.next();
    const code = this.#input.seek(NO_BYTES, 0, 0);
    this.#hasBegun = code !== NEEDS_DISK;
    return code;
  }

  #take(): void {
    const { keyBytes, keyStart, keyEnd, recordBytes, recordStart, recordEnd } = this.#input;
    const length = keyEnd - keyStart + recordEnd - recordStart;
    this.entriesIn += 1;
    this.bytesIn += length;
    const { atBottom } = this.#rule;
    if (atBottom && isForgettable(recordBytes, recordStart, recordEnd, this.#rule)) {
      this.#forget();
      return;
    }
    const kind = atBottom ? ENTRY_WHOLE : this.#input.kind;
    this.#output.add(kind, keyBytes, keyStart, keyEnd, recordBytes, recordStart, recordEnd);
    this.entriesOut += 1;
    this.bytesOut += length;
  }

  #forget(): void {
    this.forgotten += 1;
    const { keyBytes, keyStart, keyEnd, recordBytes, recordStart } = this.#input;
    if (winnerIsTombstone(recordBytes, recordStart)) return;
    if (keyEnd - keyStart < KEY_PREFIX_BYTES) throw new DamageError('a stored key', keyStart, 'it is too short');
    this.forgottenValues.push(keyBytes.slice(keyStart, keyEnd));
  }
}

/** A table being written: the table writer, as far as it matters here. */
export interface TableOutput extends MergeOutput {
  readonly writtenBytes: number;
  finish(): TableMeta;
  /** Gives the table up, and what it wrote. */
  abandon(): void;
}

/** Splits one stream of entries into tables. A table is begun when there is an entry for it, so none is empty. */
export class SplitOutput implements MergeOutput {
  readonly #begin: () => TableOutput;
  readonly #targetBytes: number;
  readonly #finished: TableMeta[] = [];
  #table: TableOutput | undefined;

  /** A table ends before the first key that comes when it has written `targetBytes`. */
  constructor(begin: () => TableOutput, targetBytes: number) {
    this.#begin = begin;
    this.#targetBytes = targetBytes;
  }

  /** Tables that are finished, in key order. */
  get finished(): readonly TableMeta[] {
    return this.#finished;
  }

  add(
    kind: number,
    keyBytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    recordBytes: Uint8Array,
    recordStart: number,
    recordEnd: number,
  ): void {
    if (this.#table !== undefined && this.#table.writtenBytes >= this.#targetBytes) this.finish();
    this.#table ??= this.#begin();
    this.#table.add(kind, keyBytes, keyStart, keyEnd, recordBytes, recordStart, recordEnd);
  }

  /** Ends the table that is being written, if there is one. */
  finish(): void {
    const table = this.#table;
    if (table === undefined) return;
    this.#finished.push(table.finish());
    this.#table = undefined;
  }

  /** Gives up the table that is being written. What is finished is the caller's to remove. */
  abandon(): void {
    this.#table?.abandon();
    this.#table = undefined;
  }
}
