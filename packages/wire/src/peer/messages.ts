/**
 * What nodes say to each other (DESIGN sections 6 to 8). The bytes: `docs/protocols/peer-messages.md`; `codec.ts` writes
 * and reads them. Limits: `limits.ts`.
 *
 * Numbers are unsigned integers: u8, u16 and u32 by their bits, u53 a safe integer. Stamps are u53, placement numbers,
 * actors and ids u32, buckets and partitions u16.
 *
 * Every message carries the sender's stamp, to which the receiver advances, and every request how long its sender still
 * waits: as what is left and not as a time, because clocks differ.
 */
export interface Sent {
  /** The sender's. */
  readonly stamp: number;
}

export interface Request extends Sent {
  /** Unique per sender and boot. */
  readonly id: number;
  /** What is left of the deadline: u32. */
  readonly remainingMs: number;
}

export interface Reply extends Sent {
  /** Of the request. */
  readonly id: number;
}

/** Merge this record, and answer when it is durable. */
export interface Store extends Request {
  readonly kind: 'store';
  readonly placement: number;
  readonly bucket: number;
  readonly key: Uint8Array;
  readonly record: Uint8Array;
  readonly wantsNewer: boolean;
}

/** Merged and durable. */
export interface Stored extends Reply {
  readonly kind: 'stored';
  /** The home's whole record, when it still answers something newer. */
  readonly newer?: Uint8Array;
}

export interface Fetch extends Request {
  readonly kind: 'fetch';
  readonly placement: number;
  readonly bucket: number;
  readonly key: Uint8Array;
  readonly digestOnly: boolean;
}

/** When `found`: either the digest or the record. Otherwise the key is absent, and neither is there. */
export interface Fetched extends Reply {
  readonly kind: 'fetched';
  readonly found: boolean;
  /** Two u32 (`packages/base/src/record/hash.ts`). */
  readonly digest?: { readonly low: number; readonly high: number };
  readonly record?: Uint8Array;
}

/** In this order from 1 in the format: a new code goes to the end. */
export const PEER_REFUSAL_CODES = [
  /** The request named an older placement than the receiver's, which is attached. */
  'placement-changed',
  /** The request named a newer placement, or a bucket that the receiver does not know yet. */
  'placement-unknown',
  /** The receiver holds no seat of the partition. */
  'not-home',
  /** The seat may lack something: it takes writes and answers no reads. */
  'filling',
  /** The deadline had passed before the work began. */
  'expired',
  'disk-full',
  'memory-full',
  /** A stored block of the key fails its checksum: the key may be there. */
  'damaged',
  'stopped',
  'too-busy',
  'bad-message',
  'key-too-long',
  'value-too-long',
  'too-many-siblings',
] as const;

export type PeerRefusalCode = (typeof PEER_REFUSAL_CODES)[number];

/** Not done. */
export interface Refused extends Reply {
  readonly kind: 'refused';
  readonly code: PeerRefusalCode;
  /** For people: printable ASCII, cut at 512 bytes; anything else in it is sent as `?`. */
  readonly text: string;
  /** The newer document, encoded. */
  readonly topology?: Uint8Array;
}

/** One client's operation, handed to the node that coordinates it. */
export interface Operation {
  readonly op: 'read' | 'write' | 'remove';
  readonly bucket: number;
  readonly key: Uint8Array;
  /** u8: a place in a table that the caller owns, or 0x80 + n for a number. */
  readonly level: number;
  /** Of a write, and of nothing else. */
  readonly value?: Uint8Array;
  /** ms since 1970, u53; 0 means never. */
  readonly expiresAtMs: number;
  /** What the client has read: an encoded clock (`packages/base/src/record/clock-codec.ts`). */
  readonly context?: Uint8Array;
  /** 1 to 64 bytes. */
  readonly operationId?: Uint8Array;
  readonly firstStamp?: number;
  readonly isSecondAttempt: boolean;
  /** What the session has seen: an encoded clock. */
  readonly atLeast?: Uint8Array;
}

export interface Forward extends Request {
  readonly kind: 'forward';
  readonly placement: number;
  readonly operation: Operation;
}

export interface Forwarded extends Reply {
  readonly kind: 'forwarded';
  readonly outcome: 'applied' | 'rejected' | 'unknown';
  /** For programs: 1 to 64 bytes of printable ASCII. */
  readonly code?: string;
  /** For people, as in `Refused`. */
  readonly text?: string;
  readonly record?: Uint8Array;
  /** Stamp and actor of the version that was written: both or neither. */
  readonly stamp0?: number;
  readonly actor0?: number;
  /** A set of bits, u16, whose meaning is the caller's. */
  readonly met: number;
  /** 1 to 64 bytes. */
  readonly operationId?: Uint8Array;
}

/** Send me the topology if yours is newer than this epoch (u53). */
export interface WantTopology extends Sent {
  readonly kind: 'want-topology';
  readonly epoch: number;
}

export interface TopologyIs extends Sent {
  readonly kind: 'topology';
  /** Encoded (`docs/formats/topology.md`). */
  readonly document: Uint8Array;
}

/** The sender is alive. */
export interface Beat extends Sent {
  readonly kind: 'beat';
  /** Of the topology it knows: u53. */
  readonly epoch: number;
  /** How often it has started: u53. */
  readonly boot: number;
  /** How late its event loop runs: u32. */
  readonly lagMs: number;
}

export interface ScanPage extends Request {
  readonly kind: 'scan-page';
  readonly placement: number;
  readonly bucket: number;
  readonly partition: number;
  /** The engine's key behind which to go on. */
  readonly after?: Uint8Array;
  /** Entries wanted at most: 1 to 4096. */
  readonly limit: number;
}

export interface ScannedPage extends Reply {
  readonly kind: 'scanned-page';
  readonly entries: readonly PageEntry[];
  readonly more: boolean;
}

export interface PageEntry {
  readonly key: Uint8Array;
  readonly record: Uint8Array;
}

/** A message of the exchange protocol, which has a codec of its own. */
export interface Exchange extends Sent {
  readonly kind: 'exchange';
  readonly body: Uint8Array;
}

export type PeerMessage =
  | Store
  | Stored
  | Fetch
  | Fetched
  | Refused
  | Forward
  | Forwarded
  | WantTopology
  | TopologyIs
  | Beat
  | ScanPage
  | ScannedPage
  | Exchange;
