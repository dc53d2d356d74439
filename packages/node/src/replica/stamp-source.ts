/**
 * Stamps for new dots: strictly increasing, across restarts too (DESIGN section 4).
 *
 * A ceiling is durable before any stamp at or below it is given; a restart begins above the ceiling, so a stamp whose
 * write was lost in a crash, but seen by somebody, is never given again.
 */
import { MAX_STAMP, STAMPS_PER_MS, stampAt } from '@torc/base/record/dot';
import { Refusal } from '@torc/base/errors';
import type { Clock } from '@torc/base/ports/clock';

/** How far ahead the ceiling is set: one small durable write per this much time. */
const AHEAD_STAMPS: number = 10_000 * STAMPS_PER_MS;

/** Makes a ceiling durable; `false` when it could not be written. */
export type PersistCeiling = (ceiling: number) => boolean;

export class StampSource {
  readonly #clock: Clock;
  readonly #persist: PersistCeiling;
  /** The planted bug: stamps are wall time and nothing else. */
  readonly #isWallOnly: boolean;
  readonly #turnEnded = (): void => {
    this.#wallIsKnown = false;
  };
  #last: number;
  #ceiling: number;
  /** The first stamp of the wall's millisecond, read once a turn. */
  #wallStamp = 0;
  #wallIsKnown = false;

  /** `ceiling` is the last one made durable: 0 on a fresh disk. */
  constructor(clock: Clock, ceiling: number, persist: PersistCeiling, isWallOnly = false) {
    this.#isWallOnly = isWallOnly;
    this.#clock = clock;
    this.#persist = persist;
    this.#ceiling = ceiling;
    this.#last = Math.max(ceiling, stampAt(clock.wallMs()));
  }

  /** The highest stamp given or adopted so far. */
  get last(): number {
    return this.#last;
  }

  /**
   * Raises the ceiling in good time. Called before a command that writes, so that within one command no write has to stop
   * for it. A disk without room is no matter while the ceiling is still ahead.
   */
  refresh(): void {
    const next = this.#following(0);
    if (next + AHEAD_STAMPS / 2 <= this.#ceiling) return;
    const ceiling = Math.min(next + AHEAD_STAMPS, MAX_STAMP);
    if (this.#persist(ceiling)) this.#ceiling = ceiling;
  }

  /**
   * Makes sure that the next stamp above `above` may be given. `true` when that took a durable write: then what was found
   * in the engine before may have moved.
   */
  prepare(above: number): boolean {
    const next = this.#following(above);
    if (next <= this.#ceiling) return false;
    const ceiling = Math.min(next + AHEAD_STAMPS, MAX_STAMP);
    if (next >= MAX_STAMP || !this.#persist(ceiling)) {
      throw new Refusal('disk-full', 'no room to write the stamp ceiling ahead: nothing was written');
    }
    this.#ceiling = ceiling;
    return true;
  }

  /** A stamp above `above` and above every one given before. `prepare` came first, in the same turn. */
  next(above: number): number {
    this.#last = this.#following(above);
    return this.#last;
  }

  /**
   * Time that a peer told. It is adopted unless it is further ahead of the wall clock than `skewMs`: then the peer's clock is
   * wrong, and not to be believed.
   */
  adopt(stamp: number, skewMs: number): void {
    if (stamp <= this.#last || stamp > stampAt(this.#clock.wallMs() + skewMs)) return;
    this.#last = stamp;
  }

  #following(above: number): number {
    if (!this.#wallIsKnown) this.#readWall();
    if (this.#isWallOnly) return this.#wallStamp + ((this.#last + 1) % STAMPS_PER_MS);
    return Math.max(this.#last + 1, above + 1, this.#wallStamp);
  }

  #readWall(): void {
    this.#wallStamp = stampAt(this.#clock.wallMs());
    this.#wallIsKnown = true;
    this.#clock.onTurnEnd(this.#turnEnded);
  }
}
