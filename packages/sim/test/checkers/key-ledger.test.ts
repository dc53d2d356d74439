/** The durability checker, judged by hand-made histories: each kind of lie is seen, and nothing true is called one. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KeyLedger, type Attempt } from '../../src/checkers/key-ledger.ts';

const NOW = 1000;
const value = (stamp: number, batch: number, expiresAtMs = 0): Attempt => ({
  stamp,
  value: `v${stamp}`,
  expiresAtMs,
  batch,
});
const deletion = (stamp: number, batch: number): Attempt => ({ stamp, value: undefined, expiresAtMs: 0, batch });
const shows = (stamp: number, answer = `v${stamp}`): { stamp: number; answer: string } => ({ stamp, answer });
/** The version is there, and answers nothing. */
const showsDead = (stamp: number): { stamp: number; answer: undefined } => ({ stamp, answer: undefined });

/** A ledger in which these writes were tried, and batches up to `durable` acknowledged; then the node crashed. */
function crashedAfter(attempts: readonly Attempt[], durable: number): KeyLedger {
  const ledger = new KeyLedger();
  for (const attempt of attempts) ledger.tried(attempt);
  ledger.durable(durable);
  ledger.crashed();
  return ledger;
}

describe('after a restart it is good', () => {
  test('to show the acknowledged write, or one tried after it', () => {
    for (const stamp of [1, 2]) {
      assert.equal(crashedAfter([value(1, 1), value(2, 2)], 1).settle(shows(stamp), NOW), undefined);
    }
  });

  test('to show nothing where nothing was promised', () => {
    assert.equal(new KeyLedger().settle(undefined, NOW), undefined);
    assert.equal(crashedAfter([value(1, 1)], 0).settle(undefined, NOW), undefined);
  });

  test('to show nothing after a deletion or an expiry, acknowledged or not', () => {
    for (const durable of [1, 2]) {
      assert.equal(crashedAfter([value(1, 1), deletion(2, 2)], durable).settle(undefined, NOW), undefined);
      assert.equal(crashedAfter([value(1, 1), value(2, 2, NOW)], durable).settle(undefined, NOW), undefined);
    }
  });

  test('to answer nothing from an expired version, now or later', () => {
    assert.equal(crashedAfter([value(1, 1, NOW)], 1).settle(showsDead(1), NOW), undefined);
    assert.equal(crashedAfter([value(1, 1, NOW)], 1).settle(showsDead(1), NOW + 1), undefined);
  });
});

describe('after a restart it is a violation', () => {
  test('to have lost an acknowledged write: absent, or an older one in its place', () => {
    assert.match(String(crashedAfter([value(1, 1)], 1).settle(undefined, NOW)), /absent, but write 0 .* was promised/);
    assert.match(
      String(crashedAfter([value(1, 1), value(2, 2)], 2).settle(shows(1), NOW)),
      /shows write 0 .* but write 1/,
    );
  });

  test('to show what an acknowledged deletion removed', () => {
    assert.match(
      String(crashedAfter([value(1, 1), deletion(2, 2)], 2).settle(shows(1), NOW)),
      /but write 1 .* was promised/,
    );
  });

  test('to show what nobody wrote: a stamp, or another value under a stamp', () => {
    assert.match(String(crashedAfter([value(1, 1)], 1).settle(shows(7), NOW)), /stamp 7, which nobody wrote/);
    assert.match(String(crashedAfter([value(1, 1)], 1).settle(shows(1, 'other'), NOW)), /answers other/);
  });

  test('to show a write that was refused, though its batch number became durable with another', () => {
    const ledger = new KeyLedger();
    ledger.tried(value(1, 1));
    ledger.refused(1);
    ledger.tried(value(2, 1));
    ledger.durable(1);
    ledger.crashed();
    assert.match(String(ledger.settle(shows(1), NOW)), /refused or lost before/);
  });

  test('to bring back what an earlier restart has shown to be lost', () => {
    const ledger = crashedAfter([value(1, 1), value(2, 2)], 1);
    assert.equal(ledger.settle(shows(1), NOW), undefined);
    ledger.crashed();
    assert.match(String(ledger.settle(shows(2), NOW)), /refused or lost before/);
  });

  test('to take back what an earlier restart has shown', () => {
    const ledger = crashedAfter([value(1, 1), value(2, 2)], 1);
    assert.equal(ledger.settle(shows(2), NOW), undefined);
    ledger.crashed();
    assert.match(String(ledger.settle(shows(1), NOW)), /but write 1 .* was promised/);
  });

  test('to answer a value before it has expired as absent, or after it has expired as live', () => {
    assert.match(String(crashedAfter([value(1, 1, NOW + 1)], 1).settle(showsDead(1), NOW)), /answers undefined/);
    assert.match(String(crashedAfter([value(1, 1, NOW)], 1).settle(shows(1), NOW)), /answers v1/);
    assert.match(String(crashedAfter([value(1, 1, NOW + 1)], 1).settle(undefined, NOW)), /absent/);
  });
});

describe('a live read', () => {
  test('must show the newest write that was not refused', () => {
    const ledger = new KeyLedger();
    ledger.tried(value(1, 1));
    ledger.tried(value(2, 1));
    assert.equal(ledger.observe(shows(2), NOW, false), undefined);
    assert.match(String(ledger.observe(shows(1), NOW, false)), /but write 1/, 'a stale read');
    assert.match(String(ledger.observe(undefined, NOW, false)), /absent/);
    ledger.refused(1);
    assert.equal(ledger.observe(undefined, NOW, true), undefined);
    assert.match(String(ledger.observe(shows(2), NOW, true)), /refused/);
  });

  test('that was allowed to leave is a promise; one that was not is none', () => {
    for (const durable of [true, false]) {
      const ledger = new KeyLedger();
      ledger.tried(value(1, 1));
      assert.equal(ledger.observe(shows(1), NOW, durable), undefined);
      ledger.crashed();
      assert.equal(ledger.settle(undefined, NOW) === undefined, !durable);
    }
  });
});

test('what has expired once may have been forgotten, though the wall clock goes back', () => {
  const ledger = crashedAfter([value(1, 1, NOW)], 1);
  assert.equal(ledger.settle(showsDead(1), NOW), undefined);
  ledger.crashed();
  assert.equal(ledger.settle(undefined, NOW - 500), undefined);
});

describe('a snapshot must show', () => {
  test('what was promised, also by the latest time that anything was judged by', () => {
    const ledger = crashedAfter([value(1, 1, NOW)], 1);
    assert.deepEqual(ledger.promised(NOW - 1), { attempt: value(1, 1, NOW), mayBeForgotten: false });
    assert.equal(ledger.promised(NOW)?.mayBeForgotten, true);
    // It was forgotten as expired once: a wall clock that is set back does not bring it back.
    assert.equal(ledger.promised(NOW - 1)?.mayBeForgotten, true);
  });

  test('a deletion or nothing; and nothing that was not promised', () => {
    assert.equal(crashedAfter([deletion(1, 1)], 1).promised(NOW)?.mayBeForgotten, true);
    assert.equal(crashedAfter([value(1, 1)], 0).promised(NOW), undefined);
  });
});
