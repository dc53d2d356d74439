/**
 * Virtual time: one queue of events for the whole simulated world.
 *
 * 1. Time moves only when the queue is empty of events that are due; it never goes back.
 * 2. Events run in order of time, then of their making. Two runs with the same calls are the same run.
 * 3. After every event, and before anything else, all promise continuations run (`drainMicrotasks`).
 * 4. A turn is all events that were due when it began; then come the turn ends registered until then. A turn end that is
 *    registered meanwhile belongs to the next turn, which comes even if no event does.
 *
 * What may go wrong: an error that an event throws escapes from the `run…` call. Nothing is lost by it: the event is
 * done, the rest of the turn is still queued, and the next `run…` call goes on.
 */
import type { Timer } from '@torc/base/ports/clock';
import { type Event, EventQueue } from './event-queue.ts';

/** Nothing is left to happen, but what was waited for has not come. */
export class Stuck extends Error {
  override readonly name = 'Stuck';
}

export class Scheduler {
  readonly #queue: EventQueue = new EventQueue();
  #turnEnds: (() => void)[] = [];
  /** What is left of the turn end that is being run. */
  #ending: (() => void)[] = [];
  #nowMs = 0;
  #sequence = 0;
  #turns = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  /** How many turns have run. */
  turns(): number {
    return this.#turns;
  }

  /** Runs `run` once at `dueMs` of virtual time, or next if that has passed. */
  at(dueMs: number, run: () => void): Timer {
    const event: Event = { dueMs: Math.max(dueMs, this.#nowMs), sequence: this.#sequence++, run };
    this.#queue.push(event);
    return {
      cancel(): void {
        event.run = undefined;
      },
    };
  }

  onTurnEnd(callback: () => void): void {
    this.#turnEnds.push(callback);
  }

  /** Runs until nothing is left to happen. `maxTurns` bounds a world that never rests. */
  async runUntilIdle(maxTurns: number = MAX_TURNS): Promise<void> {
    if (!(await this.#run(() => false, Number.POSITIVE_INFINITY, maxTurns))) return;
    throw new Stuck(`still busy after ${maxTurns} turns`);
  }

  /** Runs until `condition` holds: true. False when nothing is left to happen, or at `limitMs` from now. */
  async runUntil(condition: () => boolean, limitMs: number = Number.POSITIVE_INFINITY): Promise<boolean> {
    await this.#run(condition, this.#nowMs + limitMs, MAX_TURNS);
    return condition();
  }

  /** Lets `ms` of virtual time pass, with everything that happens in it. */
  async runFor(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await this.#run(() => false, endMs, MAX_TURNS);
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  /** Runs until `work` is settled and gives its outcome. `Stuck` when nothing is left that could settle it. */
  async settle<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    work.then(mark, mark);
    if (!(await this.runUntil(() => settled))) throw new Stuck('nothing is left to happen, and the promise is pending');
    return work;
  }

  /** True: stopped by the condition or the turn limit. False: idle, or the next event lies beyond `endMs`. */
  async #run(stop: () => boolean, endMs: number, maxTurns: number): Promise<boolean> {
    await drainMicrotasks();
    for (let turn = 0; turn < maxTurns; turn++) {
      if (stop()) return true;
      if (this.#ending.length + this.#turnEnds.length > 0) {
        if (await this.#endTurn(stop)) return true;
        continue;
      }
      const next = this.#queue.peek();
      if (next === undefined || next.dueMs > endMs) return false;
      this.#nowMs = next.dueMs;
      if (await this.#runDue(this.#sequence, stop)) return true;
    }
    return true;
  }

  /** Runs the events that are due now and were made before the turn began. */
  async #runDue(madeBefore: number, stop: () => boolean): Promise<boolean> {
    this.#turns++;
    for (;;) {
      const next = this.#queue.peek();
      if (next === undefined || next.dueMs > this.#nowMs || next.sequence >= madeBefore) return false;
      this.#queue.pop();
      const { run } = next;
      next.run = undefined;
      run?.();
      await drainMicrotasks();
      if (stop()) return true;
    }
  }

  /** A callback that throws, or a stop, leaves the others in `#ending`: they are the first thing of the next run. */
  async #endTurn(stop: () => boolean): Promise<boolean> {
    if (this.#ending.length === 0) {
      this.#ending = this.#turnEnds;
      this.#turnEnds = [];
    }
    for (;;) {
      const callback = this.#ending.shift();
      if (callback === undefined) return false;
      callback();
      await drainMicrotasks();
      if (stop()) return true;
    }
  }
}

const MAX_TURNS = 10_000_000;

/**
 * Lets every promise continuation that is ready run, however long their chain is. A fixed number of awaits would not:
 * a longer chain would then depend on how deep the code under test happens to nest.
 */
function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
