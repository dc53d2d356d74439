/** Linearizability by its definition: every order of every choice of operations, on a register. For tiny histories. */
import { compareMoments, type Operation, type Value } from '../../src/checkers/history.ts';

export function isLegalByEveryOrder(operations: readonly Operation[], initial?: Value): boolean {
  return canFinish(operations.filter(constrains), initial);
}

/** Something depends on it, or it depends on something. */
function constrains({ request, reply }: Operation): boolean {
  if (reply.outcome === 'rejected') return reply.conditionFailed === true;
  return reply.outcome === 'applied' || request.kind !== 'read';
}

function canFinish(left: readonly Operation[], state: Value): boolean {
  if (left.every(({ reply }) => reply.outcome === 'unknown')) return true;
  return left.some((next) => {
    if (left.some((other) => endsBefore(other, next))) return false;
    const after = apply(next, state);
    return (
      after !== 'impossible' &&
      canFinish(
        left.filter((other) => other !== next),
        after.state,
      )
    );
  });
}

function endsBefore(a: Operation, b: Operation): boolean {
  return a.reply.outcome !== 'unknown' && a.replied !== undefined && compareMoments(a.replied, b.invoked) < 0;
}

function apply({ request, reply }: Operation, state: Value): { readonly state: Value } | 'impossible' {
  const returns = reply.outcome === 'applied' ? reply.returned : undefined;
  switch (request.kind) {
    case 'read':
      return returns === state ? { state } : 'impossible';
    case 'write':
      return { state: request.value };
    case 'delete':
      return { state: undefined };
    case 'compare-and-set':
      if (reply.outcome === 'rejected') return state === request.expected ? 'impossible' : { state };
      if (state === request.expected) return { state: request.value };
      return reply.outcome === 'unknown' ? { state } : 'impossible';
    case 'read-modify-write':
      return reply.outcome === 'unknown' || returns === state ? { state: request.value } : 'impossible';
  }
}
