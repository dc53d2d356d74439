/** The causality checker, judged by hand-made histories. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dot } from '@torc/base/record/dot';
import { CausalHistory, dotName } from '../../src/checkers/causal-history.ts';

const dot = (actor: number, stamp: number): Dot => ({ actor, stamp });
const D1 = dot(1, 1);
const D2 = dot(1, 2);
const D3 = dot(2, 3);
const D4 = dot(3, 4);
const D5 = dot(1, 5);

function seen(...dots: readonly Dot[]): Set<string> {
  return new Set(dots.map(dotName));
}

/** D2 saw D1; D3 and D4 saw D2, not each other; D5 saw both. */
function example(): CausalHistory {
  const history = new CausalHistory();
  history.wrote(D1, seen());
  history.wrote(D2, seen(D1));
  history.wrote(D3, seen(D1, D2));
  history.wrote(D4, seen(D1, D2));
  history.wrote(D5, seen(D1, D2, D3, D4));
  return history;
}

function verdict(received: readonly Dot[], shown: readonly Dot[]): readonly string[] {
  const history = example();
  history.judge(
    'a replica',
    seen(...received),
    shown.map((each) => ({ dot: each })),
  );
  return history.violations;
}

test('a replica that shows exactly what nobody has superseded is good', () => {
  assert.deepEqual(verdict([], []), []);
  assert.deepEqual(verdict([D1], [D1]), []);
  assert.deepEqual(verdict([D1, D2], [D2]), []);
  assert.deepEqual(verdict([D1, D2, D3, D4], [D3, D4]), []);
  assert.deepEqual(verdict([D1, D2, D3, D4, D5], [D5]), []);
});

test('a sibling that nobody who wrote later had seen must not disappear', () => {
  assert.deepEqual(verdict([D1, D2, D3, D4], [D3]), ['a replica lost 3@4: nobody who wrote later had seen it']);
  assert.deepEqual(verdict([D1, D2, D3, D4], []).length, 2);
  assert.deepEqual(verdict([D1], []), ['a replica lost 1@1: nobody who wrote later had seen it']);
});

test('a superseded version that is still shown beside its successor hides nothing', () => {
  assert.deepEqual(verdict([D1, D2], [D1, D2]), []);
});

test('a version that nobody wrote must not be shown', () => {
  assert.deepEqual(verdict([D1], [D1, dot(9, 9)]), ['a replica shows 9@9, which nobody wrote']);
});

test('a dot that is given twice is a violation, whatever is shown', () => {
  const history = example();
  history.wrote(D3, seen());
  assert.deepEqual(history.violations, ['the dot 2@3 was given twice']);
});

test('who holds a version knows all that its writer had seen', () => {
  const history = example();
  assert.deepEqual(history.closure([dotName(D3)]), seen(D3, D1, D2));
  assert.deepEqual(history.current(history.closure([dotName(D3), dotName(D4)])), seen(D3, D4));
  assert.deepEqual(history.current(history.closure([dotName(D5)])), seen(D5));
});
