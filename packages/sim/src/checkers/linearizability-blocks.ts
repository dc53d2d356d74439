/**
 * The blocks of a register's history: what must stand together in every linearization, because values are unique.
 *
 * A value is there once, from its writer to the next writer. So a writer, all who saw its value, and the operation that
 * found and replaced it are consecutive among the operations on the register; with chains of compare-and-sets that is one
 * block. A linearization is an order of blocks, and these are Gibbons' and Korach's zones ("Testing shared memories", SIAM
 * Journal on Computing 26, 1997), widened by absence, which can come many times:
 *
 * 1. `entry` says what must be there before the block: anything or absence. `exit` says what is there after it: absence,
 *    or its last value, which nobody looks for any more ("free").
 * 2. A delete is a block from anything to absence, a read of absence one from absence to absence; neither has values.
 * 3. Block A can stand before block B if and only if no operation of B ends before one of A starts: B.firstEnd >
 *    A.lastStart. Inside a block the order is forced, and checked here.
 */
import { describeValue } from './history.ts';
import { BEFORE, type RegisterFacts, type Span, type ValueFacts } from './linearizability-facts.ts';

export interface Block {
  readonly entry: 'anything' | 'absence';
  readonly exit: 'free' | 'absence';
  /** The values that the block brings, one after the other. */
  readonly tenures: readonly Tenure[];
  readonly firstEnd: number;
  readonly lastStart: number;
  /** The start of the operation that comes first. */
  readonly entryStart: number;
  /** The operation that comes last, where `exit` is absence. */
  readonly exitStart: number;
  readonly exitEnd: number;
}

/** The time of one value. */
export interface Tenure {
  readonly value: string;
  readonly entryStart: number;
  /** The first end of its writer and readers. */
  readonly firstEnd: number;
  /** The last start of its writer and readers, and of the operation of the same block that replaces it. */
  readonly lastStart: number;
  /** The first end of what follows in the same block. */
  readonly nextFirstEnd: number;
}

export interface Blocks {
  readonly blocks: readonly Block[];
  readonly optionalDeletes: readonly Block[];
  readonly contradiction: string | undefined;
}

export function buildBlocks(facts: RegisterFacts): Blocks {
  const builder = new ChainBuilder(facts);
  const chains = builder.build();
  const blocks = [...chains, ...facts.deletes.map(deleteBlock), ...facts.absenceSeen.map(absenceBlock)];
  return {
    blocks,
    optionalDeletes: facts.optionalDeletes.map(deleteBlock),
    contradiction: facts.contradiction ?? builder.contradiction ?? describeClash(blocks),
  };
}

/**
 * Two blocks of which each must come before the other. Where all values are unique and present, and no condition failed, a
 * history without such a pair is legal (Gibbons and Korach); elsewhere this finds most mistakes before any search.
 */
function describeClash(blocks: readonly Block[]): string | undefined {
  const byEnd = blocks.toSorted((a, b) => a.firstEnd - b.firstEnd);
  const ends = byEnd.map(({ firstEnd }) => firstEnd);
  // For each block in that order, the two with the last starts up to it.
  let latest: readonly Block[] = [];
  const latestUpTo = byEnd.map((block) => {
    latest = [...latest, block].sort((a, b) => b.lastStart - a.lastStart).slice(0, 2);
    return latest;
  });
  for (const block of byEnd) {
    const earlier = latestUpTo[firstAbove(ends, block.lastStart) - 1] ?? [];
    const other = earlier.find((each) => each !== block);
    if (other !== undefined && other.lastStart > block.firstEnd) {
      return `${describeBlock(block)} and ${describeBlock(other)} each must come before the other`;
    }
  }
  return undefined;
}

function describeBlock({ tenures, entry }: Block): string {
  const [first] = tenures;
  const last = tenures.at(-1);
  if (first === undefined || last === undefined) return entry === 'absence' ? 'absence that was seen' : 'a delete';
  return first === last ? `the value ${first.value}` : `the values from ${first.value} to ${last.value}`;
}

