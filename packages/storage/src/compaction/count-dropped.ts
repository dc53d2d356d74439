/**
 * What dropping expired values does to the number of values. A key counts once, by its newest version: so a dropped
 * version changes the count only when nothing above the compaction's inputs has the key.
 */
import { readU32BigEndian } from '@torc/base/bytes';
import { EngineKey, KEY_PREFIX_BYTES } from '../key.ts';
import { keyHash } from '../key-hash.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { MemtableSet } from '../memtable/memtable-set.ts';
import type { BlockWant } from '../read/cursor.ts';
import type { BlockStore } from '../read/block-store.ts';
import { NEEDS_DISK, NOT_HERE, TableLookup } from '../sstable/table-lookup.ts';
import type { ValueCounts } from '../value-counts.ts';
import type { TableShelf } from '../version/table-shelf.ts';
import { isInRanges, tableFor, type Run } from '../version/version.ts';
import type { RecordCache } from '../cache/record-cache.ts';
import type { Dropping } from './dropping.ts';
import type { CompactionPlan } from './planner.ts';

export interface CountParts {
  readonly memtables: MemtableSet;
  readonly shelf: TableShelf;
  readonly blocks: BlockStore;
  readonly counts: ValueCounts;
  readonly records: RecordCache;
  readonly dropping: Dropping;
  readonly manifest: Manifest;
}

/** A count that an edit of the manifest makes true, or not. */
export interface DroppedCount {
  /** By bucket. */
  readonly changes: ReadonlyMap<number, number>;
  /** The edit is durable and what it says is installed: or it came to nothing. Until then nobody writes the keys. */
  end(isDurable: boolean): void;
  /** Nobody can say whether it is. */
  fail(): void;
}

/** Counts, in memory and in what frozen memtables will say. Nothing may be open in the log: it could yet be taken back. */
export function countDropped(keys: readonly Uint8Array[], plan: CompactionPlan, parts: CountParts): DroppedCount {
  const changes = new Map<number, number>();
  const oldest = plan.inputs[0]?.rank ?? 0;
  const newer = parts.shelf.current.runs.filter(({ rank }) => rank > oldest);
  for (const bytes of keys) {
    const key = keyOf(bytes, parts);
    if (!isAbove(key, newer, parts)) changes.set(key.bucket, (changes.get(key.bucket) ?? 0) - 1);
  }
  addCounts(changes, 1, parts);
  parts.dropping.begin(keys);
  return {
    changes,
    end: (isDurable) => {
      if (!isDurable) addCounts(changes, -1, parts);
      // A value that is forgotten would else still be found there, and be counted as replaced.
      for (const bytes of isDurable ? keys : []) {
        const key = keyOf(bytes, parts);
        parts.records.remove(key, key.hash);
      }
      parts.dropping.end();
    },
    fail: () => parts.dropping.fail(),
  };
}

/** Adds changes to the counts, in memory and in what frozen memtables will say. */
export function addCounts(
  changes: ReadonlyMap<number, number>,
  times: number,
  { counts, memtables }: CountParts,
): void {
  for (const [bucket, by] of changes) {
    counts.add(bucket, times * by);
    for (const { frozenAt } of memtables.frozen) {
      frozenAt?.counts.set(bucket, (frozenAt.counts.get(bucket) ?? 0) + times * by);
    }
  }
}

function keyOf(bytes: Uint8Array, { manifest }: CountParts): EngineKey {
  const key = new EngineKey();
  key.bucket = ((bytes[0] as number) << 8) | (bytes[1] as number);
  key.position = readU32BigEndian(bytes, 2);
  key.bytes = bytes;
  key.start = KEY_PREFIX_BYTES;
  key.end = bytes.length;
  const { hashKey0, hashKey1 } = manifest.contents;
  key.hash = keyHash(key.bucket, bytes, key.start, key.end, hashKey0, hashKey1);
  return key;
}

/** Whether a memtable, or a table above a rank, has the key. */
export function hasNewer(bytes: Uint8Array, parts: CountParts, rank: number): boolean {
  const newer = parts.shelf.current.runs.filter((run) => run.rank > rank);
  return isAbove(keyOf(bytes, parts), newer, parts);
}

function isAbove(key: EngineKey, newer: readonly Run[], parts: CountParts): boolean {
  const { memtables } = parts;
  if (memtables.active.memtable.find(key) !== 0) return true;
  if (memtables.frozen.some(({ memtable }) => memtable.find(key) !== 0)) return true;
  return newer.some((run) => isInRun(run, key.bytes, key.hash, parts.blocks));
}

/** Asked only of runs that were flushed while the compaction ran: seldom any. */
function isInRun(run: Run, bytes: Uint8Array, hash: number, blocks: BlockStore): boolean {
  const live = tableFor(run, bytes, 0, bytes.length);
  if (live === undefined || isInRanges(live.placed.holes, bytes, 0, bytes.length)) return false;
  const lookup = new TableLookup();
  lookup.keyBytes = bytes;
  lookup.keyStart = 0;
  lookup.keyEnd = bytes.length;
  lookup.hash = hash;
  const held: BlockWant[] = [];
  try {
    for (;;) {
      const code = live.table.find(lookup, blocks);
      if (code !== NEEDS_DISK) return code !== NOT_HERE;
      const want = lookup.wants as BlockWant;
      blocks.hold(want, blocks.loadNow(want));
      held.push(want);
    }
  } finally {
    for (const want of held) blocks.letGo(want);
  }
}
