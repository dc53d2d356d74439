/** Virtual time: order, turns, and what happens when something throws or nothing happens any more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimClock } from '../src/clock.ts';
import { Scheduler, Stuck } from '../src/scheduler.ts';
import { SimRandom } from '../src/random.ts';

test('events run in order of time, then of their making', async () => {
  const scheduler = new Scheduler();
  const random = new SimRandom(1);
  const made: [due: number, made: number][] = [];
  const ran: [due: number, made: number][] = [];
  for (let i = 0; i < 500; i++) {
    const due = random.below(40);
    made.push([due, i]);
    scheduler.at(due, () => ran.push([due, i]));
  }
  await scheduler.runUntilIdle();
  assert.deepEqual(
    ran,
    made.sort(([dueA, a], [dueB, b]) => dueA - dueB || a - b),
  );
  assert.equal(scheduler.nowMs(), 39);
});

test('all continuations of an event run before the next event, however long their chain', async () => {
  const scheduler = new Scheduler();
  const log: string[] = [];
  const chain = async (): Promise<void> => {
    for (let i = 0; i < 5000; i++) await Promise.resolve();
    log.push('chain');
  };
  scheduler.at(1, () => void chain());
  scheduler.at(1, () => log.push('next'));
  await scheduler.runUntilIdle();
  assert.deepEqual(log, ['chain', 'next']);
});

test('a turn is what was due when it began; its end comes before what was made meanwhile', async () => {
  const scheduler = new Scheduler();
  const log: string[] = [];
  scheduler.at(1, () => {
    log.push('a');
    scheduler.at(1, () => log.push('made in the turn'));
    scheduler.onTurnEnd(() => log.push('end'));
  });
  scheduler.at(1, () => log.push('b'));
  await scheduler.runUntilIdle();
  assert.deepEqual(log, ['a', 'b', 'end', 'made in the turn']);
});

test('an error escapes, and the next run goes on where it stopped', async () => {
  const scheduler = new Scheduler();
  const log: string[] = [];
  scheduler.at(1, () => {
    throw new RangeError('bug');
  });
  scheduler.at(1, () => log.push('same turn'));
  scheduler.at(2, () => log.push('later'));
  await assert.rejects(scheduler.runUntilIdle(), RangeError);
  await scheduler.runUntilIdle();
  assert.deepEqual(log, ['same turn', 'later']);
});

test('settle: an outcome, an error, or stuck', async () => {
  const scheduler = new Scheduler();
  const later = (ms: number): Promise<number> => new Promise((resolve) => scheduler.at(ms, () => resolve(ms)));
  assert.equal(await scheduler.settle(later(5).then((ms) => later(ms * 2))), 10);
  await assert.rejects(scheduler.settle(Promise.reject(new RangeError('no'))), RangeError);
  await assert.rejects(scheduler.settle(new Promise(() => {})), Stuck);
});

test('runUntil stops at its condition or its limit, runFor at its time', async () => {
  const scheduler = new Scheduler();
  let ticks = 0;
  const tick = (): void => {
    ticks++;
    scheduler.at(scheduler.nowMs() + 10, tick);
  };
  tick();
  assert.equal(await scheduler.runUntil(() => ticks === 5), true);
  assert.equal(scheduler.nowMs(), 40);
  assert.equal(await scheduler.runUntil(() => ticks === 50, 100), false);
  assert.equal(ticks, 15);
  await scheduler.runFor(5);
  assert.equal(scheduler.nowMs(), 145);
  await assert.rejects(scheduler.runUntilIdle(1000), Stuck);
});

test('a blocked node is late, and the rest of the world is not', async () => {
  const scheduler = new Scheduler();
  const slow = new SimClock(scheduler);
  const quick = new SimClock(scheduler);
  const log: string[] = [];
  slow.setTimer(10, () => log.push(`slow ${slow.monotonicMs()} lag ${slow.lagMs()}`));
  quick.setTimer(10, () => log.push(`quick ${quick.monotonicMs()} lag ${quick.lagMs()}`));
  slow.block(50);
  assert.equal(slow.monotonicMs(), 50);
  assert.equal(quick.monotonicMs(), 0);
  await scheduler.runUntilIdle();
  assert.deepEqual(log, ['quick 10 lag 0', 'slow 50 lag 40']);
});

test('a wall clock jumps and drifts either way, and monotonic time does not care', async () => {
  const scheduler = new Scheduler();
  const clock = new SimClock(scheduler, { wallStartMs: 1_000_000, wallRate: 2 });
  await scheduler.runFor(100);
  assert.equal(clock.wallMs(), 1_000_200);
  clock.jumpWall(-500_000);
  assert.equal(clock.wallMs(), 500_200);
  clock.setWallRate(0.5);
  assert.equal(clock.wallMs(), 500_200);
  await scheduler.runFor(100);
  assert.equal(clock.wallMs(), 500_250);
  assert.equal(clock.monotonicMs(), 200);
});

test('a killed clock calls nobody back', async () => {
  const scheduler = new Scheduler();
  const clock = new SimClock(scheduler);
  const called: string[] = [];
  clock.setTimer(1, () => called.push('timer'));
  clock.onTurnEnd(() => called.push('end'));
  clock.kill();
  clock.setTimer(1, () => called.push('new timer')).cancel();
  clock.onTurnEnd(() => called.push('new end'));
  await scheduler.runUntilIdle();
  assert.deepEqual(called, []);
});
