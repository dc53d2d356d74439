/**
 * The bytes of a clock: its intervals as they stand in a record (`docs/formats/record.md`), and a clock alone, as contexts
 * and sessions travel (`docs/protocols/peer-messages.md`). Equal clocks have equal bytes.
 */
import { assert } from '../assert.ts';
import { readU32, readU53, writeU32, writeU53 } from '../bytes.ts';
import { CodecError } from '../errors.ts';
import { checkClock, type Clock, type Interval } from './clock.ts';

export const INTERVAL_BYTES = 20;
export const MAX_INTERVALS = 0xffff;

const CLOCK_VERSION = 1;

/** Writes 20 bytes per interval and returns where they end. */
export function writeIntervals(clock: Clock, into: Uint8Array, start: number): number {
  let at = start;
  for (const entry of clock) {
    writeU32(into, at, entry.actor);
    writeU53(into, at + 4, entry.since);
    writeU53(into, at + 12, entry.upto);
    at += INTERVAL_BYTES;
  }
  return at;
}

/** The bytes must be there. Whether they are a clock is for `checkClock` to say. */
export function readIntervals(bytes: Uint8Array, start: number, count: number): Clock {
  const clock: Interval[] = [];
  for (let n = 0, at = start; n < count; n += 1, at += INTERVAL_BYTES) {
    clock.push({ actor: readU32(bytes, at), since: readU53(bytes, at + 4), upto: readU53(bytes, at + 12) });
  }
  return clock;
}

/** A clock alone: a version byte, then the intervals. Their number follows from the length. */
export function encodeClock(clock: Clock): Uint8Array {
  assert(clock.length <= MAX_INTERVALS, 'a clock has at most 65535 intervals');
  const bytes = new Uint8Array(1 + clock.length * INTERVAL_BYTES);
  bytes[0] = CLOCK_VERSION;
  writeIntervals(clock, bytes, 1);
  return bytes;
}

/** Decodes exactly `[start, end)` and keeps nothing of it. Anything that is not a clock is a `CodecError`. */
export function decodeClock(bytes: Uint8Array, start = 0, end: number = bytes.length): Clock {
  if (end <= start) throw new CodecError('not a clock: it is empty');
  if (bytes[start] !== CLOCK_VERSION) throw new CodecError('not a clock: unknown version');
  const count = (end - start - 1) / INTERVAL_BYTES;
  if (!Number.isInteger(count)) throw new CodecError('not a clock: it ends inside an interval');
  if (count > MAX_INTERVALS) throw new CodecError('not a clock: too many intervals');
  const clock = readIntervals(bytes, start + 1, count);
  const wrong = checkClock(clock);
  if (wrong !== undefined) throw new CodecError(`not a clock: ${wrong}`);
  return clock;
}
