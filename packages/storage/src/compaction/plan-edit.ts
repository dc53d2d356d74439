/**
 * What a finished compaction step changes: its outputs come; an input goes when nothing of it is left outside the range,
 * else it gets the range as a hole.
 */
import type { KeyRange, PlacedTable, VersionEdit } from '../manifest/edit.ts';
import type { TableMeta } from '../sstable/table-meta.ts';
import { coversAll, withRange } from '../version/key-ranges.ts';
import type { CompactionPlan } from './planner.ts';

export function editOf(
  plan: CompactionPlan,
  outputs: readonly TableMeta[],
  current: ReadonlyMap<number, PlacedTable>,
): Required<Pick<VersionEdit, 'put' | 'removed'>> {
  const put: PlacedTable[] = outputs.map((meta) => ({ rank: plan.outputRank, meta, holes: [], damaged: [] }));
  const removed: number[] = [];
  for (const { tables } of plan.inputs) {
    for (const { placed } of tables) {
      const now = current.get(placed.meta.number) ?? placed;
      const holes = isAll(plan.range) ? undefined : withRange(now.holes, plan.range);
      const { firstKey, lastKey, number } = now.meta;
      if (holes === undefined || coversAll(holes, firstKey, lastKey)) removed.push(number);
      else put.push({ ...now, holes });
    }
  }
  return { put, removed };
}

function isAll({ from, to }: KeyRange): boolean {
  return from.length === 0 && to === undefined;
}