/** The index of the first element above `limit` in an ascending list. */
export function firstAbove(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** For a block, the least end in the other blocks with values that must come after it. */
export class FirstEndsAfter {
  readonly #starts: readonly number[];
  /** The two blocks with the least ends from each start on. */
  readonly #least: (readonly Block[])[] = [];

  constructor(blocks: readonly Block[]) {
    const sorted = blocks.filter(({ tenures }) => tenures.length > 0).sort((a, b) => a.lastStart - b.lastStart);
    this.#starts = sorted.map(({ lastStart }) => lastStart);
    let least: readonly Block[] = [];
    for (let at = sorted.length - 1; at >= 0; at -= 1) {
      least = [...least, sorted[at] as Block].sort((a, b) => a.firstEnd - b.firstEnd).slice(0, 2);
      this.#least[at] = least;
    }
  }

  leastAfter(block: Block): number {
    const least = this.#least[firstAbove(this.#starts, block.firstEnd)] ?? [];
    return least.find((other) => other !== block)?.firstEnd ?? Number.POSITIVE_INFINITY;
  }
}

function deleteBlock(span: Span): Block {
  return { ...absenceBlock(span), entry: 'anything' };
}

function absenceBlock({ start, end }: Span): Block {
  return {
    entry: 'absence',
    exit: 'absence',
    tenures: [],
    firstEnd: end,
    lastStart: start,
    entryStart: start,
    exitStart: start,
    exitEnd: end,
  };
}

class ChainBuilder {
  contradiction: string | undefined;
  readonly #facts: RegisterFacts;

  constructor(facts: RegisterFacts) {
    this.#facts = facts;
  }

  build(): Block[] {
    const blocks: Block[] = [];
    let placed = 0;
    for (const root of this.#facts.values.values()) {
      if (root.from !== 'anything' && root.from.value !== undefined) continue;
      const chain = this.#chainFrom(root);
      placed += chain.length;
      blocks.push(this.#blockOf(root, chain));
    }
    if (placed < this.#facts.values.size) {
      this.contradiction ??= 'some compare-and-sets need each other to have come first';
    }
    return blocks;
  }

  #chainFrom(root: ValueFacts): ValueFacts[] {
    const chain: ValueFacts[] = [];
    for (let facts: ValueFacts | undefined = root; facts !== undefined; ) {
      chain.push(facts);
      if (facts.replacers.length > 1) {
        const ids = facts.replacers.map(({ operation }) => `#${operation?.id}`).join(' and ');
        this.contradiction ??= `${ids} each found and replaced ${describeValue(facts.value)}, which was there once`;
      }
      const next: string | undefined = facts.replacedBy[0];
      facts = next === undefined ? undefined : this.#facts.values.get(next);
    }
    return chain;
  }

  #blockOf(root: ValueFacts, chain: readonly ValueFacts[]): Block {
    const exit = chain.at(-1)?.replacers[0];
    const groups = [...chain.flatMap(({ writer, readers }) => [asList(writer), readers]), asList(exit)];
    let lastStart = BEFORE;
    for (const group of groups) {
      const late = group.find(({ end }) => end < lastStart);
      if (late !== undefined) {
        this.contradiction ??= `#${late.operation?.id} ended before something began that must have come before it`;
      }
      lastStart = group.reduce((most, { start }) => Math.max(most, start), lastStart);
    }
    const tenures = tenuresOf(chain, exit);
    return {
      entry: root.from === 'anything' ? 'anything' : 'absence',
      exit: exit === undefined ? 'free' : 'absence',
      tenures,
      firstEnd: tenures.reduce(
        (least, { firstEnd, nextFirstEnd }) => Math.min(least, firstEnd, nextFirstEnd),
        Number.POSITIVE_INFINITY,
      ),
      lastStart,
      entryStart: root.writer?.start ?? BEFORE,
      exitStart: exit?.start ?? BEFORE,
      exitEnd: exit?.end ?? Number.POSITIVE_INFINITY,
    };
  }
}

function tenuresOf(chain: readonly ValueFacts[], exit: Span | undefined): Tenure[] {
  let nextFirstEnd = exit?.end ?? Number.POSITIVE_INFINITY;
  const tenures = chain.toReversed().map(({ value, writer, readers, replacers }) => {
    const holders = [...asList(writer), ...readers];
    const firstEnd = holders.reduce((least, { end }) => Math.min(least, end), Number.POSITIVE_INFINITY);
    const lastStart = [...holders, ...replacers].reduce((most, { start }) => Math.max(most, start), BEFORE);
    const tenure: Tenure = { value, entryStart: writer?.start ?? BEFORE, firstEnd, lastStart, nextFirstEnd };
    nextFirstEnd = Math.min(nextFirstEnd, firstEnd);
    return tenure;
  });
  return tenures.reverse();
}

function asList(span: Span | undefined): readonly Span[] {
  return span === undefined ? [] : [span];
}
