/**
 * Looks for an order of blocks (`linearizability-blocks.ts`) that keeps real time, the entries and exits, and what failed
 * conditions ask (`linearizability-conditions.ts`). Depth first, one block after the other, with a memory of positions
 * that led nowhere.
 *
 * Most positions leave no choice, because one block can come first without harm: if some order completes the history,
 * one with that block first does too. The arguments, for a block Z that may come next by real time:
 *
 * 1. In absence, a read of absence comes at once. Later it would serve nobody, and where it stood it is not missed.
 * 2. After a free exit, a block from anything to a free exit comes at once. Moved to the front it replaces what nobody
 *    looks for; where it stood, what came next came after a free exit, so it asks for nothing.
 * 3. In absence where 1 does not apply, what comes next leaves absence or deletes again. By the argument of 2 a block Z
 *    from anything to a free exit may come first, unless the order goes on with a block that needs absence. Of the blocks
 *    that need absence the one with the least `firstEnd` comes first: exchanged with another one, neither is late. And
 *    such a block comes before those of 2, which can as well follow it.
 * 4. After a free exit where 2 does not apply, only a delete or a block that ends in absence can come. Of these again
 *    the one with the least `firstEnd`.
 *
 * Failed conditions can break 2 to 4: taken from its old place, Z may be missed there, because it ended a tenure in time;
 * and at its new place it may open conditions on its own values. So these hold for a block that is *safe* (`#isSafe`):
 * it has no such values, and no condition ends after its entry starts and before something ended that must come after it.
 * Of ways to absence the exchange needs this only where the block has values. Where no block is safe, all are tried.
 *
 * So a history without such conditions takes one step per block, and others branch where they are.
 */
import { firstAbove, FirstEndsAfter, type Block, type Blocks } from './linearizability-blocks.ts';
import { keepConditions, type Conditions } from './linearizability-conditions.ts';
import { BEFORE, type RegisterFacts, type SpareWrite } from './linearizability-facts.ts';
import type { Value } from './history.ts';
import { BlockLists } from './linearizability-lists.ts';

export type SearchVerdict = 'legal' | 'illegal' | 'undecided';

export interface SearchLimits {
  /** Positions visited before the search gives up. */
  readonly mostStates: number;
  /** Characters of remembered positions before the search gives up. */
  readonly mostMemory: number;
}

/** What is there after the blocks so far, and what the failed conditions ask of the next one. */
interface Place {
  readonly value: Value;
  /** The first end in the stretch of absence so far, where `value` is absence. */
  readonly firstEnd: number;
  /** The next operation must start before this: the least end of the open conditions. */
  readonly leaveBy: number;
  readonly usedDeletes: number;
  /** The spare writes that were used, ascending. */
  readonly usedSpare: readonly number[];
}

/** What an order may use and need not hold: the fewer were used, the more can still be done. */
interface Used {
  deletes: number;
  fromAnything: number;
  fromAbsence: number;
}

/** A block by its number, an optional delete, or a spare write by its number. */
type Choice = { readonly kind: 'block' | 'spare'; readonly number: number } | { readonly kind: 'delete' };

interface Frame {
  readonly place: Place;
  readonly choices: readonly Choice[];
  next: number;
  /** The block that this frame's current choice took. */
  taken: number | undefined;
}

export class BlockSearch {
  readonly #facts: RegisterFacts;
  readonly #blocks: Blocks;
  readonly #conditions: Conditions;
  readonly #lists: BlockLists;
  readonly #limits: SearchLimits;
  readonly #safe: readonly boolean[];
  /**
   * Positions with a choice that were met, and what had been used there. The search is depth first, and leaves a position
   * only without success.
   */
  readonly #left = new Map<string, readonly Used[]>();
  #memory = 0;
  states = 0;

  constructor(facts: RegisterFacts, blocks: Blocks, limits: SearchLimits) {
    this.#facts = facts;
    this.#blocks = blocks;
    this.#lists = new BlockLists(blocks.blocks);
    this.#limits = limits;
    const after = new FirstEndsAfter(blocks.blocks);
    this.#conditions = keepConditions(facts, blocks, after);
    this.#safe = blocks.blocks.map((block) => this.#isSafe(block, after));
  }

