/** The 99th percentile of the durations observed last, so that a disk is judged by how it is now. */
export class RecentP99 {
  /** As of the last judgement; 0 before the first. */
  ms = 0;
  readonly #recentMs: Float64Array;
  readonly #judgeEvery: number;
  #count = 0;

  /** Over the last `window` durations, judged anew after every `judgeEvery`. */
  constructor({ window, judgeEvery }: { window: number; judgeEvery: number }) {
    this.#recentMs = new Float64Array(window);
    this.#judgeEvery = judgeEvery;
  }

  observe(durationMs: number): void {
    const recent = this.#recentMs;
    recent[this.#count % recent.length] = durationMs;
    this.#count += 1;
    if (this.#count % this.#judgeEvery !== 0) return;
    const sorted = recent.slice(0, Math.min(this.#count, recent.length)).sort();
    this.ms = sorted[Math.floor(sorted.length * 0.99)] as number;
  }
}
