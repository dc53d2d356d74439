/**
 * The linearizability checker for registers: is there one order of the operations on a key, keeping real time, in which
 * every answer is right? (Herlihy and Wing 1990; the search follows Wing and Gong 1993 and Lowe 2017, on blocks of
 * operations in place of single ones.)
 *
 * 1. `legal` and `illegal` are exact. A search that went beyond its limits says `undecided`, never `legal`.
 * 2. Values are unique on a key (`history.ts`); a history that breaks this is a mistake of the workload: InvariantError.
 * 3. Every prefix of a legal history is legal, with unknown outcomes where replies are missing. So the shortest illegal
 *    prefix is found by halving, and its last moment is the reply that no order explains.
 */
import { assert } from '@torc/base/assert';
import { compareMoments, type Moment, type Operation, type Value } from './history.ts';
import { buildBlocks } from './linearizability-blocks.ts';
import { explain } from './linearizability-explanation.ts';
import { gatherFacts } from './linearizability-facts.ts';
import { BlockSearch, type SearchLimits } from './linearizability-search.ts';

export interface RegisterOptions {
  /** What the register held before the history. */
  readonly initial?: Value;
  readonly limits?: SearchLimits;
}

export type RegisterVerdict =
  | { readonly verdict: 'legal'; readonly states: number }
  | { readonly verdict: 'undecided'; readonly states: number }
  | { readonly verdict: 'illegal'; readonly states: number; readonly explanation: Explanation };

export interface Explanation {
  /** The shortest illegal prefix: what was invoked in it, with unknown outcomes for what was answered later. */
  readonly prefix: readonly Operation[];
  /** The operation whose reply ends the prefix. */
  readonly last: Operation;
  /** The operations of the prefix that were open at some moment between the invocation and the reply of `last`. */
  readonly overlapping: readonly Operation[];
  /** Where `last` read: what it could have read instead. Only recent values are tried. */
  readonly possible: readonly Value[];
  /** For a person, on several lines. */
  readonly text: string;
}

const LIMITS: SearchLimits = { mostStates: 1_000_000, mostMemory: 1 << 25 };

/** An explanation takes some fifty searches, and is as good as these let it be. */
const EXPLANATION_LIMITS: SearchLimits = { mostStates: 20_000, mostMemory: 1 << 22 };

/** Judges the operations on one key. */
export function checkRegister(operations: readonly Operation[], options: RegisterOptions = {}): RegisterVerdict {
  const [first] = operations;
  assert(
    operations.every(({ key }) => key === first?.key),
    'linearizability: the operations of one key',
  );
  const { verdict, states, contradiction } = judge(operations, options);
  if (verdict !== 'illegal') return { verdict, states };
  const brief: RegisterOptions = { ...options, limits: EXPLANATION_LIMITS };
  const { prefix, why } = shortestIllegal(operations, brief, contradiction);
  const isLegal = (changed: readonly Operation[]): boolean => judge(changed, brief).verdict === 'legal';
  return { verdict, states, explanation: explain(prefix, why, isLegal, options.initial) };
}

interface Judgement {
  readonly verdict: RegisterVerdict['verdict'];
  readonly states: number;
  readonly contradiction: string | undefined;
}

function judge(operations: readonly Operation[], { initial, limits }: RegisterOptions): Judgement {
  const facts = gatherFacts(operations, initial);
  const blocks = buildBlocks(facts);
  const { contradiction } = blocks;
  if (contradiction !== undefined) return { verdict: 'illegal', states: 0, contradiction };
  const search = new BlockSearch(facts, blocks, limits ?? LIMITS);
  const verdict = search.run(initial);
  return { verdict, states: search.states, contradiction };
}

/** The shortest prefix that is illegal, as far as the limits let that be known, and why if that is plain. */
function shortestIllegal(
  operations: readonly Operation[],
  options: RegisterOptions,
  contradiction: string | undefined,
): { readonly prefix: readonly Operation[]; readonly why: string | undefined } {
  const moments = operations
    .flatMap(({ invoked, replied }) => (replied === undefined ? [invoked] : [invoked, replied]))
    .sort(compareMoments);
  let why = contradiction;
  // The prefix of no moments is legal, the one of all is not.
  let legal = 0;
  let illegal = moments.length;
  while (illegal - legal > 1) {
    const middle = (legal + illegal) >>> 1;
    const judged = judge(prefixOf(operations, moments[middle - 1] as Moment), options);
    if (judged.verdict === 'illegal') {
      illegal = middle;
      why = judged.contradiction;
    } else {
      legal = middle;
    }
  }
  return { prefix: prefixOf(operations, moments[illegal - 1] as Moment), why };
}

/** What was known at that moment, which is included. */
function prefixOf(operations: readonly Operation[], until: Moment): Operation[] {
  return operations
    .filter(({ invoked }) => compareMoments(invoked, until) <= 0)
    .map((operation) => {
      const { replied } = operation;
      const open = replied === undefined || compareMoments(replied, until) > 0;
      return open ? { ...operation, replied: undefined, reply: { outcome: 'unknown' } } : operation;
    });
}
