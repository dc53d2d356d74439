/**
 * What the history of one register says, stripped to what a linearization must explain: who wrote each value, who saw it,
 * who replaced it, and where a failed condition says that the value was another one.
 *
 * Moments become ranks: whole numbers in the order of all moments, so that ties are gone. An operation that may take
 * effect at any later time ends at Infinity.
 *
 * Writes with an unknown outcome whose value nobody observed are left out. This is exact: take any linearization in which
 * such a write stands. Nobody reads its value, so what follows it is a failed condition, a write, or the end. Without it
 * the writes and reads are as legal as before, and only a failed condition may have needed it. So these writes are kept
 * as `spare`: no linearization has to hold them, but one may use each once, at any time after its invocation, to explain
 * a failed condition. Deletes with an unknown outcome are not left out: absence is no unique value.
 */
import { assert } from '@torc/base/assert';
import { compareMoments, describeValue, writtenValue, type Moment, type Operation, type Value } from './history.ts';

/** An operation with its ranks; `end` is Infinity when it may take effect at any later time. */
export interface Span {
  readonly operation: Operation | undefined;
  readonly start: number;
  readonly end: number;
}

/** What is known of one value that is not absence. */
export interface ValueFacts {
  readonly value: string;
  writer: Span | undefined;
  /** What the writer needed to be there: a value, absence, or anything. */
  from: { readonly value: Value } | 'anything';
  /** The writer has no outcome. */
  optional: boolean;
  readonly readers: Span[];
  /** Applied operations that found this value and replaced it. */
  readonly replacers: Span[];
  /** For each replacer what it wrote. */
  readonly replacedBy: Value[];
  /** Somebody saw the value, or the writer is known to have written it. */
  needed: boolean;
}

export interface FailedCondition {
  readonly span: Span;
  readonly expected: Value;
}

/** A write that no linearization has to hold, and any may. */
export interface SpareWrite {
  readonly value: string;
  readonly from: ValueFacts['from'];
  readonly start: number;
}

export interface RegisterFacts {
  readonly values: ReadonlyMap<string, ValueFacts>;
  /** Reads of absence, and deletions that found it. */
  readonly absenceSeen: readonly Span[];
  readonly deletes: readonly Span[];
  /** Deletes without an outcome, by their starts. */
  readonly optionalDeletes: readonly Span[];
  readonly failedConditions: readonly FailedCondition[];
  /** Unobserved writes without an outcome, by their starts. */
  readonly spare: readonly SpareWrite[];
  /** Why no linearization exists, when that is plain already. */
  readonly contradiction: string | undefined;
}

/** The start and the end of what came before the history. */
export const BEFORE = -1;

export function gatherFacts(operations: readonly Operation[], initial: Value): RegisterFacts {
  return new Gathering(operations, initial).facts();
}

class Gathering {
  readonly #values = new Map<string, ValueFacts>();
  readonly #absenceSeen: Span[] = [];
  readonly #deletes: Span[] = [];
  readonly #optionalDeletes: Span[] = [];
  readonly #failedConditions: FailedCondition[] = [];
  /** The writers that were rejected. */
  readonly #rejected = new Map<string, Operation>();
  #contradiction: string | undefined;

  constructor(operations: readonly Operation[], initial: Value) {
    if (initial !== undefined) {
      this.#wrote(initial, { operation: undefined, start: BEFORE, end: BEFORE }, 'anything', false);
    }
    for (const span of ranked(operations)) this.#take(span);
  }

  facts(): RegisterFacts {
    for (const facts of this.#values.values()) {
      const seen = facts.readers.length > 0 || facts.replacers.length > 0;
      if (seen || (facts.writer !== undefined && !facts.optional)) this.#need(facts);
    }
    const spare: SpareWrite[] = [];
    for (const [value, { needed, writer, from }] of this.#values) {
      if (needed) continue;
      this.#values.delete(value);
      // Without a writer: somebody expected it in vain.
      if (writer !== undefined) spare.push({ value, from, start: writer.start });
    }
    return {
      values: this.#values,
      absenceSeen: this.#absenceSeen,
      deletes: this.#deletes,
      optionalDeletes: this.#optionalDeletes.sort((a, b) => a.start - b.start),
      failedConditions: this.#failedConditions,
      spare: spare.sort((a, b) => a.start - b.start),
      contradiction: this.#contradiction,
    };
  }

