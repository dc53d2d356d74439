import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DamageError } from '@torc/base/errors';
import { encodeRecord } from '@torc/base/record/codec';
import fc from 'fast-check';
import { ENTRY_PART, ENTRY_WHOLE } from '../../src/commit-log/entry.ts';
import { RecordFold } from '../../src/read/fold.ts';
import { recordOf } from '../support/world.ts';
import { anyEntry, foldModel, KEYS } from './programs.ts';

const JUNK = Uint8Array.of(1, 2, 3);

test('a fold is what its entries come to, newest first, and asks for more until a whole', () => {
  const fold = new RecordFold();
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 5 }), (entries) => {
      const sources = entries.map((entry) => [{ ...entry, key: KEYS[0] as Uint8Array }]);
      fold.reset();
      assert.ok(fold.empty);
      let wantsMore = true;
      for (const { kind, record } of entries) {
        const padded = Uint8Array.of(5, ...record, 5);
        const answer = fold.add(kind, padded, 1, padded.length - 1);
        wantsMore &&= kind === ENTRY_PART;
        assert.equal(answer, wantsMore);
        // Reading in between changes nothing.
        if (record.length % 2 === 0) assert.ok(fold.bytes.length > 0);
      }
      const [expected] = foldModel(sources);
      assert.equal(fold.empty, expected === undefined);
      if (expected === undefined) return;
      assert.equal(fold.kind, expected.kind);
      assert.deepEqual(fold.bytes.slice(fold.start, fold.end), expected.record);
    }),
    { numRuns: 2000, seed: 7 },
  );
});

test('one entry is its own bytes, undecoded', () => {
  const fold = new RecordFold();
  for (const kind of [ENTRY_WHOLE, ENTRY_PART]) {
    fold.reset();
    assert.equal(fold.add(kind, JUNK, 1, 3), kind === ENTRY_PART);
    assert.equal(fold.bytes, JUNK);
    assert.deepEqual([fold.kind, fold.start, fold.end], [kind, 1, 3]);
  }
});

test('what does not decode when it must, or has an unknown kind, is damage', () => {
  const fold = new RecordFold();
  const sound = encodeRecord(recordOf(1, 'x'));
  for (const [above, below] of [
    [JUNK, sound],
    [sound, JUNK],
  ] as const) {
    fold.reset();
    fold.add(ENTRY_PART, above, 0, above.length);
    assert.throws(() => fold.add(ENTRY_WHOLE, below, 0, below.length), DamageError);
  }
  for (const kind of [0, 3, 255]) {
    fold.reset();
    assert.throws(() => fold.add(kind, sound, 0, sound.length), DamageError);
  }
});

test('records that each claim to have superseded the other are damage, not a broken invariant', () => {
  const clock = [{ actor: 1, since: 1, upto: 9 }];
  const claim = (stamp: number): Uint8Array => encodeRecord({ ...recordOf(stamp, 'x'), clock });
  const fold = new RecordFold();
  for (const stamp of [3, 4]) fold.add(ENTRY_PART, claim(stamp), 0, claim(stamp).length);
  assert.throws(() => fold.bytes, DamageError);
});
