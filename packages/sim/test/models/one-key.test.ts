import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OneKeyModel, type BrokenRules } from '@torc/sim/models/one-key';
import { SimRandom } from '@torc/sim/random';

const SEEDS = 2000;

/** The first seed whose run loses an acknowledged write, or -1. */
function firstLoss(broken: BrokenRules, seeds = SEEDS): number {
  for (let seed = 0; seed < seeds; seed += 1) {
    const model = new OneKeyModel(new SimRandom(seed), { replicas: 3, steps: 30, broken });
    if (model.run().length > 0) return seed;
  }
  return -1;
}

test(`the rules that ship lose nothing in ${SEEDS} interleavings`, () => {
  assert.equal(firstLoss({}), -1);
});

test('plain counters lose an acknowledged write when a coordinator forgets', () => {
  assert.notEqual(firstLoss({ plainCounters: true }), -1);
});

test('deltas lose an acknowledged write', () => {
  assert.notEqual(firstLoss({ deltas: true }), -1);
});

test('a floor that is not raised lets a forgetful coordinator cover its own lost write', () => {
  assert.notEqual(firstLoss({ keepFloor: true }), -1);
});
