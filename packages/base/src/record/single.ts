/**
 * Records read and written in place, without an object: the path of nearly every request.
 *
 * A record is named by `(bytes, at)`, the place of its first byte; `at < 0` means there is none. `codec.prop.test.ts`
 * holds these to `codec.ts` and `write.ts`: same bytes, same answers.
 */
import { readU16, readU32, readU53, writeU16, writeU32, writeU53 } from '../bytes.ts';
import { FLAG_FIRST_STAMP, FLAG_ID, FLAG_TOMBSTONE, INTERVAL_BYTES, RECORD_VERSION, WINNER_BYTES } from './codec.ts';
import { PRUNE_ABOVE_ENTRIES } from './prune.ts';

/** Whether the winner is a value, and not expired at `wallMs`: the fate of the record in a `latest` bucket. */
export function winnerIsLive(bytes: Uint8Array, at: number, wallMs: number): boolean {
  if (((bytes[at + 1] as number) & FLAG_TOMBSTONE) !== 0) return false;
  const expiresAtMs = readU53(bytes, at + 24);
  return expiresAtMs === 0 || expiresAtMs > wallMs;
}

export function winnerIsTombstone(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at + 1] as number) & FLAG_TOMBSTONE) !== 0;
}

export function siblingCount(bytes: Uint8Array, at: number): number {
  return readU16(bytes, at + 2);
}

/** ms since 1970; 0 means never. */
export function winnerExpiresAtMs(bytes: Uint8Array, at: number): number {
  return readU53(bytes, at + 24);
}

export function winnerStamp(bytes: Uint8Array, at: number): number {
  return readU53(bytes, at + 16);
}

export function winnerValueBytes(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at + 8);
}

export function winnerValueAt(bytes: Uint8Array, at: number): number {
  const flags = bytes[at + 1] as number;
  let value = at + WINNER_BYTES + readU16(bytes, at + 4) * INTERVAL_BYTES;
  if (flags & FLAG_FIRST_STAMP) value += 8;
  if (flags & FLAG_ID) value += 1 + (bytes[value] as number);
  return value;
}

/** The highest stamp in the record's clock: a new dot goes above it. 0 without a record. */
export function highestStampAt(bytes: Uint8Array, at: number): number {
  if (at < 0) return 0;
  let highest = 0;
  let entry = at + WINNER_BYTES;
  for (let i = readU16(bytes, at + 4); i > 0; i -= 1, entry += INTERVAL_BYTES) {
    const upto = readU53(bytes, entry + 12);
    if (upto > highest) highest = upto;
  }
  return highest;
}

/**
 * How many clock entries the record has after a blind write by `actor`; -1 when the clock is long enough that it may have
 * to be pruned: then take the long way (`write.ts`).
 */
export function blindIntervals(bytes: Uint8Array, at: number, actor: number, lineageFloor: number): number {
  if (at < 0) return 1;
  const count = readU16(bytes, at + 4);
  const own = ownInterval(bytes, at, actor);
  const after = own >= 0 && readU53(bytes, own + 12) >= lineageFloor ? count : count + 1;
  return after > PRUNE_ABOVE_ENTRIES ? -1 : after;
}

/** Where the newest interval of `actor` stands, or -1. */
function ownInterval(bytes: Uint8Array, at: number, actor: number): number {
  let own = -1;
  let entry = at + WINNER_BYTES;
  for (let i = readU16(bytes, at + 4); i > 0; i -= 1, entry += INTERVAL_BYTES) {
    if (readU32(bytes, entry) === actor) own = entry;
  }
  return own;
}

export function blindRecordBytes(intervals: number, valueBytes: number): number {
  return WINNER_BYTES + intervals * INTERVAL_BYTES + valueBytes;
}

/** What a blind write puts there, beside the value itself. */
export interface BlindVersion {
  actor: number;
  stamp: number;
  lineageFloor: number;
  tombstone: boolean;
  /** 0 means never. */
  expiresAtMs: number;
  valueBytes: number;
}

/**
 * Writes the record after a blind write over the record `(old, oldAt)`, all but the value, and returns where the value
 * goes. `into` may be the array that holds the old record; the ranges do not overlap.
 */
export function writeBlindRecord(
  into: Uint8Array,
  start: number,
  old: Uint8Array,
  oldAt: number,
  version: BlindVersion,
): number {
  into[start] = RECORD_VERSION;
  into[start + 1] = version.tombstone ? FLAG_TOMBSTONE : 0;
  writeU16(into, start + 2, 1);
  writeU16(into, start + 6, 0);
  writeU32(into, start + 8, version.valueBytes);
  writeU32(into, start + 12, version.actor);
  writeU53(into, start + 16, version.stamp);
  writeU53(into, start + 24, version.expiresAtMs);
  const clockAt = start + WINNER_BYTES;
  const end = oldAt < 0 ? writeInterval(into, clockAt, version) : advanceInterval(into, clockAt, old, oldAt, version);
  writeU16(into, start + 4, (end - clockAt) / INTERVAL_BYTES);
  return end;
}

function writeInterval(into: Uint8Array, at: number, version: BlindVersion): number {
  writeU32(into, at, version.actor);
  writeU53(into, at + 4, version.stamp);
  writeU53(into, at + 12, version.stamp);
  return at + INTERVAL_BYTES;
}

/** `advanceClock` of `clock.ts`, on bytes. */
function advanceInterval(
  into: Uint8Array,
  clockAt: number,
  old: Uint8Array,
  oldAt: number,
  version: BlindVersion,
): number {
  const from = oldAt + WINNER_BYTES;
  const to = from + readU16(old, oldAt + 4) * INTERVAL_BYTES;
  const own = ownInterval(old, oldAt, version.actor);
  const extend = own >= 0 && readU53(old, own + 12) >= version.lineageFloor;
  let at = clockAt;
  let opened = extend;
  for (let entry = from; entry < to; entry += INTERVAL_BYTES) {
    if (!opened && readU32(old, entry) > version.actor) {
      at = writeInterval(into, at, version);
      opened = true;
    }
    for (let i = 0; i < INTERVAL_BYTES; i += 1) into[at + i] = old[entry + i] as number;
    if (extend && entry === own) writeU53(into, at + 12, version.stamp);
    at += INTERVAL_BYTES;
  }
  return opened ? at : writeInterval(into, at, version);
}
