/** The oracle must see what it is there to see, and must not cry wolf: each kind of loss is planted here once. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeViolation, WriteLedger, type Held } from './write-ledger.ts';

/** A key with these writes, of which the first `acknowledged` were acknowledged. */
function ledgerOf(writes: readonly Held[], acknowledged: number): WriteLedger {
  const ledger = new WriteLedger();
  const attempts = writes.map((value) => ledger.attempt('k', value));
  for (const attempt of attempts.slice(0, acknowledged)) ledger.acknowledge('k', attempt);
  return ledger;
}

describe('the write ledger sees', () => {
  test('a lost acknowledgement: nothing there', () => {
    assert.equal(ledgerOf(['a'], 1).recover('k', null)?.fault, 'lost');
    assert.equal(ledgerOf(['a', 'b'], 1).recover('k', null)?.fault, 'lost');
    assert.equal(ledgerOf(['a', null, 'b'], 3).recover('k', null)?.fault, 'lost');
  });

  test('a stale value: older than the acknowledged one', () => {
    assert.equal(ledgerOf(['a', 'b'], 2).recover('k', 'a')?.fault, 'stale');
    assert.equal(ledgerOf(['a', 'b', 'c'], 2).recover('k', 'a')?.fault, 'stale');
  });

  test('a resurrected delete', () => {
    assert.equal(ledgerOf(['a', null], 2).recover('k', 'a')?.fault, 'resurrected');
    assert.equal(ledgerOf(['a', null, 'b'], 2).recover('k', 'a')?.fault, 'resurrected');
  });

  test('an invented value', () => {
    assert.equal(ledgerOf(['a'], 1).recover('k', 'z')?.fault, 'invented');
    assert.equal(ledgerOf([], 0).recover('k', 'a')?.fault, 'invented');
    assert.equal(ledgerOf(['a', null], 2).recover('k', '')?.fault, 'invented');
  });

  test('a value that was written to another key', () => {
    const ledger = ledgerOf(['a'], 1);
    ledger.acknowledge('other', ledger.attempt('other', 'b'));
    assert.equal(ledger.recover('k', 'b')?.fault, 'invented');
    assert.equal(ledger.recover('other', 'b'), undefined);
  });

  test('a write that was gone after one restart and is back after the next', () => {
    const ledger = ledgerOf(['a', 'b'], 1);
    assert.equal(ledger.recover('k', 'a'), undefined);
    assert.equal(ledger.recover('k', 'b')?.fault, 'stale');
    const deleted = ledgerOf(['a', null, 'b'], 2);
    assert.equal(deleted.recover('k', null), undefined);
    assert.equal(deleted.recover('k', 'b')?.fault, 'resurrected');
  });

  test('an unacknowledged write that survived one restart and not the next', () => {
    const ledger = ledgerOf(['a', 'b'], 1);
    assert.equal(ledger.recover('k', 'b'), undefined);
    assert.equal(ledger.recover('k', 'a')?.fault, 'stale');
  });

  test('a value from before an earlier restart', () => {
    const ledger = ledgerOf(['a'], 1);
    assert.equal(ledger.recover('k', 'a'), undefined);
    ledger.acknowledge('k', ledger.attempt('k', 'b'));
    assert.equal(ledger.recover('k', 'a')?.fault, 'stale');
  });

  test('a read that showed a value which is gone after the crash', () => {
    const ledger = ledgerOf(['a', 'b'], 1);
    assert.equal(ledger.observe('k', 'b', ledger.floorOf('k')), undefined);
    assert.equal(ledger.recover('k', 'a')?.fault, 'stale');
  });

  test('a read that goes back behind an acknowledgement', () => {
    const ledger = ledgerOf(['a', 'b'], 2);
    assert.equal(ledger.observe('k', 'a', ledger.floorOf('k'))?.fault, 'stale');
    assert.equal(ledger.observe('k', null, ledger.floorOf('k'))?.fault, 'lost');
  });
});

describe('the write ledger accepts', () => {
  test('the last acknowledged value and every later attempt', () => {
    for (const found of ['b', 'c', 'd', null]) {
      assert.equal(ledgerOf(['a', 'b', 'c', null, 'd'], 2).recover('k', found), undefined);
    }
  });

  test('nothing, or any attempt, where nothing was acknowledged', () => {
    for (const found of [null, 'a', 'b']) assert.equal(ledgerOf(['a', 'b'], 0).recover('k', found), undefined);
  });

  test('an acknowledged delete of a key that is gone', () => {
    assert.equal(ledgerOf(['a', null], 2).recover('k', null), undefined);
    assert.equal(ledgerOf(['a', null, null], 2).recover('k', null), undefined);
  });

  test('an older value from a read that was sent before the acknowledgement came', () => {
    const ledger = ledgerOf(['a'], 1);
    const from = ledger.floorOf('k');
    ledger.acknowledge('k', ledger.attempt('k', 'b'));
    assert.equal(ledger.observe('k', 'a', from), undefined);
    assert.equal(ledger.recover('k', 'b'), undefined);
  });

  test('a delete seen by a read binds no more than the earliest delete that it can have been', () => {
    const ledger = ledgerOf(['a', null, 'b', null], 1);
    assert.equal(ledger.observe('k', null, ledger.floorOf('k')), undefined);
    assert.equal(ledger.recover('k', 'b'), undefined);
  });
});

describe('the write ledger keeps', () => {
  test('a state a key, for its own writer', () => {
    const ledger = ledgerOf(['a', null], 0);
    assert.equal(ledger.latest('k'), null);
    assert.equal(ledger.latestOf('k'), 2);
    assert.equal(ledger.latest('new'), null);
    ledger.recover('k', 'a');
    assert.equal(ledger.latest('k'), 'a');
    const attempt = ledger.attempt('k', 'c');
    assert.equal(attempt, ledger.latestOf('k'));
    assert.equal(ledger.observe('k', 'c', attempt), undefined);
  });

  test('count of acknowledgements, and refuses one for what was never attempted', () => {
    const ledger = ledgerOf(['a', 'b', 'c'], 2);
    assert.equal(ledger.acknowledged, 2);
    assert.throws(() => ledger.acknowledge('k', 9), RangeError);
    assert.deepEqual(ledger.keys, ['k']);
  });

  test('a sentence for whoever reads the failure', () => {
    const wrong = ledgerOf(['a', 'b'], 1).recover('k', null);
    assert.ok(wrong);
    assert.equal(describeViolation(wrong), 'lost: k holds nothing; it may hold "a" or "b"');
  });
});
