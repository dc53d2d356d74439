import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodecError } from '@torc/base/errors';
import { decodeRecord, encodedBytes, encodeRecord } from '@torc/base/record/codec';
import { writeRecord } from '@torc/base/record/write';
import type { TorcRecord } from '@torc/base/record/record';
import {
  blindIntervals,
  blindRecordBytes,
  highestStampAt,
  siblingCount,
  winnerExpiresAtMs,
  winnerIsLive,
  winnerIsTombstone,
  winnerStamp,
  winnerValueAt,
  winnerValueBytes,
  writeBlindRecord,
} from '@torc/base/record/single';
import { liveSiblings } from '@torc/base/record/fate';
import fc from 'fast-check';
import { anyRecord } from './arbitrary.ts';

const RUNS = { numRuns: 2000 };

test('a record survives its bytes, and equal records have equal bytes', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const bytes = encodeRecord(record);
      assert.equal(bytes.length, encodedBytes(record));
      const decoded = decodeRecord(bytes);
      assert.deepEqual(decoded, record);
      assert.deepEqual(encodeRecord(decoded), bytes);
    }),
    RUNS,
  );
});

test('every truncation, every extra byte and every flipped bit is an error or a record that encodes to those bytes', () => {
  fc.assert(
    fc.property(anyRecord, fc.nat(), (record, pick) => {
      const bytes = encodeRecord(record);
      const flipped = bytes.slice();
      const bit = pick % (bytes.length * 8);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      for (const damaged of [bytes.subarray(0, pick % bytes.length), Uint8Array.of(...bytes, 0), flipped]) {
        try {
          assert.deepEqual(encodeRecord(decodeRecord(damaged)), Uint8Array.from(damaged));
        } catch (error) {
          if (!(error instanceof CodecError)) throw error;
        }
      }
    }),
    RUNS,
  );
});

test('arbitrary bytes are never anything but a record or a CodecError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeRecord(bytes);
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
      }
    }),
    RUNS,
  );
});

test('in place: the winner reads as the decoded record says', () => {
  fc.assert(
    fc.property(
      anyRecord,
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 990, max: 1100 }),
      (record, shift, now) => {
        const bytes = new Uint8Array(encodedBytes(record) + shift);
        bytes.set(encodeRecord(record), shift);
        const winner = record.siblings[0];
        assert.ok(winner);
        assert.equal(winnerStamp(bytes, shift), winner.dot.stamp);
        assert.equal(winnerIsTombstone(bytes, shift), winner.tombstone === true);
        assert.equal(winnerIsLive(bytes, shift, now), liveSiblings(record, 'latest', now).length === 1);
        assert.equal(winnerExpiresAtMs(bytes, shift), winner.expiresAtMs ?? 0);
        assert.equal(siblingCount(bytes, shift), record.siblings.length);
        const at = winnerValueAt(bytes, shift);
        assert.deepEqual(bytes.slice(at, at + winnerValueBytes(bytes, shift)), winner.value);
        assert.equal(highestStampAt(bytes, shift), Math.max(...record.clock.map(({ upto }) => upto)));
      },
    ),
    RUNS,
  );
});

test('in place: a blind write makes the same bytes as the long way', () => {
  const anyOld = fc.option(anyRecord, { nil: undefined });
  fc.assert(
    fc.property(
      anyOld,
      fc.integer({ min: 1, max: 4 }),
      fc.nat(40),
      fc.boolean(),
      fc.nat(5),
      (old, actor, floor, dead, size) => {
        const stamp = 50;
        const value = dead ? new Uint8Array(0) : new Uint8Array(size).fill(9);
        const version = {
          value,
          ...(dead ? { tombstone: true as const } : {}),
          ...(size === 3 ? { expiresAtMs: 777 } : {}),
        };
        const expected = encodeRecord(writeRecord(old, version, { actor, stamp }, { lineageFloor: floor }));
        assert.deepEqual(blindWrite(old, actor, stamp, floor, version), expected);
      },
    ),
    RUNS,
  );
});

function blindWrite(
  old: TorcRecord | undefined,
  actor: number,
  stamp: number,
  lineageFloor: number,
  version: { value: Uint8Array; tombstone?: true; expiresAtMs?: number },
): Uint8Array {
  const oldBytes = old === undefined ? new Uint8Array(0) : encodeRecord(old);
  const oldAt = old === undefined ? -1 : 0;
  const intervals = blindIntervals(oldBytes, oldAt, actor, lineageFloor);
  const into = new Uint8Array(blindRecordBytes(intervals, version.value.length));
  const valueAt = writeBlindRecord(into, 0, oldBytes, oldAt, {
    actor,
    stamp,
    lineageFloor,
    tombstone: version.tombstone === true,
    expiresAtMs: version.expiresAtMs ?? 0,
    valueBytes: version.value.length,
  });
  into.set(version.value, valueAt);
  return into;
}

test('in place: a clock that may have to be pruned is left to the long way', () => {
  const clock = Array.from({ length: 50 }, (_, i) => ({ actor: i + 10, since: 1, upto: 1 }));
  const record = { clock, siblings: [{ dot: { actor: 10, stamp: 1 }, value: new Uint8Array(1) }] };
  assert.equal(blindIntervals(encodeRecord(record), 0, 1, 0), -1);
  assert.equal(blindIntervals(encodeRecord(record), 0, 10, 0), 50);
});
