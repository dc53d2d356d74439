/**
 * Dropping a range from tables: those that lie in it go, the others get a hole. One edit of the manifest, so it is done
 * whole or not at all.
 */
import { winnerIsTombstone } from '@torc/base/record/single';
import type { Engine } from '../engine.ts';
import type { KeyRange, PlacedTable, VersionEdit } from '../manifest/edit.ts';
import { AT_END, NEEDS_DISK, type Cursor } from '../read/cursor.ts';
import { addCounts, hasNewer } from '../compaction/count-dropped.ts';
import { coversAll, meets, withRange } from '../version/key-ranges.ts';

/** So many keys are looked at before others have their turn. */
const PAUSE_EVERY = 1000;

/** `cursor` walks what is dropped, as it was when the drop began; `rank`: tables above it are newer than that. */
export async function dropFromTables(engine: Engine, cursor: Cursor, range: KeyRange, rank: number): Promise<void> {
  const { manifest, shelf, records, dropping } = engine.parts;
  const keys = await valuesOf(engine, cursor, range);
  let countChanges: ReadonlyMap<number, number> = new Map();
  try {
    await manifest.append(() => {
      // From here until the edit is there nobody writes in the range: such a write would count what it replaces.
      engine.settleNow();
      dropping.begin([], range);
      countChanges = changesOf(keys, engine, rank);
      addCounts(countChanges, 1, engine.parts);
      return { ...editFor(manifest.contents.tables.values(), range, rank), countChanges };
    });
    shelf.install(manifest.contents.tables.values());
  } catch (error) {
    if (!manifest.isStopped) {
      addCounts(countChanges, -1, engine.parts);
      dropping.end();
    } else {
      dropping.fail();
    }
    throw error;
  }
  dropping.end();
  records.clear();
}

function changesOf(keys: readonly Uint8Array[], engine: Engine, rank: number): ReadonlyMap<number, number> {
  const changes = new Map<number, number>();
  for (const key of keys) {
    if (hasNewer(key, engine.parts, rank)) continue;
    const bucket = ((key[0] as number) << 8) | (key[1] as number);
    changes.set(bucket, (changes.get(bucket) ?? 0) - 1);
  }
  return changes;
}

function editFor(tables: Iterable<PlacedTable>, range: KeyRange, rank: number): VersionEdit {
  const put: PlacedTable[] = [];
  const removed: number[] = [];
  for (const placed of tables) {
    const { firstKey, lastKey, number } = placed.meta;
    if (placed.rank > rank || !meets(range, firstKey, lastKey)) continue;
    const holes = withRange(placed.holes, range);
    if (coversAll(holes, firstKey, lastKey)) removed.push(number);
    else put.push({ ...placed, holes });
  }
  return { put, removed };
}

/** Keys in the range that count as values. */
async function valuesOf(engine: Engine, cursor: Cursor, { from }: KeyRange): Promise<Uint8Array[]> {
  const keys: Uint8Array[] = [];
  let seen = 0;
  for (let code = cursor.seek(from, 0, from.length); code !== AT_END; ) {
    if (code === NEEDS_DISK) {
      await engine.provide(cursor);
      code = seen === 0 ? cursor.seek(from, 0, from.length) : cursor.next();
      continue;
    }
    seen += 1;
    if (!winnerIsTombstone(cursor.recordBytes, cursor.recordStart)) {
      keys.push(cursor.keyBytes.slice(cursor.keyStart, cursor.keyEnd));
    }
    if (seen % PAUSE_EVERY === 0) await engine.pause();
    code = cursor.next();
  }
  return keys;
}
