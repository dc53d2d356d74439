/**
 * What to compact next: a pure choice from the runs that live.
 *
 * Above the bottom runs are tiered: neighbours of like size become one. The bottom is leveled: one run, cut into tables, and
 * the runs above are merged into it when together they have a share of its size. That goes on slice by slice of the key
 * space, one step each, so that a step is short and needs little room: what a step moved down is a hole in the tables that
 * it came from, and the holes say where the next step goes on. So a sweep survives a restart without being noted anywhere.
 *
 * Invariant: the inputs of a step are neighbours in age. What is newer than them stays above the output, what is older below.
 */
import type { KeyRange } from '../manifest/edit.ts';
import { coversAll, firstOutside, meets, rangeOf } from '../version/key-ranges.ts';
import { compareKeys, type LiveTable, type Run } from '../version/version.ts';

export interface PlanOptions {
  readonly tierRuns: number;
  readonly upperShare: number;
  /** What a fresh run holds: the size of the lowest tier. */
  readonly memtableBytes: number;
  /** A step at the bottom takes tables of about this much together. */
  readonly stepBytes: number;
  /** Bring down whatever can make room, at once. */
  readonly wantsRoom: boolean;
  /** What may be forgotten (`forget-rule.ts`): tables whose entries have all but expired are rewritten, where that may go. */
  readonly wallMs: number;
  readonly horizon: number;
  /** Tables that such a step wrote: what it left in them does not go the next time either. */
  readonly tried: ReadonlySet<number>;
}

export interface CompactionPlan {
  readonly why: 'tier' | 'bottom' | 'expired';
  /** Newest first. */
  readonly inputs: readonly Run[];
  readonly range: KeyRange;
  readonly atBottom: boolean;
  readonly outputRank: number;
}

const NO_KEY = new Uint8Array(0);

export function planCompaction(runs: readonly Run[], options: PlanOptions): CompactionPlan | undefined {
  const bottom = runs.find(({ rank }) => rank === 0);
  const upper = runs.filter(({ rank }) => rank !== 0);
  const sweep = sweepSet(upper, bottom, options);
  const isSound = (run: Run): boolean => run.tables.every(({ placed }) => placed.damaged.length === 0);
  if (sweep.length > 0 && sweep.every(isSound) && (bottom === undefined || isSound(bottom))) {
    return planStep(sweep, bottom, options);
  }
  return (
    planTier(
      upper.filter((run) => !sweep.includes(run)),
      options,
      isSound,
    ) ?? planExpired(bottom, options)
  );
}

/** The runs that are, or should now be, merged into the bottom; none, if it is not time. */
function sweepSet(upper: readonly Run[], bottom: Run | undefined, options: PlanOptions): readonly Run[] {
  // What has holes of a sweep that began belongs to it, with everything older.
  const begun = upper.findIndex((run) => run.tables.some(({ placed }) => placed.holes.length > 0));
  if (begun >= 0) return upper.slice(begun);
  if (upper.length === 0) return [];
  if (bottom === undefined) return upper.length >= options.tierRuns || options.wantsRoom ? upper : [];
  const bytes = sum(upper, (live) => live.placed.meta.fileBytes);
  if (bytes >= options.upperShare * bottom.bytes) return upper;
  const tombstones = sum(upper, (live) => live.placed.meta.tombstones);
  const entries = sum([bottom], (live) => live.placed.meta.entries);
  if (tombstones >= options.upperShare * entries) return upper;
  return options.wantsRoom && tombstones > 0 ? upper : [];
}

