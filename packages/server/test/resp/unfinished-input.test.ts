/** The bound on what all connections together keep of unfinished commands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_UNFINISHED_BYTES, SMALL_UNFINISHED_BYTES, UnfinishedInput } from '../../src/resp/unfinished-input.ts';

test('a connection that goes beyond the total with much of its own is ended; small ones go on', () => {
  const input = new UnfinishedInput();
  assert.equal(input.admits(MAX_UNFINISHED_BYTES, MAX_UNFINISHED_BYTES), true, 'up to the total');
  assert.equal(input.admits(SMALL_UNFINISHED_BYTES, SMALL_UNFINISHED_BYTES), true);
  assert.equal(input.admits(SMALL_UNFINISHED_BYTES + 1, SMALL_UNFINISHED_BYTES + 1), false);
});

test('what is let go of makes room again', () => {
  const input = new UnfinishedInput();
  assert.equal(input.admits(MAX_UNFINISHED_BYTES + 1, MAX_UNFINISHED_BYTES + 1), false);
  assert.equal(input.admits(-MAX_UNFINISHED_BYTES - 1, 0), true);
  assert.equal(input.admits(SMALL_UNFINISHED_BYTES * 2, SMALL_UNFINISHED_BYTES * 2), true);
});
