/** A small run of the bench: it ends with equal stores, or throws; and its numbers are what they are called. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measure } from './exchange.ts';
import { isMet } from './report.ts';

test('a row says what was sent, and holds it against what differs', () => {
  const options = { keys: 4000, partitionBits: 2, valueBytes: 100, differing: [0, 80, 2000], rounds: 1 };
  const rows = measure(options, () => undefined);
  assert.ok(rows.every(isMet));
  const [equal, few, many] = rows;
  assert.deepEqual([equal?.messages, equal?.records, equal?.keysListed, equal?.differingBytes], [8, 0, 0, 0]);
  // Missing ones move once, those that are older once or twice, concurrent ones both ways.
  assert.deepEqual([few?.differing, few?.records], [80, 80 + 20 + 20]);
  assert.ok((many?.differingBytes ?? 0) > 2000 * 150 && (many?.keysListed ?? 0) > 4000);
  assert.ok((few?.bytes ?? 0) < (many?.bytes ?? 0));
});

test('a pair that said more than it should is seen', () => {
  // So few bytes in so many keys of one leaf that the list alone is beyond the aim.
  const options = { keys: 400_000, partitionBits: 0, valueBytes: 0, differing: [3000], rounds: 1 };
  const [row] = measure(options, () => undefined);
  assert.ok(row !== undefined && row.pairsBeyond === 1 && !isMet(row));
});
