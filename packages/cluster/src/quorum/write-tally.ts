/**
 * The acknowledgements of one write. Begun again for the next one, so that a coordinator keeps a pool of them; no event makes
 * anything.
 *
 * 1. An acknowledgement means: merged and durable there. The coordinator's own is one among the others.
 * 2. Each seat is heard once, under the placement number that was begun with. Acknowledgements of two placements are never
 *    counted together: a majority of each may have no seat in common.
 * 3. `MET` (or `OVERTAKEN`), `FAILED`, `TIMED_OUT` and `START_AGAIN` end it: one of them is returned, once. Acknowledgements that
 *    come later are still noted, except after `START_AGAIN`: `silent` says who has to be told by other means.
 */
import type { LevelNeeds, LevelSet } from './met.ts';
import type { Need } from './needs.ts';
import { hasSeat, seatBit, type SeatSet } from './seat-set.ts';
import { CONTINUE, FAILED, IGNORED, MET, OVERTAKEN, type TallyCode } from './tally-code.ts';
import { TallyState } from './tally-state.ts';

/** Nothing of the write is there, and nothing will be: it was refused, or never sent. */
export const HOLDS_NOTHING = 0;
/** It was sent, and what became of it is not known. */
export const MAY_HOLD = 1;

export class WriteTally {
  readonly #state = new TallyState();
  #holders = 0;
  #refused = 0;
  #without = 0;
  #newer = 0;

  /** `need` is one of `levels`, for writes. What the tally counted before is gone. */
  begin(levels: LevelNeeds, need: Need): void {
    this.#state.begin(levels, need);
    this.#holders = 0;
    this.#refused = 0;
    this.#without = 0;
    this.#newer = 0;
  }

  /** This seat holds it durably. `isOvertaken`: it still answers something newer, which it sent along. */
  ack(seat: number, placement: number, isOvertaken: boolean): TallyCode {
    if (!this.#isHeard(seat, placement)) return IGNORED;
    this.#holders |= seatBit(seat);
    if (isOvertaken) this.#newer |= seatBit(seat);
    if (!this.#state.isOpen || !this.#state.isMetBy(this.#holders)) return CONTINUE;
    return this.#state.ended(this.#newer === 0 ? MET : OVERTAKEN);
  }

  /** This seat will not acknowledge. */
  refuse(seat: number, placement: number, code: typeof HOLDS_NOTHING | typeof MAY_HOLD): TallyCode {
    if (!this.#isHeard(seat, placement)) return IGNORED;
    this.#refused |= seatBit(seat);
    if (code === HOLDS_NOTHING) this.#without |= seatBit(seat);
    const left = this.#state.levels.seats & ~this.#refused;
    return !this.#state.isOpen || this.#state.isMetBy(left) ? CONTINUE : this.#state.ended(FAILED);
  }

  /** Somebody knows a placement of this number. */
  newerPlacement(placement: number): TallyCode {
    return this.#state.newerPlacement(placement);
  }

  /** The deadline has come. */
  timeOut(): TallyCode {
    return this.#state.timeOut();
  }

  /** Seats that hold it durably. */
  get holders(): SeatSet {
    return this.#holders;
  }

  /** Those of them that answer something newer. */
  get newer(): SeatSet {
    return this.#newer;
  }

  /** Seats from which no acknowledgement has come: they lack it, as far as is known. */
  get silent(): SeatSet {
    return this.#state.levels.seats & ~this.#holders;
  }

  /** Whether certainly no seat holds anything of it: only then may it be called rejected. */
  get isNowhere(): boolean {
    return this.#without === this.#state.levels.seats;
  }

  /** Every named level that the acknowledgements so far satisfy. */
  get met(): LevelSet {
    return this.#state.levels.metBy(this.#holders);
  }

  #isHeard(seat: number, placement: number): boolean {
    if (!this.#state.isUnder(placement)) return false;
    return hasSeat(this.#state.levels.seats, seat) && !hasSeat(this.#holders | this.#refused, seat);
  }
}
