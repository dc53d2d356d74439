/**
 * The machine's time: the `Clock` port over node's timers.
 *
 * 1. A timer that node runs early (it counts whole milliseconds, and cuts a delay above 2^31 ms to 1) is set again for
 *    what is left: nobody is called before his delay has passed.
 * 2. All turn ends of a turn share one `setImmediate`, and registering one allocates nothing once the queue has grown.
 *    Those registered during a turn end stand behind the mark where it stops, and run in the next turn.
 * 3. An error of a callback escapes as an uncaught exception; the callbacks behind it still run.
 * 4. After `close` nobody is called back.
 */
import { assert } from '@torc/base/assert';
import type { Clock, Timer } from '@torc/base/ports/clock';

/** Node counts a delay in a signed 32-bit integer. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;
/** How often the lag is measured when no timer of ours measures it. */
const SAMPLE_MS = 50;

export class SystemClock implements Clock {
  readonly #timers: Set<SystemTimer> = new Set();
  readonly #turnEnds: ((() => void) | undefined)[] = [];
  /** The turn ends that wait are those from `#head` up to `#tail`. */
  #head = 0;
  #tail = 0;
  #turnEndIsSet = false;
  #lagMs = 0;
  #closed = false;
  #nextSampleMs: number;
  readonly #sampler: NodeJS.Timeout;

  constructor() {
    this.#nextSampleMs = performance.now() + SAMPLE_MS;
    this.#sampler = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  monotonicMs(): number {
    return performance.now();
  }

  wallMs(): number {
    return Date.now();
  }

  lagMs(): number {
    return this.#lagMs;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    assert(Number.isFinite(delayMs) && delayMs >= 0, 'clock.setTimer: a finite delay >= 0');
    const timer = new SystemTimer(performance.now() + delayMs, callback, this.#timers, this.#ran);
    if (!this.#closed) timer.set();
    return timer;
  }

  onTurnEnd(callback: () => void): void {
    if (this.#closed) return;
    this.#turnEnds[this.#tail++] = callback;
    this.#setTurnEnd();
  }

  /** Ends the measuring and drops all that waits. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#sampler);
    for (const timer of this.#timers) timer.cancel();
    this.#head = 0;
    this.#tail = 0;
    this.#turnEnds.length = 0;
  }

  readonly #ran = (dueMs: number): void => {
    this.#lagMs = Math.max(0, performance.now() - dueMs);
  };

  #sample(): void {
    const nowMs = performance.now();
    this.#lagMs = Math.max(0, nowMs - this.#nextSampleMs);
    this.#nextSampleMs = nowMs + SAMPLE_MS;
  }

  #setTurnEnd(): void {
    if (this.#turnEndIsSet) return;
    this.#turnEndIsSet = true;
    setImmediate(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    const end = this.#tail;
    try {
      while (this.#head < end) {
        const callback = this.#turnEnds[this.#head];
        this.#turnEnds[this.#head++] = undefined;
        callback?.();
      }
    } finally {
      this.#turnEndIsSet = false;
      if (this.#head < this.#tail) this.#setTurnEnd();
      else this.#rewind();
    }
  };

  #rewind(): void {
    this.#head = 0;
    this.#tail = 0;
  }
}

class SystemTimer implements Timer {
  readonly #dueMs: number;
  readonly #callback: () => void;
  readonly #pending: Set<SystemTimer>;
  readonly #ran: (dueMs: number) => void;
  #handle: NodeJS.Timeout | undefined;

  constructor(dueMs: number, callback: () => void, pending: Set<SystemTimer>, ran: (dueMs: number) => void) {
    this.#dueMs = dueMs;
    this.#callback = callback;
    this.#pending = pending;
    this.#ran = ran;
  }

  set(): void {
    this.#pending.add(this);
    const leftMs = Math.max(0, Math.ceil(this.#dueMs - performance.now()));
    this.#handle = setTimeout(this.#fire, Math.min(leftMs, LONGEST_DELAY_MS));
  }

  cancel(): void {
    clearTimeout(this.#handle);
    this.#pending.delete(this);
  }

  readonly #fire = (): void => {
    if (performance.now() < this.#dueMs) {
      this.set();
      return;
    }
    this.#pending.delete(this);
    this.#ran(this.#dueMs);
    this.#callback();
  };
}
