/**
 * Where an exchange takes its keys and records from: one class of buckets in one partition, as one node holds it. Fulfilled
 * by the node over its engine.
 *
 * A key here is bytes that name a key of any bucket of the class: the engine's key, `bucket | position | key`.
 *
 * Contract:
 * 1. Nothing is seen here that is not durable: an exchange that saw a record lets the other side rely on it.
 * 2. `list` answers in ascending order of the keys' bytes, unsigned. Both sides have the same order, so pages end at the same keys.
 * 3. `list` may read a snapshot, but none older than the session; the tree may have moved on. A list that is older than the
 *    tree costs one more exchange, never a record.
 * 4. `loading` means: not without the disk. The session then asks for it with a `load`, and once that is answered it asks
 *    again in the very same step; by then the answer has to be there.
 */
import type { PositionRange } from '../ring/partitions.ts';
import type { LeafTree } from './tree.ts';

export interface LeafEntry {
  readonly key: Uint8Array;
  /** The lanes of its digest, as `lowLane` and `highLane` make them. */
  readonly low: number;
  readonly high: number;
  /** The highest stamp among its siblings: how old the key is. */
  readonly stamp: number;
}

export interface LeafPage {
  readonly entries: readonly LeafEntry[];
  /** Nothing of the range lies behind these. A page that is not the last has one entry at least. */
  readonly isLast: boolean;
}

export interface ListRequest {
  readonly range: PositionRange;
  /** Only keys behind this one. */
  readonly after: Uint8Array | undefined;
  /** At least 1. */
  readonly limitEntries: number;
  /** Of keys, for what is made per page. The first entry may exceed it. */
  readonly limitBytes: number;
}

export interface LeafSource {
  /** `undefined` while it is built. */
  tree(): LeafTree | undefined;
  list(request: ListRequest): LeafPage | 'loading';
  /** The record's bytes as they are now, `undefined` when the key has none. The bytes stay as they are until they are sent. */
  record(key: Uint8Array): Uint8Array | undefined | 'loading';
  /** `undefined` when these bytes name no key of the class. */
  positionOf(key: Uint8Array): number | undefined;
}
