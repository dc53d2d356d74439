/**
 * What becomes of a client's request (DESIGN section 6). `applied`: as many replicas as the level asks for hold it, durably.
 * `rejected`: nothing was written. `unknown`: it may be there or not, now or later; under its id that can be found out.
 */
import type { Dot } from '@torc/base/record/dot';
import type { TorcRecord } from '@torc/base/record/record';
import type { RefusalCode } from '@torc/base/errors';

/** Why a request was rejected, beside what a replica refuses. */
export type RejectionCode =
  | RefusalCode
  /** Too few homes can be reached for the level. */
  | 'unavailable'
  /** The seats can never satisfy the level. */
  | 'level-impossible'
  /** The deadline passed before anything was begun, or while reading. */
  | 'timed-out'
  /** There is no such bucket. */
  | 'no-bucket'
  /** A stored block of this key is damaged, and no other replica could answer for it. */
  | 'damaged';

export interface Rejected {
  readonly outcome: 'rejected';
  readonly code: RejectionCode;
  readonly text: string;
}

export interface Unknown {
  readonly outcome: 'unknown';
  readonly id: Uint8Array;
  readonly text: string;
}

export interface Applied {
  readonly outcome: 'applied';
  /** Of the version that was written. */
  readonly dot: Dot;
  /** The actors of the homes that hold it durably, as far as was known when the answer left. */
  readonly homes: readonly number[];
}

export interface Answered {
  readonly outcome: 'answered';
  /** The merge of what the homes hold; `undefined`: none of them has anything. */
  readonly record: TorcRecord | undefined;
  /** The actors of the homes that hold exactly that or more, durably. */
  readonly homes: readonly number[];
}

export type WriteOutcome = Applied | Rejected | Unknown;
export type ReadOutcome = Answered | Rejected;

export function rejected(code: RejectionCode, text: string): Rejected {
  return { outcome: 'rejected', code, text };
}
