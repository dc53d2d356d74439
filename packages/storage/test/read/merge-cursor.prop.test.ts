import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DamageError } from '@torc/base/errors';
import { InvariantError } from '@torc/base/assert';
import fc from 'fast-check';
import { ENTRY_PART, ENTRY_WHOLE } from '../../src/commit-log/entry.ts';
import { AT_END, AT_ENTRY, NEEDS_DISK } from '../../src/read/cursor.ts';
import { RecordFold } from '../../src/read/fold.ts';
import { MergeCursor } from '../../src/read/merge-cursor.ts';
import { ALWAYS, delaysOf, entryAt, FlakyCursor, NEVER, settled, type Delays } from './flaky-cursor.ts';
import { anyDelays, anyEntries, anyProgram, foldModel, KEYS, runProgram } from './programs.ts';

const anySources = fc.array(anyEntries, { maxLength: 6 });

/** Deliberately wrong: the newest sequence wins. */
class NewestWins extends RecordFold {
  override add(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
    super.add(kind, bytes, start, end);
    return false;
  }
}

/** Runs generated programs against the model. Throws when they do not agree. */
function agree(numRuns: number, delaysFrom: (numbers: number[]) => Delays, fold: () => RecordFold): void {
  fc.assert(
    fc.property(anySources, anyDelays, anyProgram, (sources, numbers, program) => {
      const delays = delaysFrom(numbers);
      const cursors = sources.map((entries) => new FlakyCursor(entries, delays));
      runProgram(new MergeCursor(cursors, fold()), foldModel(sources), program);
    }),
    { numRuns, seed: 7 },
  );
}

test('a merge cursor shows what its sources come to by the record rules, whatever is asked', () => {
  agree(
    1500,
    () => NEVER,
    () => new RecordFold(),
  );
});

test('no answer "needs disk", wherever it falls, loses or repeats an entry', () => {
  agree(2500, delaysOf, () => new RecordFold());
});

test('a call gets further each time even if no block is kept', () => {
  agree(
    800,
    () => ALWAYS,
    () => new RecordFold(),
  );
});

test('"the newest wins" is not the record rules, and the property sees it', () => {
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

test('one source behind the others is not asked until the walk gets there', () => {
  const entry = (at: number) => ({ key: KEYS[at] as Uint8Array, kind: ENTRY_WHOLE, record: new Uint8Array(40) });
  const near = new FlakyCursor([0, 1, 2, 3, 4, 5].map(entry), NEVER);
  const far = new FlakyCursor([12].map(entry), NEVER);
  const cursor = new MergeCursor([near, far]);
  cursor.seek(new Uint8Array(0), 0, 0);
  for (let i = 0; i < 5; i += 1) assert.equal(cursor.next(), AT_ENTRY);
  assert.equal(far.calls, 1);
});

test('a damaged part is an error, and the next step goes past it', () => {
  const [a, b] = KEYS as [Uint8Array, Uint8Array];
  const junk = (key: Uint8Array, kind: number) => ({ key, kind, record: Uint8Array.of(9, 9, 9) });
  const cursor = new MergeCursor([
    new FlakyCursor([junk(a, ENTRY_PART), junk(b, ENTRY_WHOLE)], NEVER),
    new FlakyCursor([junk(a, ENTRY_WHOLE)], NEVER),
  ]);
  assert.throws(() => cursor.seek(a, 0, a.length), DamageError);
  assert.equal(cursor.next(), AT_ENTRY);
  assert.deepEqual(entryAt(cursor), junk(b, ENTRY_WHOLE));
  assert.equal(cursor.next(), AT_END);
});

test('the other step in the middle of a step is refused, a seek is not', () => {
  const entries = KEYS.map((key) => ({ key, kind: ENTRY_WHOLE, record: new Uint8Array(40) }));
  const cursor = new MergeCursor([new FlakyCursor(entries, ALWAYS)]);
  const [first, second] = KEYS as [Uint8Array, Uint8Array];
  settled(cursor, () => cursor.seek(second, 0, second.length));
  assert.equal(cursor.next(), NEEDS_DISK);
  assert.throws(() => cursor.previous(), InvariantError);
  assert.equal(
    settled(cursor, () => cursor.seek(first, 0, first.length)),
    AT_ENTRY,
  );
  assert.deepEqual(entryAt(cursor).key, first);
});
