/**
 * The digest of an entry, a key with its record: what trees sum and lists compare. 64 bits in two lanes.
 *
 * The key is mixed in. Without it two keys that swapped their records would cancel out in the sum of their leaf.
 */
import { hash32 } from '@torc/base/hash';
import { digestRecord, type Digest } from '@torc/base/record/hash';
import type { TorcRecord } from '@torc/base/record/record';
import { mix } from '../ring/mix.ts';

const HIGH_SALT = 0x9e3779b9;
const NO_DOT = { actor: 0, stamp: 0 };

/** u32. Of the whole key as the exchange sees it, its bucket included. */
export function hashOfKey(key: Uint8Array): number {
  return hash32(key, 0, key.length, 0);
}

/** The low lane of an entry: u32. */
export function lowLane(keyHash: number, digest: Digest): number {
  return mix(digest.low ^ mix(keyHash));
}

/** The high lane of an entry: u32. */
export function highLane(keyHash: number, digest: Digest): number {
  return mix(digest.high ^ mix(keyHash ^ HIGH_SALT));
}

/**
 * The digest of a record as trees want it: `digestRecord`. With `ignoresVersion` the dots are left out, so that two writes
 * of one value look alike: a bug to plant, which a checker has to see.
 */
export function digestForTree(record: TorcRecord, ignoresVersion: boolean): Digest {
  if (!ignoresVersion) return digestRecord(record);
  const siblings = record.siblings.map((sibling) => ({ ...sibling, dot: NO_DOT }));
  return digestRecord({ clock: record.clock, siblings });
}
