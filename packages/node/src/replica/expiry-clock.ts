/**
 * The time that expiry is judged by: wall time that never goes backwards. When the wall clock is set back, it goes on from
 * where it was at the pace of the monotonic clock: what has expired stays expired, and what is written then still
 * expires in time.
 */
import type { Clock } from '@torc/base/ports/clock';

export class ExpiryClock {
  readonly #clock: Clock;
  #lastMs: number;
  #lastMonotonicMs: number;

  /** `leastMs`: the time is not before this; an earlier start had come so far. */
  constructor(clock: Clock, leastMs: number) {
    this.#clock = clock;
    this.#lastMs = leastMs;
    this.#lastMonotonicMs = clock.monotonicMs();
  }

  /** Whole ms since 1970. */
  wallMs(): number {
    const monotonicMs = this.#clock.monotonicMs();
    const steadyMs = this.#lastMs + monotonicMs - this.#lastMonotonicMs;
    this.#lastMs = Math.max(this.#clock.wallMs(), steadyMs);
    this.#lastMonotonicMs = monotonicMs;
    return Math.floor(this.#lastMs);
  }
}
