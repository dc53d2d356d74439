/**
 * Decides where a read of the disk runs: in the turn while reads come from the page cache or a fast disk, on the pool when
 * they do not. Only reads in the turn are measured; while they are slow, one in so many is tried there again.
 */
import { RecentP99 } from '../recent-p99.ts';

const WINDOW = 256;
const JUDGE_EVERY = 32;
const FAST_P99_MS = 0.2;
const TRY_EVERY = 64;

export class ReadPace {
  readonly #p99 = new RecentP99({ window: WINDOW, judgeEvery: JUDGE_EVERY });
  #asked = 0;

  get p99Ms(): number {
    return this.#p99.ms;
  }

  get inTurn(): boolean {
    if (this.#p99.ms < FAST_P99_MS) return true;
    this.#asked += 1;
    return this.#asked % TRY_EVERY === 0;
  }

  observe(durationMs: number): void {
    this.#p99.observe(durationMs);
  }
}
