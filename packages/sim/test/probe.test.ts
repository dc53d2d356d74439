/** The probe counts, is cruel by seed, and gives each choice a stream of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlantedBug } from '@torc/base/ports/probe';
import { SimProbe } from '../src/probe.ts';
import { SimRandom } from '../src/random.ts';

function make(cruelty: number, planted: readonly PlantedBug[] = []): SimProbe {
  return new SimProbe({ random: new SimRandom(1), cruelty, planted });
}

test('branches are counted', () => {
  const probe = make(0);
  for (const branch of ['a', 'b', 'a']) probe.reached(branch);
  assert.deepEqual(
    [...probe.counts],
    [
      ['a', 2],
      ['b', 1],
    ],
  );
});

test('cruelty is a rate, by seed, and one choice does not shift another', () => {
  const answers = (probe: SimProbe, choice: string): boolean[] =>
    Array.from({ length: 400 }, () => probe.cruel(choice));
  const alone = answers(make(0.25), 'x');
  const yes = alone.filter(Boolean).length;
  assert.ok(yes > 70 && yes < 130, String(yes));
  const probe = make(0.25);
  answers(probe, 'y');
  assert.deepEqual(answers(probe, 'x'), alone);
  assert.ok(!answers(make(0), 'x').includes(true));
  assert.ok(!answers(make(1), 'x').includes(false));
});

test('it knows which bugs were asked for, and refuses one that does not exist', () => {
  const probe = make(0, ['ack-before-sync']);
  assert.equal(probe.planted('ack-before-sync'), true);
  assert.equal(probe.planted('tail-not-rewritten'), false);
  assert.deepEqual([...probe.asked], ['ack-before-sync', 'tail-not-rewritten']);
  assert.throws(() => make(0, ['no-such-bug' as PlantedBug]), RangeError);
});
