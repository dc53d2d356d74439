/** Records for property tests: any that keep the invariants of `record.ts`, over few actors and stamps, so that they meet. */
import { unionClocks, type Clock } from '@torc/base/record/clock';
import { compareSiblings, type Sibling, type TorcRecord } from '@torc/base/record/record';
import fc from 'fast-check';

const interval = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 4 }))
  .map(([actor, since, length]) => ({ actor, since, upto: since + length }));

export const anyClock: fc.Arbitrary<Clock> = fc
  .array(interval, { maxLength: 5 })
  .map((intervals) => intervals.reduce<Clock>((clock, entry) => unionClocks(clock, [entry]), []));

/** A sibling is a function of its dot, as one write has one content. */
export function siblingOf(actor: number, stamp: number): Sibling {
  const seed = actor * 31 + stamp;
  const tombstone = seed % 5 === 0;
  return {
    dot: { actor, stamp },
    value: tombstone ? new Uint8Array(0) : Uint8Array.from({ length: seed % 7 }, (_, i) => seed + i),
    ...(tombstone ? { tombstone: true as const } : {}),
    ...(seed % 3 === 0 ? { expiresAtMs: 1000 + seed } : {}),
    ...(seed % 4 === 0 ? { id: Uint8Array.of(seed % 8, 1) } : {}),
    ...(seed % 8 === 0 ? { firstStamp: Math.max(1, stamp - 2) } : {}),
  };
}

export const anyRecord: fc.Arbitrary<TorcRecord> = fc
  .tuple(
    anyClock,
    fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 16 })), { minLength: 1, maxLength: 4 }),
  )
  .map(([clock, dots]) => {
    const siblings = new Map(dots.map(([actor, stamp]) => [`${actor}@${stamp}`, siblingOf(actor, stamp)]));
    let covering = clock;
    for (const { dot } of siblings.values()) {
      covering = unionClocks(covering, [{ actor: dot.actor, since: dot.stamp, upto: dot.stamp }]);
    }
    return { clock: covering, siblings: [...siblings.values()].sort(compareSiblings) };
  });
