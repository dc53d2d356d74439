/**
 * A blind write over the very record that it replaces: the path of an overwrite. The clock keeps its entries, one of them
 * is extended; then comes the new value. Numbers are read and written as words: one load, where bytes take four.
 *
 * `words` shows the bytes of the record, which begins at `at`. `in-place.prop.test.ts` holds this to `single.ts`.
 */
import { FLAG_TOMBSTONE, INTERVAL_BYTES, RECORD_VERSION, WINNER_BYTES } from './codec.ts';
import type { BlindVersion } from './single.ts';

const TWO_32 = 4294967296;

/** Where the entry of the clock stands that a blind write by `actor` extends; -1 when it would open another. */
export function extendableInterval(words: DataView, at: number, actor: number, lineageFloor: number): number {
  let own = -1;
  const end = at + WINNER_BYTES + words.getUint16(at + 4, true) * INTERVAL_BYTES;
  for (let entry = at + WINNER_BYTES; entry < end; entry += INTERVAL_BYTES) {
    if (words.getUint32(entry, true) === actor) own = entry;
  }
  return own >= 0 && uptoOf(words, own) >= lineageFloor ? own : -1;
}

/** The highest stamp in the record's clock: a new dot goes above it. */
export function highestStampIn(words: DataView, at: number): number {
  let highest = 0;
  const end = at + WINNER_BYTES + words.getUint16(at + 4, true) * INTERVAL_BYTES;
  for (let entry = at + WINNER_BYTES; entry < end; entry += INTERVAL_BYTES) {
    highest = Math.max(highest, uptoOf(words, entry));
  }
  return highest;
}

/** How long the record is with its clock as it is and a value of so many bytes. */
export function rewrittenBytes(words: DataView, at: number, valueBytes: number): number {
  return WINNER_BYTES + words.getUint16(at + 4, true) * INTERVAL_BYTES + valueBytes;
}

/** Writes all but the value, and answers where the value goes. `own` is from `extendableInterval`. */
export function rewriteBlindRecord(words: DataView, at: number, own: number, version: BlindVersion): number {
  const { stamp } = version;
  const low = stamp >>> 0;
  const high = (stamp / TWO_32) >>> 0;
  // Version, flags, one sibling; the clock's length stays.
  words.setUint32(at, RECORD_VERSION | (version.tombstone ? FLAG_TOMBSTONE << 8 : 0) | (1 << 16), true);
  words.setUint32(at + 8, version.valueBytes, true);
  words.setUint32(at + 12, version.actor, true);
  words.setUint32(at + 16, low, true);
  words.setUint32(at + 20, high, true);
  words.setUint32(at + 24, version.expiresAtMs >>> 0, true);
  words.setUint32(at + 28, (version.expiresAtMs / TWO_32) >>> 0, true);
  words.setUint32(own + 12, low, true);
  words.setUint32(own + 16, high, true);
  return at + WINNER_BYTES + words.getUint16(at + 4, true) * INTERVAL_BYTES;
}

function uptoOf(words: DataView, entry: number): number {
  return words.getUint32(entry + 12, true) + words.getUint32(entry + 16, true) * TWO_32;
}
