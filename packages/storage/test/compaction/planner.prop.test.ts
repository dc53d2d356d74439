/** The planner, carried out on paper: whatever lives, its steps are sound and come to an end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { editOf } from '../../src/compaction/plan-edit.ts';
import { planCompaction, type CompactionPlan, type PlanOptions } from '../../src/compaction/planner.ts';
import type { PlacedTable } from '../../src/manifest/edit.ts';
import type { TableMeta } from '../../src/sstable/table-meta.ts';
import type { Table } from '../../src/sstable/table.ts';
import { isInRanges, makeRuns, type Run } from '../../src/version/version.ts';

const KEY_BYTES = 8;
const TABLE_KEYS = 8;

/** What each table holds: numbers as keys, each with the time when it was written. */
type Held = Map<number, Map<number, number>>;

function keyBytes(key: number): Uint8Array {
  return Uint8Array.of(0, 0, key >>> 8, key, 0, 0, 0);
}

class Paper {
  readonly random: SimRandom;
  readonly options: PlanOptions;
  readonly held: Held = new Map();
  tables = new Map<number, PlacedTable>();
  #next = 1;
  #now = 1;

  constructor(seed: number) {
    this.random = new SimRandom(seed);
    this.options = {
      tierRuns: 2 + this.random.below(3),
      upperShare: this.random.pick([0.1, 0.25, 1]),
      memtableBytes: 80,
      stepBytes: (1 + this.random.below(3)) * TABLE_KEYS * KEY_BYTES,
      wantsRoom: this.random.chance(0.2),
      wallMs: 0,
      horizon: 0,
      tried: new Set(),
    };
    for (let n = this.random.below(5); n > 0; n -= 1) this.flush();
  }

  get runs(): Run[] {
    return makeRuns([...this.tables.values()].map((placed) => ({ placed, table: undefined as unknown as Table })));
  }

  flush(): void {
    const entries = new Map<number, number>();
    for (let n = 1 + this.random.below(20); n > 0; n -= 1) entries.set(this.random.below(400), this.#now++);
    const rank = Math.max(0, ...[...this.tables.values()].map((placed) => placed.rank)) + 1;
    this.#put(this.#table(entries), rank);
  }

  #table(entries: ReadonlyMap<number, number>): TableMeta {
    const sorted = new Map([...entries].sort(([a], [b]) => a - b));
    const keys = [...sorted.keys()];
    const number = this.#next++;
    this.held.set(number, sorted);
    const bytes = keys.length * KEY_BYTES;
    return {
      number,
      fileBytes: bytes,
      entries: keys.length,
      parts: 0,
      tombstones: this.random.below(keys.length + 1),
      expiring: 0,
      firstKey: keyBytes(keys[0] as number),
      lastKey: keyBytes(keys.at(-1) as number),
      lowStamp: 0,
      highStamp: 0,
      lowExpiryMs: 0,
      highExpiryMs: 0,
      keyBytes: bytes,
      recordBytes: 0,
      blocks: 1,
      filterBytes: 0,
      indexBytes: 0,
    };
  }

