/**
 * What a session of the exchange is told and what it wants: `step(event, now)` gives effects, nothing else happens. Two sides,
 * two machines: `opener.ts` and `answerer.ts`. `exchanges.ts` holds all sessions of a node.
 *
 * 1. Every effect but `send` and `ended` is answered by an event, later, once, in any order among several.
 * 2. `ended` comes once and last. Events after it change nothing.
 * 3. An `equal` or `complete` result says: whatever the other side held when the session was opened is durable here, but for
 *    the keys that were left out as young; and the same the other way round.
 */
import type { PartitionName } from './tree.ts';
import type { AbortReason, ExchangeMessage } from './messages.ts';
import type { LeafSource, ListRequest } from './source.ts';

export type SessionEvent =
  /** From the other side: decoded, in sequence, under the session's placement number. */
  | { readonly kind: 'message'; readonly message: ExchangeMessage; readonly sizeBytes: number }
  /** What a `load` asked for can be had now. */
  | { readonly kind: 'loaded' }
  /**
   * What a `merge` asked for is durable. `senderLacks`: what is held here now has another digest than the record that was
   * sent, so its sender lacks something.
   */
  | { readonly kind: 'merged'; readonly token: number; readonly senderLacks: boolean }
  /** It cannot go on: the other side is gone, a merge or a load failed, the placement changed. */
  | { readonly kind: 'fail'; readonly reason: AbortReason };

export type LoadRequest =
  | { readonly kind: 'list'; readonly request: ListRequest }
  | { readonly kind: 'records'; readonly keys: readonly Uint8Array[] };

export type SessionEffect =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** One at a time. Answered by `loaded`, or by `fail`. */
  | { readonly kind: 'load'; readonly load: LoadRequest }
  /**
   * Merge this record into the key's own, by record rules, durably. Answered by `merged` with the token, or by `fail`. The
   * bytes are the sender's and were not looked at: one that does not decode is a failed merge. They are parts of the message.
   */
  | { readonly kind: 'merge'; readonly token: number; readonly key: Uint8Array; readonly record: Uint8Array }
  | { readonly kind: 'ended'; readonly result: SessionResult };

export interface SessionResult {
  readonly role: 'opener' | 'answerer';
  /** `equal`: the roots were. */
  readonly outcome: 'equal' | 'complete' | 'aborted';
  /** When aborted. */
  readonly reason?: AbortReason;
  readonly begunAtMs: number;
  readonly endedAtMs: number;
  /** Keys that this side listed. */
  readonly keysCompared: number;
  readonly recordsSent: number;
  readonly recordsReceived: number;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /**
   * Keys that were left out as young, by either side as far as this side was told. A seat that is filled by an exchange needs
   * 0 here, which `youngMs` 0 makes sure of.
   */
  readonly leftOut: number;
}

/** Under what a session runs, on either side. */
export interface SessionTerms extends PartitionName {
  readonly session: number;
  readonly placement: number;
  readonly placementClass: string;
  readonly source: LeafSource;
  /** ms, u32. The opener's holds for both sides. */
  readonly youngMs: number;
  /** How old a write with this stamp is: ms. Negative when it is ahead of this node's clock, which is young, too. */
  readonly ageMs: (stamp: number) => number;
}

export interface Session {
  readonly isEnded: boolean;
  step(event: SessionEvent, nowMs: number): readonly SessionEffect[];
}
