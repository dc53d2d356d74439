/**
 * A record: the clock and all siblings of a key. The unit of replication, always exchanged whole: a delta form loses
 * acknowledged writes (shown in `packages/sim/test/models/one-key.test.ts`).
 *
 * Invariants:
 * 1. The clock covers the dot of every sibling; a covered dot that is not among the siblings was superseded.
 * 2. Siblings are sorted winner first (`compareSiblings`), with distinct dots. There is at least one.
 * 3. A tombstone has an empty value.
 */
import { compareBytes } from '../bytes.ts';
import type { Clock } from './clock.ts';
import type { Dot } from './dot.ts';

export interface Sibling {
  readonly dot: Dot;
  /** ms since 1970; absent means never. */
  readonly expiresAtMs?: number;
  readonly tombstone?: true;
  /** The operation id, when the client sent one or another node coordinates: 1 to 64 bytes. */
  readonly id?: Uint8Array;
  /** The stamp of the first attempt, on second attempts only. */
  readonly firstStamp?: number;
  readonly value: Uint8Array;
}

export interface TorcRecord {
  readonly clock: Clock;
  readonly siblings: readonly Sibling[];
}

/** By what a sibling is ordered in a `latest` bucket: a second attempt stands where the first one stood. */
export function orderStamp(sibling: Sibling): number {
  return sibling.firstStamp ?? sibling.dot.stamp;
}

/** Winner first: the highest (stamp, actor). */
export function compareSiblings(a: Sibling, b: Sibling): number {
  return orderStamp(b) - orderStamp(a) || b.dot.actor - a.dot.actor || b.dot.stamp - a.dot.stamp;
}

export function sameDot(a: Dot, b: Dot): boolean {
  return a.stamp === b.stamp && a.actor === b.actor;
}

export function sameId(a: Sibling, b: Sibling): boolean {
  if (a.id === undefined || b.id === undefined) return false;
  return compareBytes(a.id, 0, a.id.length, b.id, 0, b.id.length) === 0;
}
