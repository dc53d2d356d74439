/**
 * Interval clocks (DESIGN section 4): for each actor, intervals (since, upto). An interval says: every write of this key
 * by this actor in [since, upto] has been seen.
 *
 * Invariants of a clock, checked by `checkClock`:
 * 1. Entries are sorted by (actor, since).
 * 2. Intervals of one actor do not touch: the earlier one's `upto` is below the later one's `since`.
 * 3. 1 <= since <= upto <= MAX_STAMP; the actor is a u32.
 *
 * Why intervals and not one counter per actor: a coordinator that forgot (lost disk, restored copy) starts a new interval
 * above its lineage floor, so it never claims to have seen its own lost writes (Riak's issue 679).
 */
import { MAX_STAMP, type Dot } from './dot.ts';

export interface Interval {
  readonly actor: number;
  readonly since: number;
  readonly upto: number;
}

export type Clock = readonly Interval[];

export function covers(clock: Clock, dot: Dot): boolean {
  for (const entry of clock) {
    if (entry.actor === dot.actor && entry.since <= dot.stamp && dot.stamp <= entry.upto) return true;
  }
  return false;
}

/** All that either clock has seen. Intervals that share a stamp become one. */
export function unionClocks(a: Clock, b: Clock): Clock {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const sorted = [...a, ...b].sort(compareIntervals);
  const result: Interval[] = [];
  for (const next of sorted) {
    const last = result.at(-1);
    if (last !== undefined && last.actor === next.actor && next.since <= last.upto) {
      if (next.upto > last.upto) result[result.length - 1] = { ...last, upto: next.upto };
    } else {
      result.push(next);
    }
  }
  return result;
}

/**
 * The clock after `actor` writes at `stamp`, which must be above every stamp in the clock. The actor's newest interval is
 * extended only if it reaches the lineage floor: below it the actor may have forgotten writes of its own.
 */
export function advanceClock(clock: Clock, actor: number, stamp: number, lineageFloor: number): Clock {
  const result = clock.slice();
  let at = 0;
  while (at < result.length && (result[at] as Interval).actor <= actor) at += 1;
  const own = result[at - 1];
  if (own !== undefined && own.actor === actor && own.upto >= lineageFloor) {
    result[at - 1] = { actor, since: own.since, upto: stamp };
  } else {
    result.splice(at, 0, { actor, since: stamp, upto: stamp });
  }
  return result;
}

/** The highest stamp that the clock has seen: 0 for an empty clock. */
export function highestStamp(clock: Clock): number {
  let highest = 0;
  for (const entry of clock) if (entry.upto > highest) highest = entry.upto;
  return highest;
}

export function compareIntervals(a: Interval, b: Interval): number {
  return a.actor - b.actor || a.since - b.since;
}

/** Why this is not a clock, or `undefined`. For bytes from outside. */
export function checkClock(clock: Clock): string | undefined {
  let before: Interval | undefined;
  for (const entry of clock) {
    if (!(entry.since >= 1 && entry.since <= entry.upto && entry.upto <= MAX_STAMP))
      return 'an interval is not a range';
    if (before !== undefined) {
      if (entry.actor < before.actor) return 'actors are not in order';
      if (entry.actor === before.actor && entry.since <= before.upto) return 'intervals of one actor touch';
    }
    before = entry;
  }
  return undefined;
}
