/** Says to a person why a register's history is not linearizable. */
import { assert } from '@torc/base/assert';
import {
  compareMoments,
  describeOperation,
  describeValue,
  writtenValue,
  type Operation,
  type Value,
} from './history.ts';
import type { Explanation } from './linearizability.ts';

/** Values tried as another answer; each costs one search. */
const MOST_TRIED = 40;

/** `prefix` is illegal, and legal without its last reply. `why` is a plain contradiction, where there is one. */
export function explain(
  prefix: readonly Operation[],
  why: string | undefined,
  isLegal: (operations: readonly Operation[]) => boolean,
  initial: Value,
): Explanation {
  const last = prefix.filter(hasReply).reduce((a, b) => (compareMoments(b.replied, a.replied) > 0 ? b : a));
  const overlapping = prefix.filter((operation) => operation !== last && overlaps(operation, last));
  const possible = possibleAnswers(prefix, last, isLegal, initial);
  const lines = [
    `no order of the first ${prefix.length} operations explains the reply to ${describeOperation(last)}`,
    ...(why === undefined ? [] : [why]),
    ...(possible.length === 0 ? [] : [`it could have returned ${possible.map(describeValue).join(', ')}`]),
    ...(overlapping.length === 0 ? [] : ['open at the same time:']),
    ...overlapping.map((operation) => `  ${describeOperation(operation)}`),
  ];
  return { prefix, last, overlapping, possible, text: lines.join('\n') };
}

type Replied = Operation & { readonly replied: NonNullable<Operation['replied']> };

function hasReply(operation: Operation): operation is Replied {
  return operation.replied !== undefined;
}

/** An operation without an outcome stays open. */
function overlaps({ replied, reply }: Operation, last: Operation): boolean {
  if (reply.outcome === 'unknown') return true;
  assert(replied !== undefined, 'linearizability: an outcome comes with a reply');
  return compareMoments(replied, last.invoked) > 0;
}

function possibleAnswers(
  prefix: readonly Operation[],
  last: Operation,
  isLegal: (operations: readonly Operation[]) => boolean,
  initial: Value,
): Value[] {
  const { kind } = last.request;
  if (last.reply.outcome !== 'applied' || (kind !== 'read' && kind !== 'read-modify-write')) return [];
  const written = prefix.filter((operation) => operation !== last).map(({ request }) => writtenValue(request));
  const tried = [...new Set([undefined, initial, ...written.reverse()])].slice(0, MOST_TRIED);
  return tried.filter((returned) => {
    const changed: Operation = { ...last, reply: { outcome: 'applied', returned } };
    return isLegal(prefix.map((operation) => (operation === last ? changed : operation)));
  });
}
