/**
 * A coordinated write: the record after one new version, given the local record and what the client had seen.
 *
 * Rules (DESIGN section 4):
 * 1. The new dot's stamp is above every stamp in its context and in the local clock.
 * 2. Siblings that the context covers are superseded; the others stay: a write leaves what it did not see.
 * 3. A blind write takes the local record's clock as its context; without a record, an empty one.
 * 4. The actor's own interval is extended only at or above the lineage floor (`clock.ts`).
 * 5. Only here are clocks pruned (`prune.ts`): never in merge, repair or transfer.
 */
import { assert } from '../assert.ts';
import { advanceClock, covers, highestStamp, unionClocks, type Clock } from './clock.ts';
import type { Dot } from './dot.ts';
import { pruneClock } from './prune.ts';
import { compareSiblings, type Sibling, type TorcRecord } from './record.ts';

/** A version before it has a dot. */
export type NewVersion = Omit<Sibling, 'dot'>;

export interface WriteOptions {
  readonly lineageFloor: number;
  /** What the client had seen; absent means a blind write. */
  readonly context?: Clock;
}

export function writeRecord(
  local: TorcRecord | undefined,
  version: NewVersion,
  dot: Dot,
  options: WriteOptions,
): TorcRecord {
  const localClock = local?.clock ?? [];
  const context = options.context ?? localClock;
  const seen = unionClocks(localClock, context);
  assert(dot.stamp > highestStamp(seen), 'a new stamp is above every stamp in its context');
  const sibling: Sibling = { ...version, dot };
  const siblings = [sibling, ...(local?.siblings.filter((old) => !covers(context, old.dot)) ?? [])];
  siblings.sort(compareSiblings);
  const clock = advanceClock(seen, dot.actor, dot.stamp, options.lineageFloor);
  return { clock: pruneClock(clock, siblings, dot.stamp), siblings };
}
