/**
 * The answers of one read: who holds what, by digests, and who has to be repaired before the answer may leave. Begun again for
 * the next one, so that a coordinator keeps a pool of them; no event makes anything.
 *
 * The coordinator holds one record: the first that it was sent, later the merge of all. The *target* is its digest.
 *
 * 1. A seat counts when all that it contributed is in the coordinator's record, and it holds that record, durably. `MET` means
 *    that enough seats do. So the next read of as many seats finds what this one showed, even of a write that failed.
 * 2. Nothing that was merged is taken out again: a seat whose repair fails stops counting, and the others are repaired with
 *    what it contributed.
 * 3. Each seat is heard once, and once more when its record was asked for, under the placement number that was begun with. A
 *    seat that is filling is not heard.
 * 4. `MISMATCH` and `REPAIR` name in `asked` only seats that were not asked for the same before.
 * 5. `MET`, `FAILED`, `TIMED_OUT` and `START_AGAIN` end it: one of them is returned, once, and nothing is heard afterwards; only
 *    `askMore` opens a read again that was met.
 */
import { MOST_REPLICAS } from './levels.ts';
import type { LevelNeeds, LevelSet } from './met.ts';
import type { Need } from './needs.ts';
import { firstSeat, hasSeat, seatBit, seatCount, type SeatSet } from './seat-set.ts';
import { CONTINUE, FAILED, IGNORED, MERGE, MET, MISMATCH, REPAIR, type TallyCode } from './tally-code.ts';
import { TallyState } from './tally-state.ts';

/** The place of the target behind those of the seats. */
const TARGET = MOST_REPLICAS;

export class ReadTally {
  readonly #state = new TallyState();
  /** Seats that count or can once they are fetched or repaired. */
  #answered = 0;
  /** Those of them that hold anything, and `TARGET` when the coordinator does. */
  #found = 0;
  /** Those whose record the coordinator has merged, or was told to merge. */
  #told = 0;
  #refused = 0;
  /** Seats that ever answered. */
  #heard = 0;
  readonly #low = new Uint32Array(MOST_REPLICAS + 1);
  readonly #high = new Uint32Array(MOST_REPLICAS + 1);
  /** A record has come that is not in the target yet. */
  #isStale = false;
  #fetching = 0;
  #repairing = 0;
  #asked = 0;
  /** How many have to be heard, whatever the level says. */
  #least = 0;

  /** `need` is one of `levels`, for reads. What the tally counted before is gone. */
  begin(levels: LevelNeeds, need: Need): void {
    this.#state.begin(levels, need);
    this.#answered = 0;
    this.#found = 0;
    this.#told = 0;
    this.#refused = 0;
    this.#heard = 0;
    this.#isStale = false;
    this.#fetching = 0;
    this.#repairing = 0;
    this.#asked = 0;
    this.#least = 0;
  }

