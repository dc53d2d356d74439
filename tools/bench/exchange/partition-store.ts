/** One partition of one node, in memory: entries by position, and the tree over them. */
import { compareBytes, readU32BigEndian } from '@torc/base/bytes';
import { type Digest, digestRecord } from '@torc/base/record/hash';
import { decodeRecord, encodeRecord } from '@torc/base/record/codec';
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcRecord } from '@torc/base/record/record';
import { hashOfKey, highLane, lowLane } from '@torc/cluster/exchange/entry-digest';
import type { LeafEntry, LeafPage, LeafSource, ListRequest } from '@torc/cluster/exchange/source';
import { LeafTree, MAX_DEPTH, depthFor, type PartitionName } from '@torc/cluster/exchange/tree';

/** Never changed, so that both nodes may hold the same one. */
export interface Entry extends LeafEntry {
  readonly digest: Digest;
  readonly record: Uint8Array;
}

export function entryOf(key: Uint8Array, record: TorcRecord): Entry {
  const digest = digestRecord(record);
  const keyHash = hashOfKey(key);
  const stamp = record.siblings.reduce((most, { dot }) => Math.max(most, dot.stamp), 0);
  const [low, high] = [lowLane(keyHash, digest), highLane(keyHash, digest)];
  return { key, low, high, stamp, digest, record: encodeRecord(record) };
}

export class PartitionStore implements LeafSource {
  readonly #tree: LeafTree;
  /** Of each of 2^14 equal parts of the partition, its entries in the order of their keys. */
  readonly #parts: (Entry[] | undefined)[] = [];
  readonly #partPositions: number;
  readonly #first: number;

  constructor(name: PartitionName, entries: readonly Entry[]) {
    this.#tree = new LeafTree(name, depthFor(entries.length));
    this.#partPositions = 2 ** (32 - name.partitionBits - MAX_DEPTH);
    this.#first = name.partition * 2 ** (32 - name.partitionBits);
    for (const entry of entries) this.put(entry);
  }

  tree(): LeafTree {
    return this.#tree;
  }

  list({ range, after, limitEntries, limitBytes }: ListRequest): LeafPage {
    const entries: Entry[] = [];
    let bytes = 0;
    for (let part = this.#partOf(range.first); part <= this.#partOf(range.last); part += 1) {
      for (const entry of this.#parts[part] ?? []) {
        const position = positionIn(entry.key);
        if (position < range.first || position > range.last) continue;
        if (after !== undefined && compareKeys(entry.key, after) <= 0) continue;
        bytes += entry.key.length;
        if (entries.length === limitEntries || (entries.length > 0 && bytes > limitBytes)) {
          return { entries, isLast: false };
        }
        entries.push(entry);
      }
    }
    return { entries, isLast: true };
  }

  record(key: Uint8Array): Uint8Array | undefined {
    return this.get(key)?.record;
  }

  positionOf(key: Uint8Array): number | undefined {
    return key.length < 6 ? undefined : positionIn(key);
  }

  get(key: Uint8Array): Entry | undefined {
    const { part, at } = this.#placeOf(key);
    const entry = part?.[at];
    return entry !== undefined && compareKeys(entry.key, key) === 0 ? entry : undefined;
  }

  put(entry: Entry): void {
    const { part, at } = this.#placeOf(entry.key);
    const there = part?.[at];
    const before = there !== undefined && compareKeys(there.key, entry.key) === 0 ? there : undefined;
    if (part === undefined) this.#parts[this.#partOf(positionIn(entry.key))] = [entry];
    else part.splice(at, before === undefined ? 0 : 1, entry);
    this.#tree.update(positionIn(entry.key), hashOfKey(entry.key), before?.digest, entry.digest);
  }

  /** What a session's `merge` wants. Whether the sender lacks something of what is held now. */
  merge(key: Uint8Array, record: Uint8Array): boolean {
    const sent = decodeRecord(record);
    const own = this.get(key);
    const merged = entryOf(key.slice(), own === undefined ? sent : mergeRecords(decodeRecord(own.record), sent));
    this.put(merged);
    const { low, high } = digestRecord(sent);
    return merged.digest.low !== low || merged.digest.high !== high;
  }

  /** The part of a key, and where in it the key stands or would stand. */
  #placeOf(key: Uint8Array): { readonly part: Entry[] | undefined; readonly at: number } {
    const part = this.#parts[this.#partOf(positionIn(key))];
    let at = 0;
    let end = part?.length ?? 0;
    while (part !== undefined && at < end) {
      const middle = (at + end) >>> 1;
      if (compareKeys((part[middle] as Entry).key, key) < 0) at = middle + 1;
      else end = middle;
    }
    return { part, at };
  }

  #partOf(position: number): number {
    return Math.floor((position - this.#first) / this.#partPositions);
  }
}

/** Of the engine's key: `bucket | position | key`. */
export function positionIn(key: Uint8Array): number {
  return readU32BigEndian(key, 2);
}

function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}
