import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRecord, decodeRecord } from '@torc/base/record/codec';
import { isLive } from '@torc/base/record/fate';
import fc from 'fast-check';
import { ENTRY_PART, ENTRY_WHOLE } from '../../src/commit-log/entry.ts';
import { SplitOutput, TableMerge, type MergeOutput, type TableOutput } from '../../src/compaction/merge-tables.ts';
import type { ArrayEntry } from '../../src/read/array-cursor.ts';
import { RecordFold } from '../../src/read/fold.ts';
import { MergeCursor } from '../../src/read/merge-cursor.ts';
import type { TableMeta } from '../../src/sstable/table-meta.ts';
import { ALWAYS, blockOf, delaysOf, FlakyCursor, NEVER, type Delays } from '../read/flaky-cursor.ts';
import { MIDDLE_MS, STATES } from '../read/history.ts';
import { anyDelays, anyEntries, foldModel } from '../read/programs.ts';
import { recordOf } from '../support/world.ts';

const anySources = fc.array(anyEntries, { maxLength: 5 });
const anyRule = fc.record({
  atBottom: fc.boolean(),
  horizon: fc.integer({ min: 0, max: STATES }),
  wallMs: fc.constantFrom(0, MIDDLE_MS, MIDDLE_MS * 2),
});

class Collected implements MergeOutput {
  readonly entries: ArrayEntry[] = [];

  add(kind: number, key: Uint8Array, keyAt: number, keyEnd: number, record: Uint8Array, at: number, end: number): void {
    this.entries.push({ key: key.slice(keyAt, keyEnd), kind, record: record.slice(at, end) });
  }
}

function isOld({ record }: ArrayEntry, rule: { horizon: number; wallMs: number }): boolean {
  const { siblings } = decodeRecord(record);
  return siblings.every((version) => !isLive(version, rule.wallMs) && version.dot.stamp <= rule.horizon);
}

function bytesOf(entries: readonly ArrayEntry[]): number {
  return entries.reduce((sum, { key, record }) => sum + key.length + record.length, 0);
}

/** Steps to the end, and gives the input what it wants. */
function drive(merge: TableMerge, input: MergeCursor, stepBytes: number): void {
  for (let steps = 0; steps < 10_000; steps += 1) {
    const before = merge.bytesIn;
    const progress = merge.step(stepBytes);
    if (progress === 'done') return;
    if (progress === 'needs-disk') input.provide(blockOf(input.wants));
    else assert.ok(merge.bytesIn - before >= Math.max(1, stepBytes) || merge.bytesIn > before);
  }
  assert.fail('a merge does not end');
}

/** Throws when a merge is not what the model says. */
function agree(numRuns: number, delaysFrom: (numbers: number[]) => Delays, fold: () => RecordFold): void {
  const anyStepBytes = fc.constantFrom(0, 1, 100, 1000, Infinity);
  fc.assert(
    fc.property(anySources, anyRule, anyDelays, anyStepBytes, (sources, rule, numbers, stepBytes) => {
      const delays = delaysFrom(numbers);
      const input = new MergeCursor(
        sources.map((entries) => new FlakyCursor(entries, delays)),
        fold(),
      );
      const output = new Collected();
      const merge = new TableMerge(input, output, rule);
      drive(merge, input, stepBytes);
      assert.equal(merge.step(1), 'done');

      const folded = foldModel(sources);
      const gone = rule.atBottom ? folded.filter((entry) => isOld(entry, rule)) : [];
      const kept = folded.filter((entry) => !gone.includes(entry));
      assert.deepEqual(output.entries, rule.atBottom ? kept.map((entry) => ({ ...entry, kind: ENTRY_WHOLE })) : kept);
      assert.deepEqual([merge.entriesIn, merge.entriesOut, merge.forgotten], [folded.length, kept.length, gone.length]);
      assert.deepEqual([merge.bytesIn, merge.bytesOut], [bytesOf(folded), bytesOf(kept)]);
      const values = gone.filter(({ record }) => decodeRecord(record).siblings[0]?.tombstone !== true);
      assert.deepEqual(
        merge.forgottenValues,
        values.map(({ key }) => key),
      );
    }),
    { numRuns, seed: 7 },
  );
}

test('a merge of tables is what the record rules make of them, and at the bottom what is old is gone', () => {
  agree(1500, delaysOf, () => new RecordFold());
});

test('it gets on even if no block is kept', () => {
  agree(
    500,
    () => ALWAYS,
    () => new RecordFold(),
  );
});

test('"the newest wins" is not the record rules, and the property sees it', () => {
  class NewestWins extends RecordFold {
    override add(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
      super.add(kind, bytes, start, end);
      return false;
    }
  }
  assert.throws(
    () =>
      agree(
        1500,
        () => NEVER,
        () => new NewestWins(),
      ),
    /Property failed/,
  );
});

test('above something older nothing is forgotten, and a part stays a part', () => {
  const entry = { key: Uint8Array.of(0, 1, 0, 0, 0, 0), kind: ENTRY_PART, record: encodeRecord(recordOf(1)) };
  const run = (atBottom: boolean): ArrayEntry[] => {
    const output = new Collected();
    new TableMerge(new FlakyCursor([entry], NEVER), output, { atBottom, horizon: 9, wallMs: 0 }).step(Infinity);
    return output.entries;
  };
  assert.deepEqual(run(false), [entry]);
  assert.deepEqual(run(true), []);
});

/** A table writer that only counts. */
class Counted implements TableOutput {
  writtenBytes = 0;
  abandoned = false;
  #entries = 0;

  add(
    _kind: number,
    _key: Uint8Array,
    _at: number,
    _keyEnd: number,
    _record: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#entries += 1;
    this.writtenBytes += end - start;
  }

  finish(): TableMeta {
    return { entries: this.#entries } as TableMeta;
  }

  abandon(): void {
    this.abandoned = true;
  }
}

test('tables end before the next key once they are large enough; none is empty', () => {
  const tables: Counted[] = [];
  const split = new SplitOutput(() => {
    tables.push(new Counted());
    return tables.at(-1) as Counted;
  }, 100);
  const add = (bytes: number): void => split.add(ENTRY_WHOLE, new Uint8Array(6), 0, 6, new Uint8Array(bytes), 0, bytes);
  split.finish();
  assert.equal(tables.length, 0);
  for (const bytes of [60, 39, 1, 500, 10]) add(bytes);
  assert.deepEqual([tables.length, split.finished.length], [3, 2]);
  split.finish();
  split.finish();
  assert.deepEqual(
    split.finished.map(({ entries }) => entries),
    [3, 1, 1],
  );
  add(10);
  split.abandon();
  split.abandon();
  assert.deepEqual([split.finished.length, tables.map(({ abandoned }) => abandoned)], [3, [false, false, false, true]]);
});
