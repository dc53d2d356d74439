/**
 * Pruning: the last resort against clocks that grow without end. Only coordinated writes prune.
 *
 * An entry goes if the clock has more than 50 of them, the entry is older than 24 h, and no sibling's dot stands in it;
 * oldest first, until 50 are left. What is forgotten this way can only make an old version look concurrent again (a false
 * sibling): it can never make an unseen one look seen. Digests leave clocks out (`hash.ts`), so a pruned and an unpruned
 * replica count as equal and do not send the record back and forth (riak_kv#1864).
 */
import { covers, type Clock } from './clock.ts';
import { STAMPS_PER_MS } from './dot.ts';
import type { Sibling } from './record.ts';

export const PRUNE_ABOVE_ENTRIES = 50;
export const PRUNE_OLDER_MS: number = 24 * 3600 * 1000;

export function pruneClock(clock: Clock, siblings: readonly Sibling[], now: number): Clock {
  if (clock.length <= PRUNE_ABOVE_ENTRIES) return clock;
  const limit = now - PRUNE_OLDER_MS * STAMPS_PER_MS;
  const candidates = clock
    .filter((entry) => entry.upto < limit && !siblings.some((sibling) => covers([entry], sibling.dot)))
    .sort((a, b) => a.upto - b.upto)
    .slice(0, clock.length - PRUNE_ABOVE_ENTRIES);
  return candidates.length === 0 ? clock : clock.filter((entry) => !candidates.includes(entry));
}
