/** Short ways to make tables and edits, to run a manifest and to look at its file. */
import type { Disk } from '@torc/base/ports/disk';
import { asciiBytes } from '@torc/base/bytes';
import fc from 'fast-check';
import { readWhole } from '../../src/commit-log/log-reader.ts';
import type { FilePorts } from '../../src/commit-log/log-file.ts';
import { DamagePolicy, type Gap } from '../../src/commit-log/salvage.ts';
import type { KeyRange, PlacedTable, VersionEdit } from '../../src/manifest/edit.ts';
import { Manifest } from '../../src/manifest/manifest.ts';
import type { TableMeta } from '../../src/sstable/table-meta.ts';
import type { World } from '../support/world.ts';

export function table(number: number, facts: Partial<PlacedTable> = {}): PlacedTable {
  const meta: TableMeta = {
    number,
    fileBytes: 4096 + number,
    entries: 10,
    parts: 1,
    tombstones: 2,
    expiring: 3,
    firstKey: asciiBytes(`a${number}`),
    lastKey: asciiBytes(`b${number}`),
    lowStamp: 1000,
    highStamp: 2000,
    lowExpiryMs: 0,
    highExpiryMs: 0,
    keyBytes: 40,
    recordBytes: 900,
    blocks: 2,
    filterBytes: 16,
    indexBytes: 64,
  };
  return { rank: 0, meta, holes: [], damaged: [], ...facts };
}

/** A range from a text to another, or to the end. */
export function range(from: string, to?: string): KeyRange {
  return to === undefined ? { from: asciiBytes(from) } : { from: asciiBytes(from), to: asciiBytes(to) };
}

/** Edits as an engine makes them: flushes, a compaction, a drop, an expiry; each changes the contents visibly. */
export const EDITS: readonly VersionEdit[] = [
  { put: [table(1)], logFloor: 2, state: new Map([[1, 5000]]), counts: new Map([[0, 10]]), nextTable: 2 },
  { put: [table(2, { rank: 1 })], logFloor: 3, state: new Map([[1, 6000]]), counts: new Map([[0, 20]]) },
  { put: [table(3), table(4)], removed: [1, 2], countChanges: new Map([[0, -3]]) },
  { put: [table(3, { holes: [range('a', 'b'), range('c')] })] },
  { put: [table(5, { rank: 2, damaged: [range('x', 'y')] })], logFloor: 4, nextTable: 9 },
  { removed: [3, 4], put: [table(9)] },
];

export interface Opened {
  readonly manifest: Manifest;
  readonly gaps: readonly Gap[];
}

export interface OpenOptions {
  readonly salvage?: boolean;
  readonly rollAboveBytes?: number;
  readonly ports?: FilePorts;
}

export function open(world: World, options: OpenOptions = {}): Opened {
  const { salvage = false, rollAboveBytes, ports = world.ports() } = options;
  const policy = new DamagePolicy(salvage);
  return { manifest: Manifest.open(ports, policy, rollAboveBytes), gaps: policy.gaps };
}

export async function appendAll(world: World, manifest: Manifest, edits: readonly VersionEdit[]): Promise<void> {
  for (const edit of edits) await world.scheduler.settle(manifest.append(edit));
}

export function contentsOf(disk: Disk, path: string): Uint8Array {
  return readWhole(disk, path);
}

const key = fc.uint8Array({ maxLength: 12 });
const nat = fc.oneof(fc.nat(300), fc.maxSafeNat());
const below = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) < 0;

/** Sorted, disjoint; perhaps without an end. */
const ranges: fc.Arbitrary<KeyRange[]> = fc
  .tuple(fc.uniqueArray(key, { maxLength: 7, comparator: (a, b) => Buffer.compare(a, b) === 0 }), fc.boolean())
  .map(([keys, open]) => {
    const sorted = keys.toSorted((a, b) => Buffer.compare(a, b));
    const made: KeyRange[] = [];
    for (let at = 0; at + 1 < sorted.length; at += 2) {
      made.push({ from: sorted[at] as Uint8Array, to: sorted[at + 1] as Uint8Array });
    }
    if (open && sorted.length % 2 === 1) made.push({ from: sorted.at(-1) as Uint8Array });
    return made;
  });

export function placedTables(number: fc.Arbitrary<number>): fc.Arbitrary<PlacedTable> {
  return fc
    .record({
      rank: nat,
      numbers: fc.array(nat, { minLength: 14, maxLength: 14 }),
      number,
      keys: fc.tuple(key, key),
      holes: ranges,
      damaged: ranges,
    })
    .map(({ rank, numbers, number, keys, holes, damaged }) => {
      const [firstKey, lastKey] = below(keys[1], keys[0]) ? [keys[1], keys[0]] : keys;
      const names = Object.keys(table(1).meta).filter((name) => !['number', 'firstKey', 'lastKey'].includes(name));
      const drawn = Object.fromEntries(names.map((name, at) => [name, numbers[at] as number]));
      return { rank, meta: { ...table(number).meta, ...drawn, firstKey, lastKey }, holes, damaged };
    });
}

export const pairs: fc.Arbitrary<Map<number, number>> = fc
  .array(fc.tuple(nat, fc.integer({ min: -1000, max: 1_000_000 })), { maxLength: 6 })
  .map((drawn) => new Map(drawn));

export const edits: fc.Arbitrary<VersionEdit> = fc.record(
  {
    put: fc.array(placedTables(fc.nat(1000)), { minLength: 1, maxLength: 4 }),
    removed: fc.array(nat, { minLength: 1, maxLength: 4 }),
    logFloor: nat,
    state: pairs,
    counts: pairs,
    countChanges: pairs,
    nextTable: nat,
  },
  { requiredKeys: [], noNullPrototype: true },
);