  run(initial: Value): SearchVerdict {
    const stack: Frame[] = [];
    let place: Place | undefined = {
      value: initial,
      firstEnd: BEFORE,
      leaveBy: initial === undefined ? this.#leaveBy(undefined, BEFORE) : Number.POSITIVE_INFINITY,
      usedDeletes: 0,
      usedSpare: [],
    };
    for (;;) {
      if (place !== undefined) {
        if (this.#lists.isEmpty() && place.leaveBy === Number.POSITIVE_INFINITY) return 'legal';
        this.states += 1;
        if (this.states > this.#limits.mostStates || this.#memory > this.#limits.mostMemory) return 'undecided';
        stack.push({ place, choices: this.#choicesAt(place), next: 0, taken: undefined });
      }
      const frame = stack.at(-1);
      if (frame === undefined) return 'illegal';
      if (frame.taken !== undefined) this.#lists.putBack(frame.taken);
      const choice = frame.choices[frame.next];
      frame.next += 1;
      frame.taken = choice?.kind === 'block' ? choice.number : undefined;
      if (choice === undefined) stack.pop();
      place = choice === undefined ? undefined : this.#take(choice, frame.place);
    }
  }

  /** The place after it, or `undefined` when a condition has no moment. */
  #take(choice: Choice, place: Place): Place | undefined {
    switch (choice.kind) {
      case 'block':
        this.#lists.take(choice.number);
        return this.#after(this.#block(choice.number), place);
      case 'delete': {
        const after = this.#after(this.#blocks.optionalDeletes[place.usedDeletes] as Block, place);
        return after === undefined ? undefined : { ...after, usedDeletes: place.usedDeletes + 1 };
      }
      case 'spare': {
        const { value } = this.#facts.spare[choice.number] as SpareWrite;
        const usedSpare = [...place.usedSpare, choice.number].sort((a, b) => a - b);
        return { ...place, value, usedSpare, leaveBy: this.#leaveBy(value, place.leaveBy) };
      }
    }
  }

  #after({ tenures, exit, exitEnd }: Block, place: Place): Place | undefined {
    let carried = place.leaveBy;
    let value: Value;
    for (const tenure of tenures) {
      value = tenure.value;
      carried = this.#leaveBy(value, Math.min(tenure.firstEnd, carried));
      if (tenure.lastStart > carried) return undefined;
    }
    if (exit === 'free') return { ...place, value, leaveBy: carried };
    const goesOn = place.value === undefined && tenures.length === 0;
    const firstEnd = Math.min(goesOn ? place.firstEnd : carried, exitEnd);
    return { ...place, value: undefined, firstEnd, leaveBy: this.#leaveBy(undefined, firstEnd) };
  }

  #leaveBy(value: Value, firstEnd: number): number {
    return this.#conditions.limits.get(value)?.leaveBy(firstEnd) ?? Number.POSITIVE_INFINITY;
  }

  #choicesAt(place: Place): readonly Choice[] {
    const choices = place.value === undefined ? this.#choicesInAbsence(place) : this.#choicesAfterValue(place);
    if (choices.length < 2) return choices;
    return this.#isWorthTrying(place) ? choices : [];
  }

  /**
   * No position that was left had the same blocks left, the same in place, and as many optional deletes and spare writes.
   * Spare writes from anything that open no condition here or later count as alike: all that are open now stay so.
   */
  #isWorthTrying(place: Place): boolean {
    const { value, leaveBy, firstEnd } = place;
    const leastEnd = this.#leastEnd(place);
    const singular: number[] = [];
    const used: Used = { deletes: place.usedDeletes, fromAnything: 0, fromAbsence: 0 };
    for (const number of place.usedSpare) {
      const spare = this.#facts.spare[number] as SpareWrite;
      if (this.#leaveBy(spare.value, leastEnd) !== Number.POSITIVE_INFINITY) singular.push(number);
      else if (spare.from === 'anything') used.fromAnything += 1;
      else if (spare.from.value === undefined) used.fromAbsence += 1;
    }
    // Which value is there matters only while conditions are open on it.
    const what = value === undefined ? `-${firstEnd}` : leaveBy === Number.POSITIVE_INFINITY ? '' : `=${value}`;
    const name = `${leaveBy},${singular.join()}:${this.#lists.name()}:${what}`;
    const before = this.#left.get(name) ?? [];
    if (before.some((other) => usesNoMore(other, used))) return false;
    this.#left.set(name, [...before.filter((other) => !usesNoMore(used, other)), used]);
    this.#memory += name.length;
    return true;
  }

  /**
   * No later end that counts in a tenure is below this: each is one of what is left, or of a condition that is open here,
   * or of a condition that starts after one of these.
   */
  #leastEnd(place: Place): number {
    return Math.min(place.leaveBy, this.#lists.firstEnd());
  }

  #choicesAfterValue(place: Place): readonly Choice[] {
    const ready = this.#ready(place);
    const free = this.#only(ready, 'anything', 'free');
    const safe = free.find((at) => this.#safe[at]);
    if (safe !== undefined) return [blockChoice(safe)];
    return [...free.map(blockChoice), ...this.#toAbsence(ready, place), ...this.#spares(place)];
  }

  #choicesInAbsence(place: Place): readonly Choice[] {
    const ready = this.#ready(place);
    const around = this.#only(ready, 'absence', 'absence');
    const harmless = around.find((at) => this.#safe[at] === true || this.#block(at).tenures.length === 0);
    if (harmless !== undefined) return [blockChoice(harmless)];
    const { away, isEnough } = this.#outOfAbsence(ready);
    const needAbsence = [...around, ...away].map(blockChoice);
    if (isEnough) return needAbsence;
    const free = this.#only(ready, 'anything', 'free');
    const safe = free.find((at) => this.#safe[at]);
    if (safe !== undefined) return [...needAbsence, blockChoice(safe)];
    return [...needAbsence, ...free.map(blockChoice), ...this.#toAbsence(ready, place), ...this.#spares(place)];
  }

  /** The blocks that need absence and end it; of those without conditions on their values one is enough. */
  #outOfAbsence(ready: readonly number[]): { readonly away: readonly number[]; readonly isEnough: boolean } {
    const away = this.#byFirstEnd(this.#only(ready, 'absence', 'free'));
    const [first] = away;
    if (first === undefined || away.some((at) => !this.#isQuiet(this.#block(at)))) return { away, isEnough: false };
    return { away: [first], isEnough: this.#safe[first] === true };
  }

  /** The ways to absence, by `firstEnd`, up to the first that nothing would miss elsewhere. */
  #toAbsence(ready: readonly number[], place: Place): readonly Choice[] {
    const choices: Choice[] = [];
    for (const at of this.#byFirstEnd(this.#only(ready, 'anything', 'absence'))) {
      choices.push(blockChoice(at));
      if (this.#safe[at] === true || this.#block(at).tenures.length === 0) return choices;
    }
    const deletion = this.#blocks.optionalDeletes[place.usedDeletes];
    // Where nothing is there already, nobody needs a delete that no order has to hold.
    const isUseful = place.value !== undefined && deletion !== undefined;
    if (isUseful && this.#isOpen(deletion.entryStart, place)) choices.push({ kind: 'delete' });
    return choices;
  }

  /**
   * The spare writes that may end the tenure here. Of those whose values open no condition, here or later, one is enough,
   * and one that fits nowhere else comes before one that fits everywhere.
   */
  #spares(place: Place): readonly Choice[] {
    if (place.leaveBy === Number.POSITIVE_INFINITY) return [];
    const leastEnd = this.#leastEnd(place);
    const choices: Choice[] = [];
    let plain: { readonly number: number; readonly from: SpareWrite['from'] } | undefined;
    for (const [number, { value, from, start }] of this.#facts.spare.entries()) {
      if (!this.#isOpen(start, place)) break;
      if (place.usedSpare.includes(number) || (from !== 'anything' && from.value !== place.value)) continue;
      if (this.#leaveBy(value, leastEnd) !== Number.POSITIVE_INFINITY) choices.push({ kind: 'spare', number });
      else if (plain === undefined || (plain.from === 'anything' && from !== 'anything')) plain = { number, from };
    }
    return plain === undefined ? choices : [{ kind: 'spare', number: plain.number }, ...choices];
  }

  /** An operation without an end that starts there may come next. */
  #isOpen(start: number, place: Place): boolean {
    return start < place.leaveBy && start < this.#lists.firstEnd();
  }

  /** The blocks that may come next by real time and by the limit of the place. */
  #ready(place: Place): number[] {
    return this.#lists.ready().filter((at) => this.#block(at).entryStart < place.leaveBy);
  }

  #only(numbers: readonly number[], entry: Block['entry'], exit: Block['exit']): number[] {
    return numbers.filter((at) => this.#block(at).entry === entry && this.#block(at).exit === exit);
  }

  #byFirstEnd(numbers: readonly number[]): number[] {
    return numbers.toSorted((a, b) => this.#block(a).firstEnd - this.#block(b).firstEnd);
  }

  #block(at: number): Block {
    return this.#blocks.blocks[at] as Block;
  }

  /** No condition can be open on the block's values. */
  #isQuiet({ tenures }: Block): boolean {
    return tenures.every(({ value }) => !this.#conditions.limits.has(value));
  }

  /**
   * No failed condition can miss the block where it would have stood. One that ended before the block's entry started was
   * not helped by it. One that ended after some block Y did that must come after this one is helped by what comes next:
   * all up to Y's first end started before that end, so before the condition ended.
   */
  #isSafe(block: Block, after: FirstEndsAfter): boolean {
    if (!this.#isQuiet(block)) return false;
    const end = this.#conditions.ends[firstAbove(this.#conditions.ends, block.entryStart)];
    return end === undefined || end > after.leastAfter(block);
  }
}

function usesNoMore(a: Used, b: Used): boolean {
  return a.deletes <= b.deletes && a.fromAnything <= b.fromAnything && a.fromAbsence <= b.fromAbsence;
}

function blockChoice(number: number): Choice {
  return { kind: 'block', number };
}
