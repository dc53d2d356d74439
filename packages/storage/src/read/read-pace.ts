/**
 * Decides where a read of the disk runs: in the turn while reads come from the page cache or a fast disk, on the pool when
 * they do not. Only reads in the turn are measured; while they are slow, one in so many is tried there again.
 */
const WINDOW = 256;
const JUDGE_EVERY = 32;
const FAST_P99_MS = 0.2;
const TRY_EVERY = 64;

export class ReadPace {
  readonly #recentMs = new Float64Array(WINDOW);
  #count = 0;
  #fast = true;
  #asked = 0;
  p99Ms = 0;

  get inTurn(): boolean {
    if (this.#fast) return true;
    this.#asked += 1;
    return this.#asked % TRY_EVERY === 0;
  }

  observe(durationMs: number): void {
    this.#recentMs[this.#count % WINDOW] = durationMs;
    this.#count += 1;
    if (this.#count % JUDGE_EVERY === 0) this.#judge();
  }

  #judge(): void {
    const sorted = this.#recentMs.slice(0, Math.min(this.#count, WINDOW)).sort();
    this.p99Ms = sorted[Math.floor(sorted.length * 0.99)] as number;
    this.#fast = this.p99Ms < FAST_P99_MS;
  }
}
