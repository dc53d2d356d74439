/** The recovered tail: what no frame calls durable is written again and synced before anything is served from it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crash } from '@torc/sim/crash';
import { LOSS_MODES } from '@torc/sim/disk/loss';
import { append, appendEach, openLog } from '../support/log-bench.ts';
import { Events, World } from '../support/world.ts';

test('a batch that was written but not synced when the process was killed survives the power loss after the next start', () => {
  for (const mode of LOSS_MODES) {
    const world = new World({ cruelty: 1 });
    const { log } = openLog(world);
    appendEach(log, ['a=1', 'b=2']);
    append(log, 'c=3');
    world.disk.faults.set({ laterMs: [1e6, 1e6] });
    world.disk.armCrash({ operation: world.disk.operations + 2, moment: 'before' });
    assert.throws(
      () => log.commitNow(),
      (error) => error instanceof Crash,
    );
    world.restartProcess();
    const { lines, recovered } = openLog(world);
    assert.deepEqual(lines, ['a=1', 'b=2', 'c=3']);
    assert.equal(recovered.cutBytes, 0);
    world.restart(mode);
    assert.deepEqual(openLog(world).lines, lines, mode);
  }
});

test('many kills in a row, each with a tail, lose and repeat nothing', () => {
  const world = new World();
  const expected: string[] = [];
  for (let life = 0; life < 12; life += 1) {
    const { log, lines, recovered } = openLog(world, { segmentBytes: 300 });
    assert.deepEqual(lines, expected);
    assert.equal(recovered.nextBatch, expected.length + 1);
    const fresh = Array.from({ length: life % 4 }, (_, n) => `k${life}.${n}=${'v'.repeat(n * 60)}`);
    appendEach(log, fresh);
    expected.push(...fresh);
    if (life % 3 === 0) world.restart('dropped', String(life));
    else world.restartProcess();
  }
});

test('a crash at any operation of a start, in every loss mode, leaves a directory that opens with everything', () => {
  for (const mode of LOSS_MODES) {
    for (let operation = 1; ; operation += 1) {
      const world = new World({ seed: operation });
      appendEach(openLog(world).log, ['a=1', 'b=2']);
      world.restartProcess();
      world.disk.armCrash({ operation, moment: 'during' });
      try {
        openLog(world);
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
      const done = world.disk.crashed === undefined;
      world.restart(mode, String(operation));
      assert.deepEqual(openLog(world).lines, ['a=1', 'b=2'], `${mode}, operation ${operation}`);
      if (done) break;
    }
  }
});

test('a clean close marks its end: the next start rewrites nothing', async () => {
  const world = new World();
  const events = new Events();
  const { log } = openLog(world, { listener: events });
  appendEach(log, ['a=1', 'b=2']);
  await world.scheduler.settle(log.close());
  world.restart('dropped');
  const { lines, recovered } = openLog(world);
  assert.deepEqual(lines, ['a=1', 'b=2']);
  assert.deepEqual([recovered.nextBatch, recovered.cutBytes], [3, 0]);
  assert.equal(world.probe.counts.get('tail-rewritten'), undefined);
});