  #put(meta: TableMeta, rank: number): void {
    this.tables.set(meta.number, { rank, meta, holes: [], damaged: [] });
  }

  /** What a read of every key answers. */
  shown(): Map<number, number> {
    const shown = new Map<number, number>();
    for (const run of this.runs) {
      for (const { placed } of run.tables) {
        for (const [key, time] of this.held.get(placed.meta.number) as Map<number, number>) {
          const bytes = keyBytes(key);
          if (!shown.has(key) && !isInRanges(placed.holes, bytes, 0, bytes.length)) shown.set(key, time);
        }
      }
    }
    return shown;
  }

  /** Carries a plan out as the merge would. */
  carryOut(plan: CompactionPlan): void {
    const merged = new Map<number, number>();
    for (const { tables } of plan.inputs) {
      for (const { placed } of tables) {
        for (const [key, time] of this.held.get(placed.meta.number) as Map<number, number>) {
          const bytes = keyBytes(key);
          const counts = isInRanges([plan.range], bytes, 0, 7) && !isInRanges(placed.holes, bytes, 0, 7);
          if (counts && !merged.has(key)) merged.set(key, time);
        }
      }
    }
    const sorted = [...merged].sort(([a], [b]) => a - b);
    const metas: TableMeta[] = [];
    for (let at = 0; at < sorted.length; at += TABLE_KEYS) {
      metas.push(this.#table(new Map(sorted.slice(at, at + TABLE_KEYS))));
    }
    const { put, removed } = editOf(plan, metas, this.tables);
    for (const number of removed) assert.ok(this.tables.delete(number), 'what goes was there');
    for (const placed of put) this.tables.set(placed.meta.number, placed);
  }

  check(plan: CompactionPlan): void {
    const { runs } = this;
    const at = plan.inputs.map(({ rank }) => runs.findIndex((run) => run.rank === rank));
    if (plan.why === 'tier') {
      for (const [n, place] of at.entries()) assert.equal(place, (at[0] as number) + n, 'neighbours in age');
      assert.ok(at.length >= this.options.tierRuns);
      assert.ok(!plan.atBottom);
    } else {
      assert.ok(plan.atBottom && plan.outputRank === 0);
      // A run with nothing in the range may be missing between them.
      for (const run of runs.slice(at[0])) {
        if (at.includes(runs.indexOf(run))) continue;
        for (const { placed } of run.tables) {
          for (const key of (this.held.get(placed.meta.number) as Map<number, number>).keys()) {
            const bytes = keyBytes(key);
            const isMoved = isInRanges([plan.range], bytes, 0, 7) && !isInRanges(placed.holes, bytes, 0, 7);
            assert.ok(!isMoved, `a run that is left out has key ${key} in the range`);
          }
        }
      }
      const bottom = plan.inputs.find(({ rank }) => rank === 0);
      const bytes = bottom?.tables.slice(0, -1).reduce((sum, { placed }) => sum + placed.meta.fileBytes, 0) ?? 0;
      assert.ok(bytes < this.options.stepBytes, 'a step is bounded: without its last table it is not full');
    }
  }

  checkShape(): void {
    for (const run of this.runs) {
      for (const [n, { placed }] of run.tables.entries()) {
        const next = run.tables[n + 1]?.placed.meta.firstKey;
        if (next !== undefined) assert.ok(Buffer.compare(placed.meta.lastKey, next) < 0, 'a run is disjoint');
      }
    }
  }
}

test('steps take neighbours, lose no key, change no answer, are bounded, and come to an end without holes', () => {
  let [tiers, bottoms, interrupted] = [0, 0, 0];
  for (let seed = 1; seed <= 250; seed += 1) {
    const paper = new Paper(seed);
    try {
      for (let round = 0; round < 12; round += 1) {
        paper.flush();
        for (let steps = 0; ; steps += 1) {
          const plan = planCompaction(paper.runs, paper.options);
          if (plan === undefined) break;
          assert.ok(steps < 200, 'it comes to an end');
          const before = paper.shown();
          paper.check(plan);
          paper.carryOut(plan);
          paper.checkShape();
          assert.deepEqual(paper.shown(), before);
          if (plan.why === 'tier') tiers += 1;
          else bottoms += 1;
          // A flush in the middle of a sweep, as they come.
          if (paper.random.chance(0.1) && steps < 50) {
            interrupted += 1;
            paper.flush();
          }
        }
        assert.ok(
          [...paper.tables.values()].every(({ holes }) => holes.length === 0),
          'no hole is left',
        );
        assert.ok(paper.runs.length <= paper.options.tierRuns * 8, `${paper.runs.length} runs`);
      }
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  assert.ok(tiers > 20 && bottoms > 200 && interrupted > 20, `${tiers} ${bottoms} ${interrupted}`);
});
