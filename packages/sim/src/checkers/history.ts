/**
 * What clients observed: one operation per request, with the moments of its invocation and its reply. Checkers judge a
 * store by this alone; they never look inside it.
 *
 * 1. Every moment of a history is different: moments of one millisecond are ordered by their sequence numbers.
 * 2. An operation that has no reply is `unknown`. So is one whose reply says so, whenever it came.
 * 3. No two operations on a key write the same value, so that whoever shows a value says which operation it saw.
 */
import { assert } from '@torc/base/assert';

/** A value of a register; `undefined`: there is none. */
export type Value = string | undefined;

/** `atMs` is virtual time. `sequence` orders moments of the same millisecond. */
export interface Moment {
  readonly atMs: number;
  readonly sequence: number;
}

/**
 * What was asked. `read-modify-write` takes any old value, writes `value` (`undefined` deletes) and returns the old one.
 * An operation that computes its value from the old one is recorded as a `compare-and-set` of the two when it was applied;
 * one with an unknown outcome cannot be recorded, because nobody knows what it wrote.
 */
export type Request =
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly value: string }
  | { readonly kind: 'delete' }
  | { readonly kind: 'compare-and-set'; readonly expected: Value; readonly value: string }
  | { readonly kind: 'read-modify-write'; readonly value: Value };

/**
 * - `applied`: it took effect between invocation and reply. `returned` is what a read showed or a read-modify-write replaced.
 * - `rejected`: it wrote nothing and never will. `conditionFailed`: because at some moment in between the value was not the
 *   expected one; otherwise it says nothing about the value.
 * - `unknown`: it takes effect at any time after its invocation, even after the reply, or never.
 */
export type Reply =
  | { readonly outcome: 'applied'; readonly returned?: Value }
  | { readonly outcome: 'rejected'; readonly conditionFailed?: boolean }
  | { readonly outcome: 'unknown' };

export interface Operation {
  /** Its place in the history, from 0. */
  readonly id: number;
  readonly client: string;
  readonly key: string;
  readonly request: Request;
  readonly invoked: Moment;
  /** `undefined` as long as there is no reply. */
  readonly replied: Moment | undefined;
  readonly reply: Reply;
}

const UNKNOWN: Reply = { outcome: 'unknown' };

/** Records a history while it happens. */
export class History {
  readonly #operations: Operation[] = [];
  #sequence = 0;
  #latestMs = Number.NEGATIVE_INFINITY;

  /** Returns the id to give to `reply`. Times never go back. */
  invoke(client: string, key: string, request: Request, atMs: number): number {
    const id = this.#operations.length;
    const invoked = this.#moment(atMs);
    this.#operations.push({ id, client, key, request, invoked, replied: undefined, reply: UNKNOWN });
    return id;
  }

  reply(id: number, reply: Reply, atMs: number): void {
    const operation = this.#operations[id];
    assert(operation !== undefined, 'history: a reply to an operation that was invoked');
    assert(operation.replied === undefined, 'history: one reply to an operation');
    this.#operations[id] = { ...operation, replied: this.#moment(atMs), reply };
  }

  /** All operations in the order of their invocations. */
  operations(): readonly Operation[] {
    return this.#operations.slice();
  }

  /** The operations of each key. */
  byKey(): Map<string, Operation[]> {
    return groupBy(this.#operations, (operation) => operation.key);
  }

  #moment(atMs: number): Moment {
    assert(atMs >= this.#latestMs, 'history: time does not go back');
    this.#latestMs = atMs;
    this.#sequence += 1;
    return { atMs, sequence: this.#sequence };
  }
}

export function compareMoments(a: Moment, b: Moment): number {
  return a.atMs - b.atMs || a.sequence - b.sequence;
}

/** The items of each name, in their order. */
export function groupBy<T, Name>(items: readonly T[], nameOf: (item: T) => Name): Map<Name, T[]> {
  const groups = new Map<Name, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
}

/** The value that an operation writes if it takes effect; `undefined` also when it only reads. */
export function writtenValue(request: Request): Value {
  return request.kind === 'read' || request.kind === 'delete' ? undefined : request.value;
}

/** One line for a person. */
export function describeOperation({ id, client, request, invoked, replied, reply }: Operation): string {
  const until = replied === undefined ? 'no reply' : `${replied.atMs} ms`;
  return `#${id} ${client} ${describeRequest(request)} -> ${describeReply(request, reply)} [${invoked.atMs} ms, ${until}]`;
}

export function describeValue(value: Value): string {
  return value ?? '(absent)';
}

function describeRequest(request: Request): string {
  switch (request.kind) {
    case 'read':
    case 'delete':
      return request.kind;
    case 'write':
      return `write ${request.value}`;
    case 'compare-and-set':
      return `compare-and-set ${describeValue(request.expected)} to ${request.value}`;
    case 'read-modify-write':
      return `read-modify-write to ${describeValue(request.value)}`;
  }
}

function describeReply(request: Request, reply: Reply): string {
  if (reply.outcome === 'rejected') return reply.conditionFailed === true ? 'condition failed' : 'rejected';
  if (reply.outcome === 'unknown') return 'unknown';
  const returns = request.kind === 'read' || request.kind === 'read-modify-write';
  return returns ? `applied, returned ${describeValue(reply.returned)}` : 'applied';
}