/** One step of a sweep: from the lowest key that is still above, as far as whole tables of the bottom go. */
function planStep(sweep: readonly Run[], bottom: Run | undefined, options: PlanOptions): CompactionPlan {
  const tables = bottom?.tables ?? [];
  if (bottom === undefined || tables.length === 0) {
    return { why: 'bottom', inputs: sweep, range: { from: NO_KEY }, atBottom: true, outputRank: 0 };
  }
  const start = lowestLive(sweep);
  let first = tables.findIndex(({ placed }) => compareKeys(placed.meta.lastKey, start) >= 0);
  if (first < 0) first = tables.length - 1;
  // Between two tables of the bottom a key belongs to the lower one's step; so does one below the first.
  if (first > 0 && compareKeys(start, firstKeyOf(tables[first])) < 0) first -= 1;
  const share = 1 + sum(sweep, (live) => live.placed.meta.fileBytes) / bottom.bytes;
  let bytes = 0;
  let behind = first;
  while (behind < tables.length && (behind === first || bytes < options.stepBytes)) {
    bytes += (tables[behind] as LiveTable).placed.meta.fileBytes * share;
    behind += 1;
  }
  const from = first === 0 ? NO_KEY : firstKeyOf(tables[first]);
  const range = rangeOf(from, behind < tables.length ? firstKeyOf(tables[behind]) : undefined);
  const inputs = [...sweep, { ...bottom, tables: tables.slice(first, behind) }];
  return {
    why: 'bottom',
    inputs: inputs.map((run) => within(run, range)).filter(hasTables),
    range,
    atBottom: true,
    outputRank: 0,
  };
}

/** Neighbouring runs of one tier, the newest that are enough. */
function planTier(
  upper: readonly Run[],
  options: PlanOptions,
  isSound: (run: Run) => boolean,
): CompactionPlan | undefined {
  for (let at = 0; at + options.tierRuns <= upper.length; at += 1) {
    const tier = tierOf(upper[at] as Run, options);
    let end = at;
    while (end < upper.length && tierOf(upper[end] as Run, options) === tier && isSound(upper[end] as Run)) end += 1;
    if (end - at < options.tierRuns) continue;
    const inputs = upper.slice(at, end);
    const outputRank = (inputs[0] as Run).rank;
    return { why: 'tier', inputs, range: { from: NO_KEY }, atBottom: false, outputRank };
  }
  return undefined;
}

/** A table of the bottom in which half or more has expired: nothing from above would bring it down soon. */
function planExpired(bottom: Run | undefined, options: PlanOptions): CompactionPlan | undefined {
  for (const live of bottom?.tables ?? []) {
    const { meta, damaged } = live.placed;
    const expired = meta.expiring > 0 && meta.expiring * 2 >= meta.entries && meta.highExpiryMs <= options.wallMs;
    const mayGo = meta.highStamp <= options.horizon && !options.tried.has(meta.number);
    if (!expired || !mayGo || damaged.length > 0) continue;
    const run: Run = { rank: 0, tables: [live], bytes: meta.fileBytes };
    return { why: 'expired', inputs: [run], range: { from: NO_KEY }, atBottom: true, outputRank: 0 };
  }
  return undefined;
}

function tierOf(run: Run, { memtableBytes, tierRuns }: PlanOptions): number {
  return Math.max(0, Math.floor(Math.log(Math.max(run.bytes, 1) / memtableBytes) / Math.log(tierRuns) + 0.5));
}

/** The lowest key of the runs that lies in no hole. */
function lowestLive(runs: readonly Run[]): Uint8Array {
  let lowest: Uint8Array | undefined;
  for (const { tables } of runs) {
    for (const { placed } of tables) {
      const first = firstOutside(placed.holes, placed.meta.firstKey);
      if (first === undefined) continue;
      if (lowest === undefined || compareKeys(first, lowest) < 0) lowest = first;
    }
  }
  return lowest ?? NO_KEY;
}

/** The run with only those tables that have something in the range. */
function within(run: Run, range: KeyRange): Run {
  const tables = run.tables.filter(({ placed: { meta, holes } }) => {
    return meets(range, meta.firstKey, meta.lastKey) && !coversAll(holes, meta.firstKey, meta.lastKey);
  });
  return { ...run, tables };
}

function hasTables(run: Run): boolean {
  return run.tables.length > 0;
}

function firstKeyOf(live: LiveTable | undefined): Uint8Array {
  return live?.placed.meta.firstKey ?? NO_KEY;
}

function sum(runs: readonly Run[], of: (live: LiveTable) => number): number {
  let total = 0;
  for (const { tables } of runs) for (const live of tables) total += of(live);
  return total;
}
