/** The runtime's heap stays small, on whatever version of the runtime this is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { keepHeapSmall } from '../src/small-heap.ts';

const MIB = 1024 * 1024;

interface Most {
  readonly young: number;
  readonly old: number;
}

/** Makes objects that are alive for some time and then garbage; 100,000 at once are alive. Answers the most it took. */
function churn(): Most {
  const alive: unknown[] = new Array<unknown>(100_000).fill(undefined);
  let [young, old] = [0, 0];
  for (let i = 0; i < 4_000_000; i += 1) {
    const made = { number: i, list: [i] };
    if (i % 2 === 0) alive[(i / 2) % alive.length] = made;
    if (i % 10_000 !== 0) continue;
    young = Math.max(young, spaceBytes('new_space'));
    old = Math.max(old, spaceBytes('old_space'));
  }
  return { young, old };
}

function spaceBytes(name: string): number {
  return getHeapSpaceStatistics().find(({ space_name: found }) => found === name)?.space_size ?? 0;
}

test('it does not grow, as it would by itself', () => {
  const first = spaceBytes('new_space');
  assert.ok(first < 8 * MIB, `${first} bytes: it has grown before the test`);
  keepHeapSmall();
  const small = churn();
  setFlagsFromString('--heap-growing-percent=0');
  const oldFree = churn();
  setFlagsFromString('--semi-space-growth-factor=2');
  const youngFree = churn();
  assert.ok(small.young <= 8 * MIB, `${small.young} bytes`);
  assert.ok(small.old <= 32 * MIB, `${small.old} bytes`);
  assert.ok(youngFree.young > 8 * MIB && oldFree.old > 32 * MIB, 'the test would see it grow');
});
