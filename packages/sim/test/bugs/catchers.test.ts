/** Every planted bug is seen by a checker’s verdict on a run, and the same run without it is good. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLANTED_BUGS } from '@torc/base/ports/probe';
import { catchAll } from '../../src/bugs/catchers.ts';

const MOST_RUNS = 100;

test(`every planted bug is caught within ${MOST_RUNS} runs`, async () => {
  const caught: string[] = [];
  for await (const { bug, runs, verdict } of catchAll(MOST_RUNS)) {
    assert.ok(runs > 0, `${bug}: ${verdict}`);
    assert.notEqual(verdict, '');
    caught.push(bug);
  }
  assert.deepEqual(caught, [...PLANTED_BUGS]);
});
