/**
 * Messages between nodes. A message is opaque bytes and arrives whole; frames, the coalescing of a turn's messages and
 * the handshake are the implementation's.
 *
 * Connections:
 * - `connect` always makes a new one. Any number may stand between two nodes, of both kinds; each is ordered in itself,
 *   and none waits for another.
 * - A connection is open once both sides know each other's identity and accept it. Nothing that was sent leaves before.
 *   A peer of another cluster, and one with the own node's name (two nodes claim one name), is refused: `wrong-peer`.
 *   Formats and features are told and not judged.
 * - A connection to oneself is a bug of the caller, as are a range outside its buffer, a second `listen` and use of a
 *   transport after `close`: `InvariantError`. Use of a connection after its end is not: the end may just have come.
 *
 * Messages, within one connection:
 * - They arrive in the order in which they were sent, each at most once, none torn, none invented. What arrives is a
 *   prefix of what was sent: a message is lost only together with all that were sent after it, and with `closed`.
 * - What was sent before a `closed` may or may not have arrived. Only an answer of the peer proves that it did.
 * - After `close` by one side of an open connection all that was sent before it still goes out, and unless the connection
 *   breaks meanwhile, it arrives before the other side's `closed`; then the closing side has its own `closed`. What comes
 *   towards the closing side is dropped. A connection that was not open yet is given up with what was sent on it.
 *
 * Bounds:
 * - What `send` took and has not gone out counts in `queuedBytes`, which stays within `limits.queueBytes`. Each message
 *   counts a few bytes more than it has: an empty one is not free.
 * - What does not fit is refused, whole. Nothing that was taken is dropped without `closed`.
 *
 * Silence: the implementation probes connections that are idle. A side that has heard nothing for a time of the order of
 * `limits.silenceMs` closes as `timed-out`, and so does a connection that has not opened after `limits.connectMs`. Until
 * then a connection may be half-open: alive for one side, gone for the other.
 *
 * Callbacks:
 * - None runs inside a call of this port. An error that one throws is a bug of its owner: the implementation lets it
 *   escape, it does not swallow it.
 * - `opened` comes at most once and first of all, `closed` exactly once and last, whoever ended the connection. After a
 *   `close` by this side nothing but `closed` comes, with `closed` as its reason.
 */
export interface Transport {
  readonly limits: TransportLimits;
  /** Takes connections from now on. `accept` is called when the handshake is done: `peer` is known, `opened` follows. */
  listen(accept: (connection: Connection) => ConnectionHandler): void;
  /** Nobody there: `closed` with `refused` or `timed-out`, as always later, never from within the call. */
  connect(address: string, kind: ConnectionKind, handler: ConnectionHandler): Connection;
  /** Takes no more connections and closes all. Settles when each handler has had its `closed`. Twice is fine. */
  close(): Promise<void>;
}

/** Two classes, so that a long transfer holds up no request: what it is used for is the caller's affair. */
export type ConnectionKind = 'urgent' | 'bulk';

export interface Connection {
  readonly kind: ConnectionKind;
  /** Who is at the other end, as the handshake said. `undefined` until the connection is open. */
  readonly peer: PeerIdentity | undefined;
  /** 0 once the connection has ended. */
  readonly queuedBytes: number;
  /** The message is `bytes` from `start` to `end`. Copied before it returns: the caller may use the buffer again. */
  send(bytes: Uint8Array, start: number, end: number): SendResult;
  /** Ends the connection from this side. After its end, or twice, it does nothing. */
  close(): void;
}

/**
 * `sent`: taken. `slow`: taken, but the queue is at its high-water mark or above; the caller slows down until `drained`.
 * `refused`: not taken, because the queue has no room (`drained` comes later), because the message is longer than
 * `limits.messageBytes`, or because the connection has ended.
 */
export type SendResult = 'sent' | 'slow' | 'refused';

export interface ConnectionHandler {
  opened(): void;
  /** A message: `bytes` from `start` to `end`, valid until this returns. */
  received(bytes: Uint8Array, start: number, end: number): void;
  /** After a `slow`, or a `refused` for want of room, the queue has fallen to half the high-water mark or below. Once. */
  drained(): void;
  closed(reason: CloseReason): void;
}

/**
 * `refused`: nobody takes connections there. `wrong-peer`: the handshake showed somebody else than wanted. `timed-out`:
 * silence. `reset`: it broke. `closed`: one side has closed it.
 */
export type CloseReason = 'refused' | 'wrong-peer' | 'timed-out' | 'reset' | 'closed';

/** Given to a transport when it is made, and told to every peer. */
export interface PeerIdentity {
  /** Guards against joining the wrong cluster. */
  readonly clusterId: string;
  /** The node's name, unique in its cluster. */
  readonly node: string;
  /** Raised by every start of the node. */
  readonly boot: number;
  /** The newest format number that the node can read and write. */
  readonly formatNumber: number;
  readonly features: readonly string[];
}

export interface TransportLimits {
  /** The longest message. */
  readonly messageBytes: number;
  /** From so many queued bytes on `send` answers `slow`. Below `queueBytes`. */
  readonly highWaterBytes: number;
  /** `queuedBytes` never exceeds it. Any message fits a queue at half the high-water mark: none waits for ever. */
  readonly queueBytes: number;
  readonly connectMs: number;
  readonly silenceMs: number;
}
