/**
 * A broken invariant is a bug: it stops the node, it is never an answer to a client.
 */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new InvariantError(what);
}
