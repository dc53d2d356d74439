/** What both tallies know: what they count for, under which placement number, and whether they have ended. */
import { assert } from '@torc/base/assert';
import type { LevelNeeds } from './met.ts';
import { isMet, type Need } from './needs.ts';
import type { SeatSet } from './seat-set.ts';
import { CONTINUE, IGNORED, START_AGAIN, TIMED_OUT, type TallyCode } from './tally-code.ts';

export class TallyState {
  #levels: LevelNeeds | undefined;
  #need: Need | undefined;
  /** `CONTINUE` while it goes on, else the code that ended it. One that was never begun hears nothing. */
  #end: TallyCode = START_AGAIN;

  begin(levels: LevelNeeds, need: Need): void {
    this.#levels = levels;
    this.#need = need;
    this.#end = CONTINUE;
  }

  get levels(): LevelNeeds {
    assert(this.#levels !== undefined, 'a tally is begun before it counts');
    return this.#levels;
  }

  get end(): TallyCode {
    return this.#end;
  }

  get isOpen(): boolean {
    return this.#end === CONTINUE;
  }

  /** Whether what was said under this number is counted. */
  isUnder(placement: number): boolean {
    return this.#end !== START_AGAIN && this.levels.placement === placement;
  }

  isMetBy(seats: SeatSet): boolean {
    assert(this.#need !== undefined, 'a tally is begun before it counts');
    return isMet(this.#need, seats);
  }

  /** The code itself. */
  ended(code: TallyCode): TallyCode {
    this.#end = code;
    return code;
  }

  reopen(): void {
    this.#end = CONTINUE;
  }

  newerPlacement(placement: number): TallyCode {
    return this.isOpen && placement > this.levels.placement ? this.ended(START_AGAIN) : IGNORED;
  }

  timeOut(): TallyCode {
    return this.isOpen ? this.ended(TIMED_OUT) : IGNORED;
  }
}
