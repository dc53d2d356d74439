/**
 * One simulated node's time: virtual, with a wall clock that lies and a loop that can be held up.
 *
 * 1. Monotonic time is the scheduler's, plus what a synchronous step has held this node up (`block`): the node alone is
 *    late by that, the rest of the world is not.
 * 2. A timer that comes due while its node is blocked runs when the block ends, and `lagMs` shows by how much.
 * 3. After `kill` no callback of this clock ever runs again: a dead process has no timers.
 *
 * The wall clock is a straight line `startMs + rate * time + offset`; a jump moves the offset either way.
 */
import { assert } from '@torc/base/assert';
import type { Clock, Timer } from '@torc/base/ports/clock';
import type { Scheduler } from './scheduler.ts';

export interface SimClockOptions {
  /** The wall clock at virtual time 0. */
  readonly wallStartMs?: number;
  /** How many wall milliseconds pass in one of virtual time. */
  readonly wallRate?: number;
}

export class SimClock implements Clock {
  readonly scheduler: Scheduler;
  readonly #wallStartMs: number;
  #wallRate: number;
  #wallOffsetMs = 0;
  #blockedUntilMs = 0;
  #lagMs = 0;
  #alive = true;

  constructor(scheduler: Scheduler, options: SimClockOptions = {}) {
    this.scheduler = scheduler;
    this.#wallStartMs = options.wallStartMs ?? 1_700_000_000_000;
    this.#wallRate = options.wallRate ?? 1;
  }

  monotonicMs(): number {
    return Math.max(this.scheduler.nowMs(), this.#blockedUntilMs);
  }

  wallMs(): number {
    return Math.floor(this.#wallStartMs + this.monotonicMs() * this.#wallRate + this.#wallOffsetMs);
  }

  lagMs(): number {
    return this.#lagMs;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    assert(Number.isFinite(delayMs) && delayMs >= 0, 'clock.setTimer: a finite delay >= 0');
    if (!this.#alive) return { cancel(): void {} };
    const dueMs = this.monotonicMs() + delayMs;
    let pending: Timer;
    const fire = (): void => {
      if (!this.#alive) return;
      const nowMs = this.scheduler.nowMs();
      if (nowMs < this.#blockedUntilMs) {
        pending = this.scheduler.at(this.#blockedUntilMs, fire);
        return;
      }
      this.#lagMs = nowMs - dueMs;
      callback();
    };
    pending = this.scheduler.at(dueMs, fire);
    return {
      cancel(): void {
        pending.cancel();
      },
    };
  }

  onTurnEnd(callback: () => void): void {
    if (!this.#alive) return;
    this.scheduler.onTurnEnd(() => {
      if (this.#alive) callback();
    });
  }

  /** Holds this node up for `ms`, as one long synchronous step does. */
  block(ms: number): void {
    if (ms > 0) this.#blockedUntilMs = this.monotonicMs() + ms;
  }

  /** Moves the wall clock by `ms`, forwards or backwards. */
  jumpWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  /** Lets the wall clock run faster or slower from now on, without a jump. */
  setWallRate(rate: number): void {
    this.#wallOffsetMs += this.monotonicMs() * (this.#wallRate - rate);
    this.#wallRate = rate;
  }

  /** The process is dead: nothing it waited for comes any more. */
  kill(): void {
    this.#alive = false;
  }
}
