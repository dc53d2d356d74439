/**
 * The conformance suite of the `Clock` port. Real clocks really wait: the waits are few and tiny.
 */
import { InvariantError } from '../assert.ts';
import type { Clock } from '../ports/clock.ts';
import { type Case, type Closable, expect, expectEqual, expectList, expectThrows, oneCase } from './suite.ts';

export interface ClockBench extends Closable {
  readonly clock: Clock;
  /** Lets at least that much time pass, with what is due in it. */
  advance(ms: number): Promise<void>;
  /** One synchronous step of that length. */
  block(ms: number): void;
  /** Lets time pass until an error escapes from a callback, and gives it. */
  escaped(ms: number): Promise<unknown>;
}

const clockCase = oneCase<ClockBench>;

export const CLOCK_CASES: readonly Case<ClockBench>[] = [
  clockCase('monotonic time never goes backwards', async ({ clock, advance }) => {
    let last = clock.monotonicMs();
    for (let i = 0; i < 1000; i++) {
      const now = clock.monotonicMs();
      expect(now >= last, `${now} after ${last}`);
      last = now;
    }
    await advance(2);
    expect(clock.monotonicMs() >= last + 2, 'monotonic time covers the time that passed');
  }),
  clockCase('monotonic time is finer than a millisecond', async ({ clock, advance }) => {
    let whole = 0;
    for (let i = 0; i < 5; i++) {
      await advance(0.3);
      if (Number.isInteger(clock.monotonicMs())) whole++;
    }
    expect(whole < 5, 'five readings in a row were whole milliseconds');
  }),
  clockCase('wall time counts from 1970 in milliseconds', async ({ clock }) => {
    expect(clock.wallMs() > 1_500_000_000_000 && clock.wallMs() < 10_000_000_000_000, `wall time ${clock.wallMs()}`);
  }),
  clockCase('lag shows a long synchronous step, and goes away', async ({ clock, advance, block }) => {
    expect(clock.lagMs() >= 0, 'lag is never negative');
    let seenMs = 0;
    clock.setTimer(1, () => {
      seenMs = clock.lagMs();
    });
    block(60);
    await advance(70);
    expect(seenMs >= 40, `a step of 60 ms showed as a lag of ${seenMs}`);
    for (let tries = 0; tries < 50 && clock.lagMs() > 20; tries++) {
      clock.setTimer(1, () => {});
      await advance(5);
    }
    expect(clock.lagMs() <= 20, `the lag stayed at ${clock.lagMs()}`);
  }),
  clockCase('a timer calls back once, and never before its delay', async ({ clock, advance }) => {
    const delays = [0, 0.4, 1, 3.5, 7];
    const early: number[] = [];
    const calls = delays.map(() => 0);
    delays.forEach((delayMs, index) => {
      const dueMs = clock.monotonicMs() + delayMs;
      clock.setTimer(delayMs, () => {
        calls[index] = (calls[index] ?? 0) + 1;
        if (clock.monotonicMs() < dueMs) early.push(delayMs);
      });
    });
    await advance(30);
    expectList(early, [], 'delays of timers that ran early');
    expectList(calls, [1, 1, 1, 1, 1], 'calls');
  }),
  clockCase('a timer does not call back from within setTimer', async ({ clock, advance }) => {
    let called = false;
    clock.setTimer(0, () => {
      called = true;
    });
    expectEqual(called, false, 'called at once');
    await advance(5);
    expectEqual(called, true, 'called later');
  }),
  clockCase('a cancelled timer never calls back; cancelling late or twice does nothing', async ({ clock, advance }) => {
    let cancelled = 0;
    let others = 0;
    const timer = clock.setTimer(2, () => cancelled++);
    const done = clock.setTimer(0, () => others++);
    timer.cancel();
    timer.cancel();
    await advance(10);
    done.cancel();
    const selfish = clock.setTimer(0, () => {
      others++;
      selfish.cancel();
    });
    await advance(5);
    expectEqual(cancelled, 0, 'calls of the cancelled timer');
    expectEqual(others, 2, 'calls of the others');
  }),
  clockCase('a timer above 2^31 ms does not fire early, and can be cancelled', async ({ clock, advance }) => {
    let calls = 0;
    const timers = [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 + 1, 1e15].map((ms) =>
      clock.setTimer(ms, () => calls++),
    );
    await advance(10);
    for (const timer of timers) timer.cancel();
    await advance(2);
    expectEqual(calls, 0, 'calls');
  }),
  clockCase('a delay that is no delay is a bug of the caller', async ({ clock }) => {
    for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expectThrows(InvariantError, () => clock.setTimer(ms, () => {}), `delay ${ms}`);
    }
  }),
  clockCase('a turn end comes once, after the turn and its promises, in order', async ({ clock, advance }) => {
    const log: string[] = [];
    clock.setTimer(1, () => {
      clock.onTurnEnd(() => log.push('end 1'));
      clock.onTurnEnd(() => log.push('end 2'));
      void Promise.resolve().then(() => log.push('promise'));
      log.push('event');
    });
    await advance(10);
    expectList(log, ['event', 'promise', 'end 1', 'end 2'], 'order');
  }),
  clockCase('a turn end comes although no event follows, before later timers', async ({ clock, advance }) => {
    const log: string[] = [];
    clock.setTimer(5, () => log.push('timer'));
    clock.onTurnEnd(() => log.push('end'));
    await advance(20);
    expectList(log, ['end', 'timer'], 'order');
  }),
  clockCase('a turn end registered during one belongs to the next turn', async ({ clock, advance }) => {
    const log: string[] = [];
    const again = (): void => {
      log.push('first');
      void Promise.resolve().then(() => log.push('between'));
      clock.onTurnEnd(() => log.push('second'));
    };
    clock.onTurnEnd(again);
    await advance(5);
    expectList(log, ['first', 'between', 'second'], 'order');
  }),
  clockCase('turn ends go on over a thousand turns', async ({ clock, advance }) => {
    let turns = 0;
    const next = (): void => {
      if (++turns < 1000) clock.onTurnEnd(next);
    };
    clock.onTurnEnd(next);
    for (let tries = 0; tries < 100 && turns < 1000; tries++) await advance(5);
    expectEqual(turns, 1000, 'turns');
  }),
  clockCase('an error of a timer escapes; other timers go on', async ({ clock, advance, escaped }) => {
    let others = 0;
    const bug = new SyntaxError('a bug of the owner');
    clock.setTimer(0, () => {
      throw bug;
    });
    clock.setTimer(2, () => others++);
    expect((await escaped(10)) === bug, 'the error itself escapes');
    await advance(5);
    expectEqual(others, 1, 'calls of the other timer');
  }),
  clockCase('an error of a turn end escapes; the other turn ends go on', async ({ clock, advance, escaped }) => {
    let others = 0;
    const bug = new SyntaxError('a bug of the owner');
    clock.onTurnEnd(() => others++);
    clock.onTurnEnd(() => {
      throw bug;
    });
    clock.onTurnEnd(() => others++);
    expect((await escaped(10)) === bug, 'the error itself escapes');
    await advance(5);
    expectEqual(others, 2, 'calls of the others');
  }),
];
