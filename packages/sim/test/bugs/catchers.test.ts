/** Planted bugs are seen by a checker’s verdict on a run. Some of them here; `npm run bugs`, a step of the gate, does all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLANTED_BUGS } from '@torc/base/ports/probe';
import { catchAll } from '../../src/bugs/catchers.ts';

const BUGS = 5;
const MOST_RUNS = 100;

test(`the first ${BUGS} planted bugs are caught within ${MOST_RUNS} runs, in their order`, async () => {
  const caught: string[] = [];
  for await (const { bug, runs, verdict } of catchAll(MOST_RUNS)) {
    assert.ok(runs > 0, `${bug}: ${verdict}`);
    assert.notEqual(verdict, '');
    caught.push(bug);
    if (caught.length === BUGS) break;
  }
  assert.deepEqual(caught, PLANTED_BUGS.slice(0, BUGS));
});

test('a bug that is not seen is told apart from one that is', async () => {
  for await (const { runs, verdict } of catchAll(0)) {
    assert.equal(runs, 0);
    assert.match(verdict, /not seen/);
  }
});
