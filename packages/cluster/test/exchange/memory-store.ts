/** A store for tests: records in maps, a tree that follows them, a leaf source whose disk is slow when it is told to be. */
import { compareBytes, readU32BigEndian, writeU32BigEndian } from '@torc/base/bytes';
import { partitionOf, positionOf } from '@torc/base/position';
import { advanceClock } from '@torc/base/record/clock';
import { decodeRecord, encodeRecord } from '@torc/base/record/codec';
import { type Digest, digestRecord } from '@torc/base/record/hash';
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcRecord } from '@torc/base/record/record';
import { digestForTree, hashOfKey, highLane, lowLane } from '../../src/exchange/entry-digest.ts';
import type { LoadRequest } from '../../src/exchange/session.ts';
import type { LeafEntry, LeafPage, LeafSource, ListRequest } from '../../src/exchange/source.ts';
import { depthFor, LeafTree, type PartitionName } from '../../src/exchange/tree.ts';

interface Kept {
  readonly key: Uint8Array;
  readonly record: TorcRecord;
  readonly digest: Digest;
}

export interface StoreOptions extends PartitionName {
  readonly actor: number;
  readonly depth?: number;
  /** A planted bug: digests leave out the dot. */
  readonly ignoresVersion?: boolean;
  /** Whether this answer has to come from the disk. */
  readonly isSlow?: () => boolean;
}

export class MemoryStore implements LeafSource {
  readonly actor: number;
  readonly #options: StoreOptions;
  /** By 2^14 equal parts of the partition, then by key. */
  readonly #parts = new Map<number, Map<string, Kept>>();
  #tree: LeafTree;
  #loaded: LoadRequest | undefined;

  constructor(options: StoreOptions) {
    this.actor = options.actor;
    this.#options = options;
    this.#tree = new LeafTree(options, options.depth ?? 6);
  }

  write(key: Uint8Array, text: string, stamp: number, isRemoval = false): void {
    const before = this.get(key);
    const clock = advanceClock(before?.clock ?? [], this.actor, stamp, 0);
    const value = isRemoval ? new Uint8Array(0) : Uint8Array.from(text, (char) => char.charCodeAt(0));
    const dot = { actor: this.actor, stamp };
    this.put(key, { clock, siblings: [{ dot, ...(isRemoval ? { tombstone: true as const } : {}), value }] });
  }

