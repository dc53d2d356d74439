/**
 * The bytes of a record, in memory, on disk and between nodes. Byte by byte in `docs/formats/record.md`.
 *
 * The winner's fields stand first at fixed places, so that a record with one sibling, nearly every record, is read and
 * rewritten without decoding it (`single.ts`). Canonical: equal records have equal bytes.
 */
import { assert } from '../assert.ts';
import { copyBytes, readU16, readU32, readU53, writeU16, writeU32, writeU53 } from '../bytes.ts';
import { CodecError } from '../errors.ts';
import { checkClock, covers, type Clock } from './clock.ts';
import { INTERVAL_BYTES, MAX_INTERVALS, readIntervals, writeIntervals } from './clock-codec.ts';
import { MAX_STAMP } from './dot.ts';
import { compareSiblings, type Sibling, type TorcRecord } from './record.ts';

export const RECORD_VERSION = 1;
export const WINNER_BYTES = 32;
export const OTHER_BYTES = 28;
export { INTERVAL_BYTES } from './clock-codec.ts';

export const FLAG_TOMBSTONE = 1;
export const FLAG_ID = 2;
export const FLAG_FIRST_STAMP = 4;
const KNOWN_FLAGS = 7;

const MAX_SIBLINGS = 0xffff;
export const MAX_ID_BYTES = 64;

export function encodedBytes(record: TorcRecord): number {
  let size = WINNER_BYTES + record.clock.length * INTERVAL_BYTES + (record.siblings.length - 1) * OTHER_BYTES;
  for (const sibling of record.siblings) size += tailBytes(sibling);
  return size;
}

function tailBytes(sibling: Sibling): number {
  return (
    (sibling.firstStamp === undefined ? 0 : 8) +
    (sibling.id === undefined ? 0 : 1 + sibling.id.length) +
    sibling.value.length
  );
}

export function encodeRecord(record: TorcRecord): Uint8Array {
  const bytes = new Uint8Array(encodedBytes(record));
  encodeRecordInto(record, bytes, 0);
  return bytes;
}

/** Writes `encodedBytes(record)` bytes and returns where they end. */
export function encodeRecordInto(record: TorcRecord, into: Uint8Array, start: number): number {
  assert(record.siblings.length >= 1 && record.siblings.length <= MAX_SIBLINGS, 'a record has 1 to 65535 siblings');
  assert(record.clock.length <= MAX_INTERVALS, 'a clock has at most 65535 intervals');
  const winner = record.siblings[0] as Sibling;
  into[start] = RECORD_VERSION;
  into[start + 1] = flagsOf(winner);
  writeU16(into, start + 2, record.siblings.length);
  writeU16(into, start + 4, record.clock.length);
  writeU16(into, start + 6, 0);
  writeFields(into, start + 8, winner);
  let at = writeTail(into, writeIntervals(record.clock, into, start + WINNER_BYTES), winner);
  for (let i = 1; i < record.siblings.length; i += 1) {
    const sibling = record.siblings[i] as Sibling;
    writeU32(into, at, flagsOf(sibling));
    writeFields(into, at + 4, sibling);
    at = writeTail(into, at + OTHER_BYTES, sibling);
  }
  return at;
}

function flagsOf(sibling: Sibling): number {
  return (
    (sibling.tombstone === true ? FLAG_TOMBSTONE : 0) |
    (sibling.id === undefined ? 0 : FLAG_ID) |
    (sibling.firstStamp === undefined ? 0 : FLAG_FIRST_STAMP)
  );
}

/** 24 bytes: value length, actor, stamp, expiry. */
function writeFields(into: Uint8Array, at: number, sibling: Sibling): void {
  writeU32(into, at, sibling.value.length);
  writeU32(into, at + 4, sibling.dot.actor);
  writeU53(into, at + 8, sibling.dot.stamp);
  writeU53(into, at + 16, sibling.expiresAtMs ?? 0);
}

