/** A row of the command table: what COMMAND tells of it, and what it does. */
import type { Session } from './session.ts';

export interface Command {
  /** Lower case. */
  readonly name: string;
  /** Whether it may write. */
  readonly writes: boolean;
  /** How many arguments, the name included; negative: at least that many. */
  readonly arity: number;
  /** As COMMAND tells them, beside `write`. */
  readonly flags: readonly ('readonly' | 'fast' | 'denyoom' | 'stale' | 'loading' | 'noscript')[];
  /** Which arguments are keys, as Redis numbers them: first, last (negative counts from the end), step; 0 for none. */
  readonly keys: readonly [number, number, number];
  readonly group: 'connection' | 'string' | 'generic' | 'server';
  readonly summary: string;
  /** Writes exactly one reply, or throws a `Refusal` before it has written any of it. */
  run(session: Session): void;
}

/** The complaint Redis makes about a command's own arguments. */
export const SYNTAX_ERROR = 'ERR syntax error';
export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range';
