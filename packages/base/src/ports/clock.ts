/**
 * Time, as the pure house sees it. Nothing else may ask what time it is or wait.
 *
 * Contract:
 * - `monotonicMs` never goes backwards and has sub-millisecond resolution; its origin means nothing.
 * - `wallMs` is milliseconds since 1970 by the machine's wall clock. It may jump either way; whoever uses it copes.
 * - `lagMs` is how late the event loop ran its most recent timers: 0 when idle, large after one long synchronous step.
 * - `setTimer` accepts any finite delay >= 0, also beyond 2^31 ms, and calls back once, never before the delay has passed.
 * - `onTurnEnd` calls back once, after the events of the current turn have been handled and before the next are waited for.
 *   A callback registered during such a call runs at the end of the next turn.
 * - A callback that throws is a bug of its owner: the implementation lets the error escape, it does not swallow it.
 */
export interface Clock {
  monotonicMs(): number;
  wallMs(): number;
  lagMs(): number;
  setTimer(delayMs: number, callback: () => void): Timer;
  onTurnEnd(callback: () => void): void;
}

/** A pending call. `cancel` after the call, or twice, does nothing. */
export interface Timer {
  cancel(): void;
}
