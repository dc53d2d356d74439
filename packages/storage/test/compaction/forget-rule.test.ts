import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DamageError } from '@torc/base/errors';
import { encodeRecord } from '@torc/base/record/codec';
import type { Sibling, TorcRecord } from '@torc/base/record/record';
import { isForgettable } from '../../src/compaction/forget-rule.ts';

const RULE = { horizon: 100, wallMs: 1000 };

function deleted(actor: number, stamp: number): Sibling {
  return { dot: { actor, stamp }, tombstone: true, value: new Uint8Array(0) };
}

function value(actor: number, stamp: number, expiresAtMs?: number): Sibling {
  const version = { dot: { actor, stamp }, value: Uint8Array.of(1, 2) };
  return expiresAtMs === undefined ? version : { ...version, expiresAtMs };
}

/** Siblings winner first, each by an actor of its own. */
function recordWith(...siblings: Sibling[]): TorcRecord {
  const clock = siblings.map(({ dot }) => ({ actor: dot.actor, since: dot.stamp, upto: dot.stamp }));
  return { clock: clock.sort((a, b) => a.actor - b.actor), siblings };
}

function forgets(...siblings: Sibling[]): boolean {
  const bytes = Uint8Array.of(9, 9, 9, ...encodeRecord(recordWith(...siblings)), 9);
  return isForgettable(bytes, 3, bytes.length - 1, RULE);
}

test('one version: deleted or expired, and at or below the horizon', () => {
  assert.equal(forgets(deleted(1, 100)), true);
  assert.equal(forgets(deleted(1, 101)), false);
  assert.equal(forgets(value(1, 100, 1000)), true);
  assert.equal(forgets(value(1, 101, 1000)), false);
  assert.equal(forgets(value(1, 100, 1001)), false);
  assert.equal(forgets(value(1, 1)), false);
});

test('several versions: all of them', () => {
  assert.equal(forgets(deleted(1, 100), value(2, 99, 1000)), true);
  assert.equal(forgets(deleted(1, 100), value(2, 99, 1001)), false, 'one is live');
  assert.equal(forgets(deleted(1, 100), value(2, 99)), false, 'one never expires');
  assert.equal(forgets(value(1, 100, 2000), deleted(2, 99)), false, 'the winner is live');
  assert.equal(forgets(deleted(1, 101), deleted(2, 99)), false, 'the winner is above the horizon');
});

test('a second attempt stands where the first one stood, and its own stamp still counts', () => {
  const second = { ...deleted(2, 101), firstStamp: 5 };
  assert.equal(forgets(second), false);
  assert.equal(forgets(deleted(1, 100), second), false);
});

test('bytes that are no record are damage', () => {
  const bytes = encodeRecord(recordWith(deleted(1, 10), deleted(2, 9)));
  assert.throws(() => isForgettable(bytes, 0, 31, RULE), DamageError);
  assert.throws(() => isForgettable(bytes, 0, bytes.length - 1, RULE), DamageError);
});