  #take(span: Span): void {
    const { operation } = span;
    if (operation === undefined) return;
    const { request, reply } = operation;
    if (reply.outcome === 'rejected') {
      this.#takeRejected(span, operation);
      return;
    }
    const optional = reply.outcome === 'unknown';
    switch (request.kind) {
      case 'read':
        if (reply.outcome === 'applied') this.#saw(reply.returned, span);
        return;
      case 'write':
        this.#wrote(request.value, span, 'anything', optional);
        return;
      case 'delete':
        (optional ? this.#optionalDeletes : this.#deletes).push(span);
        return;
      case 'compare-and-set':
        this.#wrote(request.value, span, { value: request.expected }, optional);
        return;
      case 'read-modify-write':
        // What it found is as unknown as its outcome, so an unknown one is like a plain write.
        if (reply.outcome === 'applied') this.#replaced(span, reply.returned, request.value);
        else if (request.value === undefined) this.#optionalDeletes.push(span);
        else this.#wrote(request.value, span, 'anything', true);
    }
  }

  #takeRejected(span: Span, operation: Operation): void {
    const { request, reply } = operation;
    const value = writtenValue(request);
    if (value !== undefined) {
      this.#claim(value);
      this.#rejected.set(value, operation);
    }
    if (request.kind === 'compare-and-set' && reply.outcome === 'rejected' && reply.conditionFailed === true) {
      this.#failedConditions.push({ span, expected: request.expected });
    }
  }

  #replaced(span: Span, found: Value, value: Value): void {
    if (value !== undefined) {
      this.#wrote(value, span, { value: found }, false);
    } else if (found === undefined) {
      this.#absenceSeen.push(span);
    } else {
      const facts = this.#factsOf(found);
      facts.replacers.push(span);
      facts.replacedBy.push(undefined);
    }
  }

  #saw(value: Value, span: Span): void {
    if (value === undefined) this.#absenceSeen.push(span);
    else this.#factsOf(value).readers.push(span);
  }

  #wrote(value: string, span: Span, from: ValueFacts['from'], optional: boolean): void {
    this.#claim(value);
    const facts = this.#factsOf(value);
    facts.writer = span;
    facts.from = from;
    facts.optional = optional;
  }

  #claim(value: string): void {
    const once = this.#values.get(value)?.writer === undefined && !this.#rejected.has(value);
    assert(once, `linearizability: the value ${value} is written once`);
  }

  /** The value was there at some time; then so was what its writer replaced. */
  #need(first: ValueFacts): void {
    let facts = first;
    while (!facts.needed) {
      facts.needed = true;
      const { writer, from, value } = facts;
      if (writer === undefined) this.#contradiction = this.#describeMissing(facts);
      if (writer === undefined || from === 'anything' || from.value === undefined) return;
      facts = this.#factsOf(from.value);
      facts.replacers.push(writer);
      facts.replacedBy.push(value);
    }
  }

  #describeMissing({ value, readers, replacers }: ValueFacts): string {
    const [seenBy] = [...readers, ...replacers];
    const by = seenBy?.operation === undefined ? '' : ` by #${seenBy.operation.id}`;
    const rejected = this.#rejected.get(value);
    const why = rejected === undefined ? 'nobody wrote' : `only #${rejected.id} wrote, and it was rejected`;
    return `${describeValue(value)} was seen${by}, which ${why}`;
  }

  #factsOf(value: string): ValueFacts {
    const known = this.#values.get(value);
    if (known !== undefined) return known;
    const facts: ValueFacts = {
      value,
      writer: undefined,
      from: 'anything',
      optional: false,
      readers: [],
      replacers: [],
      replacedBy: [],
      needed: false,
    };
    this.#values.set(value, facts);
    return facts;
  }
}

/** The operations with ranks in place of moments. */
function ranked(operations: readonly Operation[]): Span[] {
  const moments: Moment[] = [];
  for (const { invoked, replied } of operations) {
    moments.push(invoked);
    if (replied !== undefined) moments.push(replied);
  }
  moments.sort(compareMoments);
  for (const [at, moment] of moments.entries()) {
    const before = moments[at - 1];
    assert(before === undefined || compareMoments(before, moment) < 0, 'linearizability: every moment is different');
  }
  const ranks = new Map(moments.map((moment, rank) => [moment, rank]));
  const rankOf = (moment: Moment): number => ranks.get(moment) ?? BEFORE;
  return operations.map((operation) => {
    const { invoked, replied, reply } = operation;
    const known = replied !== undefined && reply.outcome !== 'unknown';
    return { operation, start: rankOf(invoked), end: known ? rankOf(replied) : Number.POSITIVE_INFINITY };
  });
}
