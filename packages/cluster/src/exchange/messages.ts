/**
 * The messages of an exchange. Their bytes stand in `codec.ts`, what they are for in `docs/protocols/exchange.md`.
 *
 * The side that opened is the opener, the other the answerer. The opener asks, lists and compares; the answerer only answers.
 */
export type ExchangeMessage =
  | Open
  | Same
  | Opened
  | Ask
  | Hashes
  | List
  | Differs
  | Records
  | Acknowledged
  | Finish
  | Finished
  | Abort;

/** Before every message. */
export interface Envelope {
  /** Given by the opener, unique among its sessions with this peer. u32. */
  readonly session: number;
  /** Whether the sender opened the session: both may have opened one with the same number. */
  readonly fromOpener: boolean;
  /** Of this sender in this session: 0, 1, 2, … u32. */
  readonly sequence: number;
  /** The placement number under which the sender acts. u32. */
  readonly placement: number;
}

/** Hashes of nodes, two lanes each. Both arrays have the same length. */
export interface Lanes {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

/** Opener: this is my root. */
export interface Open {
  readonly kind: 'open';
  readonly placementClass: string;
  readonly partitionBits: number;
  readonly partition: number;
  readonly depth: number;
  /** Keys younger than this are left out by both sides. ms, u32; 0: none is. */
  readonly youngMs: number;
  readonly rootLow: number;
  readonly rootHigh: number;
}

/** Answerer: so is mine. The session is over. */
export interface Same {
  readonly kind: 'same';
  readonly rootLow: number;
  readonly rootHigh: number;
}

/** Answerer: mine is another; these are all nodes of a level. */
export interface Opened {
  readonly kind: 'opened';
  /** The lesser depth of the two trees: how far the walk goes. */
  readonly depth: number;
  readonly level: number;
  readonly hashes: Lanes;
}

/** Opener: what are the hashes below these nodes? */
export interface Ask {
  readonly kind: 'ask';
  readonly level: number;
  /** The level whose hashes are wanted. */
  readonly childLevel: number;
  /** Ascending. */
  readonly parents: Uint16Array;
}

/** Answerer: these, in the order of the question. */
export interface Hashes {
  readonly kind: 'hashes';
  readonly level: number;
  readonly hashes: Lanes;
}

/**
 * Opener: digests of all its keys in these leaves, in key order. Of the first leaf only those behind `after`, of the last
 * one only those up to `upto`, itself included, where these are given.
 */
export interface List {
  readonly kind: 'list';
  /** Ascending. */
  readonly leaves: Uint16Array;
  /** How many of the digests belong to each leaf. */
  readonly counts: Uint16Array;
  readonly after: Uint8Array | undefined;
  readonly upto: Uint8Array | undefined;
  readonly digests: Lanes;
}

/** Answerer: I lack these of your list. What you lack was sent before this. */
export interface Differs {
  readonly kind: 'differs';
  /** How many digests the list had. */
  readonly count: number;
  /** A bit for each digest of the list, the lowest of a byte first; 1: lacking. */
  readonly lacking: Uint8Array;
  /** Keys of this list that the answerer left out because they are young. */
  readonly leftOut: number;
}

export interface SentRecord {
  readonly key: Uint8Array;
  /** As `encodeRecord` of `@torc/base/record/codec` writes it; not looked at here. */
  readonly record: Uint8Array;
}

/** Either: whole records. */
export interface Records {
  readonly kind: 'records';
  readonly records: readonly SentRecord[];
}

/** Either: so many of your records, from the first of the session on, are durable here. */
export interface Acknowledged {
  readonly kind: 'acknowledged';
  readonly total: number;
}

/** Opener: everything is compared, and all that was sent is durable on both sides. */
export interface Finish {
  readonly kind: 'finish';
  /** Keys that the opener left out because they are young. */
  readonly leftOut: number;
}

/** Answerer: so it is. */
export interface Finished {
  readonly kind: 'finished';
}

/** Either: the session is over, unfinished. */
export interface Abort {
  readonly kind: 'abort';
  readonly reason: AbortReason;
}

/** In this order from 0 in the protocol. */
export const ABORT_REASONS = [
  'bad-message',
  'placement-changed',
  'not-held',
  'no-tree',
  'too-many-sessions',
  'unknown-session',
  'message-lost',
  'idle',
  'peer-lost',
  'source-failed',
  'merge-failed',
  'stopped',
] as const;

export type AbortReason = (typeof ABORT_REASONS)[number];
