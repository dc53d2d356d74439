/**
 * Decides where a sync runs: in the turn while the disk answers fast, on the pool when it does not. In the turn costs the
 * event loop one wait but no hop to another thread and back; measured on a local disk it is the faster of the two.
 */
const WINDOW = 512;
const JUDGE_EVERY = 64;
const FAST_P99_MS = 1;

export class SyncPace {
  readonly #recentMs = new Float64Array(WINDOW);
  #count = 0;
  #inTurn = true;
  p99Ms = 0;

  get inTurn(): boolean {
    return this.#inTurn;
  }

  observe(durationMs: number): void {
    this.#recentMs[this.#count % WINDOW] = durationMs;
    this.#count += 1;
    if (this.#count % JUDGE_EVERY === 0) this.#judge();
  }

  #judge(): void {
    const sorted = this.#recentMs.slice(0, Math.min(this.#count, WINDOW)).sort();
    this.p99Ms = sorted[Math.floor(sorted.length * 0.99)] as number;
    this.#inTurn = this.p99Ms < FAST_P99_MS;
  }
}