function writeTail(into: Uint8Array, start: number, sibling: Sibling): number {
  let at = start;
  if (sibling.firstStamp !== undefined) {
    writeU53(into, at, sibling.firstStamp);
    at += 8;
  }
  if (sibling.id !== undefined) {
    into[at] = sibling.id.length;
    copyBytes(sibling.id, 0, sibling.id.length, into, at + 1);
    at += 1 + sibling.id.length;
  }
  copyBytes(sibling.value, 0, sibling.value.length, into, at);
  return at + sibling.value.length;
}

/** Decodes exactly `[start, end)`; copies values and ids out. Anything that is not a record is a `CodecError`. */
export function decodeRecord(bytes: Uint8Array, start = 0, end: number = bytes.length): TorcRecord {
  return new RecordReader(bytes, start, end).record();
}

class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  record(): TorcRecord {
    const head = this.#take(WINNER_BYTES);
    const bytes = this.#bytes;
    this.#require(bytes[head] === RECORD_VERSION, 'unknown record version');
    this.#require(readU16(bytes, head + 6) === 0, 'reserved bytes are not zero');
    const siblingCount = readU16(bytes, head + 2);
    this.#require(siblingCount >= 1, 'no siblings');
    const clock = this.#clock(readU16(bytes, head + 4));
    const siblings = [this.#sibling(bytes[head + 1] as number, head + 8)];
    for (let i = 1; i < siblingCount; i += 1) {
      const other = this.#take(OTHER_BYTES);
      siblings.push(this.#sibling(readU32(bytes, other), other + 4));
    }
    this.#require(this.#at === this.#end, 'bytes are left over');
    this.#checkOrder(clock, siblings);
    return { clock, siblings };
  }

  #clock(count: number): Clock {
    const clock = readIntervals(this.#bytes, this.#take(count * INTERVAL_BYTES), count);
    const wrong = checkClock(clock);
    this.#require(wrong === undefined, wrong ?? '');
    return clock;
  }

  #sibling(flags: number, fields: number): Sibling {
    this.#require((flags & ~KNOWN_FLAGS) === 0, 'unknown flags');
    const bytes = this.#bytes;
    const valueLength = readU32(bytes, fields);
    const dot = { actor: readU32(bytes, fields + 4), stamp: readU53(bytes, fields + 8) };
    const expiresAtMs = readU53(bytes, fields + 16);
    this.#require(dot.stamp <= MAX_STAMP && expiresAtMs <= MAX_STAMP, 'a number is out of range');
    const firstStamp = flags & FLAG_FIRST_STAMP ? readU53(bytes, this.#take(8)) : undefined;
    this.#require(firstStamp === undefined || firstStamp <= MAX_STAMP, 'a number is out of range');
    const id = flags & FLAG_ID ? this.#id() : undefined;
    const tombstone = (flags & FLAG_TOMBSTONE) !== 0;
    this.#require(!tombstone || valueLength === 0, 'a tombstone has a value');
    const valueAt = this.#take(valueLength);
    return {
      dot,
      ...(expiresAtMs === 0 ? {} : { expiresAtMs }),
      ...(tombstone ? { tombstone: true as const } : {}),
      ...(id === undefined ? {} : { id }),
      ...(firstStamp === undefined ? {} : { firstStamp }),
      value: bytes.slice(valueAt, valueAt + valueLength),
    };
  }

  #id(): Uint8Array {
    const length = this.#bytes[this.#take(1)] as number;
    this.#require(length >= 1 && length <= MAX_ID_BYTES, 'an id is empty or too long');
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length);
  }

  #checkOrder(clock: Clock, siblings: readonly Sibling[]): void {
    siblings.forEach((sibling, at) => {
      this.#require(covers(clock, sibling.dot), 'a sibling is not in the clock');
      const before = siblings[at - 1];
      this.#require(before === undefined || compareSiblings(before, sibling) < 0, 'siblings are not in order');
    });
  }

  #take(length: number): number {
    const at = this.#at;
    this.#require(length <= this.#end - at, 'it ends too early');
    this.#at = at + length;
    return at;
  }

  #require(condition: boolean, what: string): asserts condition {
    if (!condition) throw new CodecError(`not a record: ${what}`);
  }
}
