/**
 * How a job in the worker goes about its time: it looks at its control words between pieces, ends when it is told to,
 * keeps to its rate, and lets other jobs of the same worker have their turn.
 */
import { ExecutorError } from '@torc/base/errors';
import type { Clock } from '@torc/base/ports/clock';
import { CONTROL_ABORT, CONTROL_RATE, CONTROL_YIELD } from './job-codec.ts';

/** How long a job stands still before it looks again whether it may go on. */
const YIELD_MS = 2;

/** A pause is never longer, so that a changed rate is seen soon. */
const MAX_PAUSE_MS = 250;

export class JobPace {
  readonly #clock: Clock;
  readonly #control: Int32Array;
  readonly #yields: boolean;
  readonly #ownRate: number | undefined;
  #beganMs: number;
  #bytes = 0;

  /**
   * `yields`: the job stands still while a more urgent one waits. A rate of its own, in bytes a second, goes before that of
   * the control words; 0 is no limit in either.
   */
  constructor(clock: Clock, control: SharedArrayBuffer, yields: boolean, ownRate?: number) {
    this.#clock = clock;
    this.#control = new Int32Array(control);
    this.#yields = yields;
    this.#ownRate = ownRate;
    this.#beganMs = clock.monotonicMs();
  }

  /** Called after each piece of work of so many bytes. */
  async worked(bytes: number): Promise<void> {
    this.#look();
    this.#bytes += bytes;
    let aheadMs = this.#aheadMs();
    do {
      await this.#pause(Math.min(Math.max(aheadMs, 0), MAX_PAUSE_MS));
      this.#look();
      aheadMs = this.#aheadMs();
    } while (aheadMs >= 1);
    while (this.#yields && Atomics.load(this.#control, CONTROL_YIELD) !== 0) {
      await this.#pause(YIELD_MS);
      this.#look();
      // The time that others took is not held against the rate.
      this.#beganMs = this.#clock.monotonicMs();
      this.#bytes = 0;
    }
  }

  /** How far the job is before its rate. */
  #aheadMs(): number {
    const rate = this.#ownRate ?? Atomics.load(this.#control, CONTROL_RATE);
    const dueMs = rate > 0 && this.#yields ? (this.#bytes / rate) * 1000 : 0;
    return dueMs - (this.#clock.monotonicMs() - this.#beganMs);
  }

  #look(): void {
    if (Atomics.load(this.#control, CONTROL_ABORT) !== 0) throw new ExecutorError('the engine is closing');
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.setTimer(ms, resolve);
    });
  }
}
