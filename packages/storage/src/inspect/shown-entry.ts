/** An entry of a table or a log as a person, or a tool, wants to see it. */
import { CodecError } from '@torc/base/errors';
import { decodeRecord } from '@torc/base/record/codec';
import type { TorcRecord } from '@torc/base/record/record';
import { ENTRY_PART } from '../commit-log/entry.ts';

export interface ShownEntry {
  readonly offset: number;
  readonly kind: 'whole' | 'part';
  /** The engine's key. */
  readonly key: Uint8Array;
  readonly recordBytes: number;
  /** Absent when the bytes are no record; `problem` says why. */
  readonly record?: TorcRecord;
  readonly problem?: string;
}

/** The entry with the key, which is kept, and the record `[start, end)`. `offset` is where it, or its block, stands. */
export function showEntry(
  offset: number,
  kind: number,
  key: Uint8Array,
  bytes: Uint8Array,
  [start, end]: readonly [start: number, end: number],
): ShownEntry {
  const facts = { offset, kind: kind === ENTRY_PART ? 'part' : 'whole', key, recordBytes: end - start } as const;
  const record = decodeOrSay(bytes, start, end);
  return typeof record === 'string' ? { ...facts, problem: record } : { ...facts, record };
}

/** The record, or why the bytes are none. */
export function decodeOrSay(bytes: Uint8Array, start: number, end: number): TorcRecord | string {
  try {
    return decodeRecord(bytes, start, end);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return error.message;
  }
}