  /** This seat holds a record of this digest, and did not send it. */
  digest(seat: number, placement: number, low: number, high: number): TallyCode {
    if (!this.#isHeard(seat, placement, false)) return IGNORED;
    this.#note(seat, low, high);
    return this.#judge();
  }

  /** This seat sent its record, of this digest: as its answer, or because it was asked for. */
  record(seat: number, placement: number, low: number, high: number): TallyCode {
    if (!this.#isHeard(seat, placement, true)) return IGNORED;
    this.#note(seat, low, high);
    this.#told |= seatBit(seat);
    if (!hasSeat(this.#found, TARGET)) this.#aim(low, high);
    else if (!this.#isSame(seat, TARGET)) this.#isStale = true;
    return this.#judge();
  }

  /** This seat holds nothing of the key. */
  absent(seat: number, placement: number): TallyCode {
    if (!this.#isHeard(seat, placement, true)) return IGNORED;
    this.#answered |= seatBit(seat);
    this.#heard |= seatBit(seat);
    this.#found &= ~seatBit(seat);
    this.#fetching &= ~seatBit(seat);
    return this.#judge();
  }

  /** The coordinator has merged all records that it was sent; the merge has this digest. */
  merged(low: number, high: number): TallyCode {
    if (!this.#state.isOpen || !this.#isStale) return IGNORED;
    this.#aim(low, high);
    return this.#judge();
  }

  /** This seat has merged a record of this digest, durably. Of an older target: ignored, it is being brought the present one. */
  repaired(seat: number, placement: number, low: number, high: number): TallyCode {
    if (!this.#isCounted(placement) || !hasSeat(this.#repairing, seat)) return IGNORED;
    if (low !== this.#low[TARGET] || high !== this.#high[TARGET]) return IGNORED;
    this.#repairing &= ~seatBit(seat);
    this.#note(seat, low, high);
    this.#told |= seatBit(seat);
    return this.#judge();
  }

  /** This seat does not answer, does not send its record, or was not repaired. It has no say any more. */
  refuse(seat: number, placement: number): TallyCode {
    if (!this.#isCounted(placement) || hasSeat(this.#refused, seat) || !hasSeat(this.#state.levels.from, seat))
      return IGNORED;
    this.#refused |= seatBit(seat);
    this.#answered &= ~seatBit(seat);
    this.#found &= ~seatBit(seat);
    this.#told &= ~seatBit(seat);
    this.#fetching &= ~seatBit(seat);
    this.#repairing &= ~seatBit(seat);
    return this.#judge();
  }

  /** Somebody knows a placement of this number. */
  newerPlacement(placement: number): TallyCode {
    return this.#state.newerPlacement(placement);
  }

  /** The deadline has come. */
  timeOut(): TallyCode {
    return this.#state.timeOut();
  }

  /** What was met does not cover what the client saw: one seat more has to answer. */
  askMore(): TallyCode {
    if (this.#state.end !== MET) return IGNORED;
    this.#state.reopen();
    this.#least = seatCount(this.#heard) + 1;
    return this.#judge();
  }

  /** The seats that the last `MISMATCH` or `REPAIR` speaks of. */
  get asked(): SeatSet {
    return this.#asked;
  }

  /** Seats that answered and do not hold the coordinator's record: what has to be repaired before they count. */
  get lagging(): SeatSet {
    return this.#answered & ~this.holders;
  }

  /** Seats that count. */
  get holders(): SeatSet {
    let holders = 0;
    for (let left = this.#answered; left !== 0; left &= left - 1) {
      const seat = firstSeat(left);
      if (this.#isSame(seat, TARGET)) holders |= seatBit(seat);
    }
    return this.#isStale ? 0 : holders;
  }

  /** Seats that may be asked and have not been heard. */
  get unheard(): SeatSet {
    return this.#state.levels.from & ~this.#heard & ~this.#refused;
  }

  /** Every named level that the seats that count satisfy. */
  get met(): LevelSet {
    return this.#state.levels.metBy(this.holders);
  }

  #judge(): TallyCode {
    const state = this.#state;
    const open = this.#state.levels.from & ~this.#refused;
    if (!state.isMetBy(open) || seatCount(open | this.#heard) < this.#least) return state.ended(FAILED);
    if (!state.isMetBy(this.#answered) || seatCount(this.#heard) < this.#least) return CONTINUE;
    const unknown = this.#unknown();
    if (unknown !== 0) {
      const asked = unknown & ~this.#fetching;
      this.#fetching |= asked;
      return this.#ask(asked, MISMATCH);
    }
    if (this.#isStale) return MERGE;
    if (state.isMetBy(this.holders)) return state.ended(MET);
    const asked = this.lagging & ~this.#repairing;
    this.#repairing |= asked;
    return this.#ask(asked, REPAIR);
  }

  #ask(seats: SeatSet, code: typeof MISMATCH | typeof REPAIR): TallyCode {
    if (seats === 0) return CONTINUE;
    this.#asked = seats;
    return code;
  }

  /** Seats whose record is wanted: one for each digest that is not known here, and those that were asked already. */
  #unknown(): SeatSet {
    const untold = this.#answered & this.#found & ~this.#told;
    let unknown = 0;
    for (let left = untold & this.#fetching; left !== 0; left &= left - 1) {
      if (!this.#isSame(firstSeat(left), TARGET)) unknown |= left & -left;
    }
    for (let left = untold & ~this.#fetching; left !== 0; left &= left - 1) {
      const seat = firstSeat(left);
      const known = unknown | (this.#told & this.#found) | (this.#found & seatBit(TARGET));
      if (!this.#isAmong(seat, known)) unknown |= seatBit(seat);
    }
    return unknown;
  }

  #isAmong(seat: number, seats: SeatSet): boolean {
    for (let left = seats; left !== 0; left &= left - 1) if (this.#isSame(seat, firstSeat(left))) return true;
    return false;
  }

  #isSame(a: number, b: number): boolean {
    if (hasSeat(this.#found, a) !== hasSeat(this.#found, b)) return false;
    return !hasSeat(this.#found, a) || (this.#low[a] === this.#low[b] && this.#high[a] === this.#high[b]);
  }

  #note(seat: number, low: number, high: number): void {
    this.#answered |= seatBit(seat);
    this.#heard |= seatBit(seat);
    this.#found |= seatBit(seat);
    this.#fetching &= ~seatBit(seat);
    this.#low[seat] = low;
    this.#high[seat] = high;
  }

  #aim(low: number, high: number): void {
    // Whoever is being brought an older target has to be brought this one.
    if (low !== this.#low[TARGET] || high !== this.#high[TARGET]) this.#repairing = 0;
    this.#found |= seatBit(TARGET);
    this.#low[TARGET] = low;
    this.#high[TARGET] = high;
    this.#isStale = false;
  }

  /** Heard for the first time; or `isWhole`, from a seat whose record was asked for. */
  #isHeard(seat: number, placement: number, isWhole: boolean): boolean {
    if (!this.#isCounted(placement)) return false;
    if (isWhole && hasSeat(this.#fetching, seat)) return true;
    return hasSeat(this.unheard, seat);
  }

  #isCounted(placement: number): boolean {
    return this.#state.isOpen && this.#state.isUnder(placement);
  }
}
