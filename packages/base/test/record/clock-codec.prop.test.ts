/** A clock alone comes back as it was; bytes that are no clock are refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError } from '@torc/base/assert';
import { CodecError } from '@torc/base/errors';
import type { Clock } from '@torc/base/record/clock';
import { decodeClock, encodeClock, INTERVAL_BYTES, MAX_INTERVALS } from '@torc/base/record/clock-codec';
import { encodeRecord, WINNER_BYTES } from '@torc/base/record/codec';
import fc from 'fast-check';
import { anyClock, anyRecord } from './arbitrary.ts';

function refused(bytes: Uint8Array, why: RegExp): void {
  assert.throws(
    () => decodeClock(bytes),
    (error) => error instanceof CodecError && why.test(error.message),
  );
}

function clockOf(intervals: number): Clock {
  return Array.from({ length: intervals }, (_, actor) => ({ actor, since: 1, upto: Number.MAX_SAFE_INTEGER }));
}

test('a clock comes back as it was, wherever it lies', () => {
  fc.assert(
    fc.property(anyClock, fc.nat(5), fc.nat(5), (clock, before, after) => {
      const bytes = encodeClock(clock);
      assert.equal(bytes.length, 1 + clock.length * INTERVAL_BYTES);
      assert.deepEqual(decodeClock(bytes), clock);
      const amid = new Uint8Array(before + bytes.length + after).fill(0xee);
      amid.set(bytes, before);
      assert.deepEqual(decodeClock(amid, before, before + bytes.length), clock);
    }),
    { numRuns: 2000 },
  );
});

test('its intervals are the bytes that a record has', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const bytes = encodeClock(record.clock);
      const inRecord = encodeRecord(record).subarray(WINNER_BYTES, WINNER_BYTES + bytes.length - 1);
      assert.deepEqual(bytes.subarray(1), inRecord);
    }),
  );
});

test('changed bytes are a CodecError or a clock of exactly those bytes', () => {
  const seen = { read: 0, refused: 0 };
  fc.assert(
    fc.property(anyClock, fc.nat(), fc.nat(255), fc.boolean(), (clock, pick, byte, isCut) => {
      const whole = encodeClock(clock);
      const changed = isCut ? whole.slice(0, pick % whole.length) : whole;
      if (!isCut) changed[pick % whole.length] = byte;
      try {
        assert.deepEqual(encodeClock(decodeClock(changed)), changed);
        seen.read += 1;
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        seen.refused += 1;
      }
    }),
    { numRuns: 10_000 },
  );
  assert.ok(seen.read > 500 && seen.refused > 500, JSON.stringify(seen));
});

test('each rule refuses what breaks it', () => {
  const one = encodeClock([{ actor: 1, since: 5, upto: 9 }]);
  refused(new Uint8Array(0), /it is empty/);
  refused(Uint8Array.of(2, ...one.subarray(1)), /unknown version/);
  refused(one.subarray(0, -1), /ends inside an interval/);
  refused(Uint8Array.of(...one, 0), /ends inside an interval/);
  refused(Uint8Array.of(...one, ...one.subarray(1)), /intervals of one actor touch/);
  refused(encodeClock([{ actor: 1, since: 9, upto: 5 }]), /not a range/);
  refused(encodeClock([...clockOf(2)].reverse()), /actors are not in order/);
  const unsafe = one.slice();
  unsafe[20] = 0x20;
  refused(unsafe, /not a range/);
});

test('a clock has 65535 intervals and no more', () => {
  const bytes = encodeClock(clockOf(MAX_INTERVALS));
  assert.equal(decodeClock(bytes).length, MAX_INTERVALS);
  assert.throws(() => encodeClock(clockOf(MAX_INTERVALS + 1)), InvariantError);
  const longer = new Uint8Array(bytes.length + INTERVAL_BYTES);
  longer.set(bytes);
  refused(longer, /too many intervals/);
});
