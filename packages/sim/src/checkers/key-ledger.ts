/**
 * The durability checker of one key: what was tried, what was promised, and whether what is shown is one of the answers
 * that keep the promises.
 *
 * 1. An acknowledged write is shown, or one tried after it. So is what a durable read has shown.
 * 2. A refused write is never shown, and neither is one that a restart has shown to be lost.
 * 3. Nothing is shown that was not tried; absence only after a deletion, an expiry, or where nothing was promised.
 */
export interface Attempt {
  readonly stamp: number;
  /** `undefined`: a deletion. */
  readonly value: string | undefined;
  /** ms since 1970; 0 means never. */
  readonly expiresAtMs: number;
  readonly batch: number;
}

/** `unknown`: a crash came before the answer; its batch number may be given to another write. */
type Standing = 'open' | 'unknown' | 'promised' | 'void';

/** What a snapshot must show of a key, unless it answers nothing and may be forgotten. */
export interface Promised {
  readonly attempt: Attempt;
  readonly mayBeForgotten: boolean;
}

/** What a node shows of a key: its newest record's winner. */
export interface Shown {
  readonly stamp: number;
  /** What a read answers: `undefined` when deleted or expired. */
  readonly answer: string | undefined;
}

export class KeyLedger {
  readonly #attempts: { readonly attempt: Attempt; standing: Standing }[] = [];
  /** The newest attempt that something promised; -1 when nothing did. */
  #floor = -1;
  /** The latest time by which anything was judged: what had expired then may have been forgotten, whatever time it is now. */
  #latestMs = 0;

  tried(attempt: Attempt): void {
    this.#attempts.push({ attempt, standing: 'open' });
  }

  durable(batch: number): void {
    this.#attempts.forEach((entry, at) => {
      if (entry.standing === 'open' && entry.attempt.batch <= batch) this.#promise(at);
    });
  }

  refused(batch: number): void {
    for (const entry of this.#attempts) {
      if (entry.standing === 'open' && entry.attempt.batch === batch) entry.standing = 'void';
    }
  }

  /** The newest write that something promised: what a snapshot that is taken at `wallMs` shows. */
  promised(wallMs: number): Promised | undefined {
    this.#latestMs = Math.max(this.#latestMs, wallMs);
    const attempt = this.#attempts[this.#floor]?.attempt;
    return attempt === undefined ? undefined : { attempt, mayBeForgotten: this.#isDead(attempt) };
  }

  crashed(): void {
    for (const entry of this.#attempts) if (entry.standing === 'open') entry.standing = 'unknown';
  }

  /** A live read: the newest attempt that is not void. `durable` says that the answer may leave. */
  observe(shown: Shown | undefined, wallMs: number, durable: boolean): string | undefined {
    this.#latestMs = Math.max(this.#latestMs, wallMs);
    const newest = this.#attempts.findLastIndex(({ standing }) => standing !== 'void');
    const problem = this.#problem(shown, wallMs, newest);
    if (problem === undefined && durable && newest >= 0) this.#promise(newest);
    return problem;
  }

  /** After a restart: what is shown settles what became of the writes without an answer. */
  settle(shown: Shown | undefined, wallMs: number): string | undefined {
    this.#latestMs = Math.max(this.#latestMs, wallMs);
    const problem = this.#problem(shown, wallMs, this.#floor);
    const at = shown === undefined ? this.#deadAt() : this.#indexOf(shown.stamp);
    for (let i = Math.max(at + 1, 0); i < this.#attempts.length; i += 1) {
      const entry = this.#attempts[i];
      if (entry?.standing === 'unknown') entry.standing = 'void';
    }
    if (at >= 0) this.#promise(at);
    return problem;
  }

  #promise(at: number): void {
    const entry = this.#attempts[at];
    if (entry !== undefined && entry.standing !== 'void') entry.standing = 'promised';
    this.#floor = Math.max(this.#floor, at);
  }

  #problem(shown: Shown | undefined, wallMs: number, least: number): string | undefined {
    if (shown === undefined) {
      return least < 0 || this.#deadAt(least) >= 0 ? undefined : `it is absent, but ${this.#name(least)} was promised`;
    }
    const at = this.#indexOf(shown.stamp);
    const entry = this.#attempts[at];
    if (entry === undefined) return `it shows the stamp ${shown.stamp}, which nobody wrote`;
    if (entry.standing === 'void') return `it shows ${this.#name(at)}, which was refused or lost before`;
    if (at < least) return `it shows ${this.#name(at)}, but ${this.#name(least)} was promised`;
    const { value, expiresAtMs } = entry.attempt;
    const expected = expiresAtMs !== 0 && expiresAtMs <= wallMs ? undefined : value;
    if (shown.answer !== expected) return `it answers ${shown.answer}, but ${this.#name(at)} answers ${expected}`;
    return undefined;
  }

  /** The first attempt from `from` on that answers nothing by now, or -1. */
  #deadAt(from: number = this.#floor): number {
    return this.#attempts.findIndex(({ attempt, standing }, at) => {
      return at >= from && standing !== 'void' && this.#isDead(attempt);
    });
  }

  #isDead({ value, expiresAtMs }: Attempt): boolean {
    return value === undefined || (expiresAtMs !== 0 && expiresAtMs <= this.#latestMs);
  }

  #indexOf(stamp: number): number {
    return this.#attempts.findLastIndex(({ attempt }) => attempt.stamp === stamp);
  }

  #name(at: number): string {
    const attempt = this.#attempts[at]?.attempt;
    return attempt === undefined ? 'nothing' : `write ${at} (stamp ${attempt.stamp}, batch ${attempt.batch})`;
  }
}