  put(key: Uint8Array, record: TorcRecord): void {
    const before = this.#kept(key);
    const digest = digestForTree(record, this.#options.ignoresVersion ?? false);
    this.#tree.update(positionIn(key), hashOfKey(key), before?.digest, digest);
    const part = this.#partOf(positionIn(key));
    const kept = this.#parts.get(part) ?? new Map<string, Kept>();
    kept.set(textOf(key), { key, record, digest });
    this.#parts.set(part, kept);
  }

  /** What a `merge` wants, and what is answered to it. */
  merge(key: Uint8Array, bytes: Uint8Array): { readonly senderLacks: boolean } {
    const sent = decodeRecord(bytes);
    const own = this.get(key);
    const merged = own === undefined ? sent : mergeRecords(own, sent);
    this.put(key.slice(), merged);
    return { senderLacks: !sameDigest(digestRecord(merged), digestRecord(sent)) };
  }

  get(key: Uint8Array): TorcRecord | undefined {
    return this.#kept(key)?.record;
  }

  /** By key, the digest of what is held, whatever the tree thinks. */
  contents(): ReadonlyMap<string, string> {
    const all = [...this.#parts.values()].flatMap((part) => [...part.values()]);
    return new Map(
      all
        .map(({ key, record }): [string, string] => [textOf(key), shown(digestRecord(record))])
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
  }

  /** The tree again from the records, as a background task would. */
  rebuild(depth: number = depthFor(this.#tree.keyCount)): void {
    const tree = new LeafTree(this.#options, depth);
    for (const part of this.#parts.values())
      for (const { key, digest } of part.values()) tree.update(positionIn(key), hashOfKey(key), undefined, digest);
    this.#tree = tree;
  }

  tree(): LeafTree {
    return this.#tree;
  }

  /** The answer to this `load` can be had in the next step. */
  load(load: LoadRequest): void {
    this.#loaded = load;
  }

  /** The step after a load is over. */
  forget(): void {
    this.#loaded = undefined;
  }

  list(request: ListRequest): LeafPage | 'loading' {
    if (this.#isSlow('list')) return 'loading';
    const { first, last } = request.range;
    const entries: LeafEntry[] = [];
    for (let part = this.#partOf(first); part <= this.#partOf(last); part += 1) {
      for (const { key, record, digest } of this.#parts.get(part)?.values() ?? []) {
        const position = positionIn(key);
        if (position < first || position > last) continue;
        if (request.after !== undefined && compareKeys(key, request.after) <= 0) continue;
        const keyHash = hashOfKey(key);
        const stamp = Math.max(...record.siblings.map(({ dot }) => dot.stamp));
        entries.push({ key, low: lowLane(keyHash, digest), high: highLane(keyHash, digest), stamp });
      }
    }
    entries.sort((a, b) => compareKeys(a.key, b.key));
    let bytes = 0;
    let end = 0;
    for (; end < Math.min(entries.length, request.limitEntries); end += 1) {
      bytes += entries[end]?.key.length ?? 0;
      if (end > 0 && bytes > request.limitBytes) break;
    }
    return { entries: entries.slice(0, end), isLast: end === entries.length };
  }

  record(key: Uint8Array): Uint8Array | undefined | 'loading' {
    if (this.#isSlow('records')) return 'loading';
    const record = this.get(key);
    return record === undefined ? undefined : encodeRecord(record);
  }

  positionOf(key: Uint8Array): number | undefined {
    return key.length < 6 ? undefined : positionIn(key);
  }

  #isSlow(kind: LoadRequest['kind']): boolean {
    return this.#loaded?.kind !== kind && (this.#options.isSlow?.() ?? false);
  }

  #kept(key: Uint8Array): Kept | undefined {
    return this.#parts.get(this.#partOf(positionIn(key)))?.get(textOf(key));
  }

  #partOf(position: number): number {
    return Math.floor((position % 2 ** (32 - this.#options.partitionBits)) / 2 ** (18 - this.#options.partitionBits));
  }
}

/** `bucket | position | key`, as the engine keeps it. */
export function keyOf(text: string, bucket = 0): Uint8Array {
  const name = Uint8Array.from(text, (char) => char.charCodeAt(0));
  const key = new Uint8Array(6 + name.length);
  key[1] = bucket;
  writeU32BigEndian(key, 2, positionOf(name, 0, name.length));
  key.set(name, 6);
  return key;
}

/** The first `count` of the keys `key-0`, `key-1`, … that are in the partition. */
export function keysIn({ partitionBits, partition }: PartitionName, count: number): readonly Uint8Array[] {
  const keys: Uint8Array[] = [];
  for (let n = 0; keys.length < count; n += 1) {
    const key = keyOf(`key-${n}`, n % 3 === 0 ? 1 : 0);
    if (partitionOf(positionIn(key), partitionBits) === partition) keys.push(key);
  }
  return keys;
}

export function positionIn(key: Uint8Array): number {
  return readU32BigEndian(key, 2);
}

/** The client's part of a key, for messages. */
export function textOf(key: Uint8Array): string {
  return `${key[1]}/${String.fromCharCode(...key.subarray(6))}`;
}

function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}

function sameDigest(a: Digest, b: Digest): boolean {
  return a.low === b.low && a.high === b.high;
}

function shown({ low, high }: Digest): string {
  return `${high.toString(16).padStart(8, '0')}${low.toString(16).padStart(8, '0')}`;
}
