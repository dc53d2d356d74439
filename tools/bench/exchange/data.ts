/** The keys that both nodes hold, and the differences between them. Nothing is drawn, so every run has the same. */
import { asciiBytes, writeU32BigEndian } from '@torc/base/bytes';
import { partitionOf, positionOf } from '@torc/base/position';
import { decodeRecord } from '@torc/base/record/codec';
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcRecord } from '@torc/base/record/record';
import type { PartitionName } from '@torc/cluster/exchange/tree';
import { type Entry, entryOf, PartitionStore, positionIn } from './partition-store.ts';

/** One partition at both nodes. */
export interface Pair extends PartitionName {
  readonly one: PartitionStore;
  readonly other: PartitionStore;
  /** Of each key that differs the largest record that a node holds before or afterwards, with the key. */
  readonly differingBytes: number;
}

const firstStamp = 2 ** 40;
const [oneActor, otherActor] = [1, 2];

/** By partition. */
export function sharedEntries(keys: number, partitionBits: number, valueBytes: number): readonly (readonly Entry[])[] {
  const partitions = Array.from({ length: 2 ** partitionBits }, (): Entry[] => []);
  for (let n = 0; n < keys; n += 1) {
    const key = keyNumber(n);
    const entry = entryOf(key, first(firstStamp + n, valueBytes));
    partitions[partitionOf(positionIn(key), partitionBits)]?.push(entry);
  }
  return partitions;
}

/** Every so many-th key differs, in turn in each of the four ways. */
export function pairsThatDiffer(
  shared: readonly (readonly Entry[])[],
  partitionBits: number,
  differing: number,
): readonly Pair[] {
  const keys = shared.reduce((sum, { length }) => sum + length, 0);
  let at = 0;
  let made = 0;
  return shared.map((entries, partition): Pair => {
    const name = { partitionBits, partition };
    const [ones, others]: [Entry[], Entry[]] = [[], []];
    let differingBytes = 0;
    for (const entry of entries) {
      at += 1;
      if (Math.floor((at * differing) / keys) === made) {
        ones.push(entry);
        others.push(entry);
        continue;
      }
      const [one, other, largest] = versions(entry, made);
      made += 1;
      differingBytes += largest;
      if (one !== undefined) ones.push(one);
      if (other !== undefined) others.push(other);
    }
    return { ...name, one: new PartitionStore(name, ones), other: new PartitionStore(name, others), differingBytes };
  });
}

/** What each node holds of a key that differs, and the bytes of the largest record of it. */
function versions(entry: Entry, way: number): readonly [Entry | undefined, Entry | undefined, number] {
  const largest = (record: Uint8Array): number => entry.key.length + record.length;
  if (way % 4 === 2) {
    const missing = way % 8 === 2;
    return [missing ? undefined : entry, missing ? entry : undefined, largest(entry.record)];
  }
  const record = decodeRecord(entry.record);
  const byOne = entryOf(entry.key, next(record, oneActor, way));
  if (way % 4 === 0) return [byOne, entry, largest(byOne.record)];
  const byOther = entryOf(entry.key, next(record, otherActor, way));
  if (way % 4 === 1) return [entry, byOther, largest(byOther.record)];
  const both = mergeRecords(decodeRecord(byOne.record), decodeRecord(byOther.record));
  return [byOne, byOther, largest(entryOf(entry.key, both).record)];
}

function first(stamp: number, valueBytes: number): TorcRecord {
  const clock = [{ actor: oneActor, since: stamp, upto: stamp }];
  return { clock, siblings: [{ dot: { actor: oneActor, stamp }, value: new Uint8Array(valueBytes).fill(stamp) }] };
}

/** The record after one more write by this actor. */
function next(record: TorcRecord, actor: number, at: number): TorcRecord {
  const stamp = 2 * firstStamp + at;
  const value = (record.siblings[0]?.value ?? new Uint8Array(0)).slice().fill(at);
  const since = record.clock.find((interval) => interval.actor === actor)?.since ?? stamp;
  const others = record.clock.filter((interval) => interval.actor !== actor);
  const clock = [...others, { actor, since, upto: stamp }].toSorted((a, b) => a.actor - b.actor);
  return { clock, siblings: [{ dot: { actor, stamp }, value }] };
}

/** The engine's key of bucket 0. */
function keyNumber(n: number): Uint8Array {
  const name = asciiBytes(`key:${String(n).padStart(12, '0')}`);
  const key = new Uint8Array(6 + name.length);
  writeU32BigEndian(key, 2, positionOf(name, 0, name.length));
  key.set(name, 6);
  return key;
}
