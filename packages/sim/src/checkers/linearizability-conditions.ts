/**
 * Failed conditions: compare-and-sets that were rejected because at some moment the value was not the expected one.
 *
 * Take an order of blocks. A failed condition can stand anywhere after all that ended before it started and before all
 * that started after it ended. Put each as early as it can stand. While the expected value is there, it waits (it is
 * "open") if something in that tenure ended before it started; then
 *
 * 1. everything up to the operation that ends the tenure must start before the condition ends: `leaveBy`, the least end
 *    of the open conditions;
 * 2. at that operation all open conditions are met, in the next tenure. So what starts after their least end comes
 *    later than that: the least end counts as an end in the next tenure, and may open conditions there.
 *
 * Hence one number per tenure, carried to the next, says all that conditions ask of an order, and none is ever placed.
 *
 * Conditions that no order can violate, and that open nothing which is not open without them, are left out first:
 *
 * - Something that must come after the tenure ended before the condition did. By then every order has left the tenure;
 *   and an end that is earlier than the one carried stands between, so that the carried one opens nothing beyond it.
 * - For absence: a block with values had begun before the condition ended, and had not ended when it started. There was
 *   a moment with a value; a stretch of absence on either side cannot hold the condition.
 * - Nothing can end in the tenure before the condition starts, and no end can be carried there.
 */
import { firstAbove, FirstEndsAfter, type Block, type Blocks, type Tenure } from './linearizability-blocks.ts';
import { BEFORE, type FailedCondition, type RegisterFacts } from './linearizability-facts.ts';
import { groupBy, type Value } from './history.ts';

/** By when a tenure must end, for the conditions that expected one value. */
export class TenureLimit {
  readonly #starts: readonly number[];
  /** For each start, the least end of a condition from there on. */
  readonly #leastEnds: number[] = [];

  constructor(conditions: readonly FailedCondition[]) {
    const spans = conditions.map(({ span }) => span).sort((a, b) => a.start - b.start);
    this.#starts = spans.map(({ start }) => start);
    let least = Number.POSITIVE_INFINITY;
    for (let at = spans.length - 1; at >= 0; at -= 1) {
      least = Math.min(least, spans[at]?.end ?? least);
      this.#leastEnds[at] = least;
    }
  }

  /** The least end of the conditions that are open in a tenure where something ended at `firstEnd`. */
  leaveBy(firstEnd: number): number {
    return this.#leastEnds[firstAbove(this.#starts, firstEnd)] ?? Number.POSITIVE_INFINITY;
  }
}

export interface Conditions {
  readonly limits: ReadonlyMap<Value, TenureLimit>;
  /** The ends of all conditions that are kept, ascending. */
  readonly ends: readonly number[];
}

export function keepConditions(facts: RegisterFacts, blocks: Blocks, after: FirstEndsAfter): Conditions {
  const filter = new ConditionFilter(facts, blocks, after);
  const kept = filter.kept();
  const byValue = groupBy(kept, ({ expected }) => expected);
  return {
    limits: new Map([...byValue].map(([value, conditions]) => [value, new TenureLimit(conditions)])),
    ends: kept.map(({ span }) => span.end).sort((a, b) => a - b),
  };
}

class ConditionFilter {
  readonly #facts: RegisterFacts;
  readonly #chains: readonly Block[];
  /** Where absence may begin: the start of the operation that brings it, and the least end of what must come later. */
  readonly #arrivals: readonly { readonly start: number; readonly leastAfter: number }[];
  /** For a value, its tenure, and the least end of what must come after it. */
  readonly #tenures = new Map<string, { readonly tenure: Tenure; readonly leastAfter: number }>();
  readonly #spare: ReadonlySet<string>;

  constructor(facts: RegisterFacts, { blocks, optionalDeletes }: Blocks, after: FirstEndsAfter) {
    this.#facts = facts;
    this.#chains = blocks.filter(({ tenures }) => tenures.length > 0);
    const first = this.#chains.reduce((least, { firstEnd }) => Math.min(least, firstEnd), Number.POSITIVE_INFINITY);
    const arriving = [...blocks, ...optionalDeletes].filter(({ exit, tenures, entry }) => {
      return exit === 'absence' && (entry === 'anything' || tenures.length > 0);
    });
    this.#arrivals = [
      { start: BEFORE, leastAfter: first },
      ...arriving.map((block) => ({ start: block.exitStart, leastAfter: after.leastAfter(block) })),
    ];
    for (const block of this.#chains) {
      const later = after.leastAfter(block);
      for (const tenure of block.tenures) {
        this.#tenures.set(tenure.value, { tenure, leastAfter: Math.min(later, tenure.nextFirstEnd) });
      }
    }
    this.#spare = new Set(facts.spare.map(({ value }) => value));
  }

  /** By their starts; so what may carry an end to a condition has been decided before it. */
  kept(): FailedCondition[] {
    const ends: number[] = [];
    const sorted = this.#facts.failedConditions.toSorted((a, b) => a.span.start - b.span.start);
    return sorted.filter((condition) => {
      if (!this.#isKept(condition, ends)) return false;
      ends.splice(firstAbove(ends, condition.span.end), 0, condition.span.end);
      return true;
    });
  }

  #isKept({ expected, span }: FailedCondition, ends: readonly number[]): boolean {
    if (expected === undefined) {
      if (this.#chains.some((b) => b.firstEnd < b.lastStart && b.firstEnd < span.end && b.lastStart > span.start)) {
        return false;
      }
      return this.#arrivals.some(({ start, leastAfter }) => start < span.start && leastAfter > span.end);
    }
    const found = this.#tenures.get(expected);
    if (found === undefined) return this.#spare.has(expected);
    const { tenure, leastAfter } = found;
    if (leastAfter < span.end) return false;
    const carried = ends[firstAbove(ends, tenure.entryStart)] ?? Number.POSITIVE_INFINITY;
    return Math.min(tenure.firstEnd, carried) < span.start;
  }
}
