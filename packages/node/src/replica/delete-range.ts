/**
 * Deleting a range: every live key that a snapshot shows in it is deleted like any other key, by a tombstone of its own. So
 * it is a delete in every respect, in pages, and what is written meanwhile is left alone only if the delete did not see it.
 */
import { isLive } from '@torc/base/record/fate';
import type { Engine } from '@torc/storage/engine';
import { EngineKey } from '@torc/storage/key';
import type { KeyRange } from '@torc/storage/manifest/edit';
import { RecordView } from '@torc/storage/read/record-view';
import { RecordWalk } from './record-walk.ts';
import type { Replica } from './replica.ts';
import { NextVersion, ReadView } from './views.ts';

const PAGE_KEYS = 256;

/** Answers how many keys were deleted; they are durable when the batch that is open then is. Throws a `Refusal`. */
export async function deleteRange(
  engine: Engine,
  replica: Replica,
  range: KeyRange,
  wallMs: () => number,
): Promise<number> {
  const snapshot = engine.snapshots.take();
  let deleted = 0;
  try {
    const walk = new RecordWalk(engine, snapshot, range);
    let page: EngineKey[] = [];
    for (let more = await walk.begin(); more; more = walk.nextNow() ?? (await walk.next())) {
      const winner = walk.record().siblings[0];
      if (winner === undefined || !isLive(winner, wallMs())) continue;
      const { bucket, bytes, start, end } = walk.key;
      page.push(new EngineKey().aim(bucket, bytes.slice(start, end), 0, end - start));
      if (page.length < PAGE_KEYS) continue;
      deleted += await deletePage(engine, replica, page);
      page = [];
    }
    return deleted + (await deletePage(engine, replica, page));
  } finally {
    snapshot.close();
  }
}

async function deletePage(engine: Engine, replica: Replica, keys: readonly EngineKey[]): Promise<number> {
  const view = new ReadView();
  const next = new NextVersion();
  await engine.load(keys, new RecordView());
  return engine.withLoaded(() => {
    replica.prepare();
    let deleted = 0;
    for (const key of keys) {
      if (!replica.read(key, view)) continue;
      replica.write(key, next.deletion());
      deleted += 1;
    }
    return deleted;
  });
}
