/** Histories of one register by hand: one call per operation, with its invocation and its reply in ms. */
import type { Operation, Reply, Request, Value } from '../../src/checkers/history.ts';

/** An operation that has no id, client and sequence numbers yet. */
export interface Draft {
  readonly request: Request;
  readonly reply: Reply;
  readonly from: number;
  /** `undefined`: no reply. */
  readonly to: number | undefined;
}

const APPLIED: Reply = { outcome: 'applied' };
const UNKNOWN: Reply = { outcome: 'unknown' };

export const read = (returned: Value, from: number, to: number): Draft => ({
  request: { kind: 'read' },
  reply: { outcome: 'applied', returned },
  from,
  to,
});

export const write = (value: string, from: number, to: number): Draft => ({
  request: { kind: 'write', value },
  reply: APPLIED,
  from,
  to,
});

export const erase = (from: number, to: number): Draft => ({ request: { kind: 'delete' }, reply: APPLIED, from, to });

export const swap = (expected: Value, value: string, from: number, to: number): Draft => ({
  request: { kind: 'compare-and-set', expected, value },
  reply: APPLIED,
  from,
  to,
});

/** A read-modify-write that found `returned`. */
export const exchange = (returned: Value, value: Value, from: number, to: number): Draft => ({
  request: { kind: 'read-modify-write', value },
  reply: { outcome: 'applied', returned },
  from,
  to,
});

/** The same operation without an outcome. */
export const unknown = (draft: Draft): Draft => ({ ...draft, reply: UNKNOWN, to: undefined });

/** The same operation, which wrote nothing. */
export const rejected = (draft: Draft): Draft => ({ ...draft, reply: { outcome: 'rejected' } });

export const conditionFailed = (draft: Draft): Draft => ({
  ...draft,
  reply: { outcome: 'rejected', conditionFailed: true },
});

/** In the given order, which breaks ties: what stands first begins and ends first. */
export function operationsOf(drafts: readonly Draft[]): Operation[] {
  return drafts.map(({ request, reply, from, to }, id) => ({
    id,
    client: `c${id}`,
    key: 'k',
    request,
    reply,
    invoked: { atMs: from, sequence: id },
    replied: to === undefined ? undefined : { atMs: to, sequence: drafts.length + id },
  }));
}
