/**
 * Decides where a sync runs: in the turn while the disk answers fast, on the pool when it does not. In the turn costs the
 * event loop one wait but no hop to another thread and back; measured on a local disk it is the faster of the two.
 */
import { RecentP99 } from '../recent-p99.ts';

const WINDOW = 512;
const JUDGE_EVERY = 64;
const FAST_P99_MS = 1;

export class SyncPace {
  readonly #p99 = new RecentP99({ window: WINDOW, judgeEvery: JUDGE_EVERY });

  get p99Ms(): number {
    return this.#p99.ms;
  }

  get inTurn(): boolean {
    return this.#p99.ms < FAST_P99_MS;
  }

  observe(durationMs: number): void {
    this.#p99.observe(durationMs);
  }
}
