/**
 * What a set of acknowledgements or answers is worth: which of the named levels it satisfies, whatever level was asked for. A
 * reply says so (DESIGN section 1: each answer says what it is worth).
 *
 * Sets of levels are bits: bit n is the n-th of `NAMED_LEVELS`. A level that the seats can never satisfy is never in one.
 */
import { NAMED_LEVELS, type Level, type NamedLevel } from './levels.ts';
import { isMet, needOf, type Asking, type Impossible, type Need, type QuorumSeat } from './needs.ts';
import { seatBit, type SeatSet } from './seat-set.ts';

export type LevelSet = number;

/** Levels that hold whenever the one before them holds, and say less. `all` says more than everything else. */
const IMPLIED: Readonly<Record<NamedLevel, readonly NamedLevel[]>> = {
  one: [],
  two: ['one'],
  three: ['two', 'one'],
  quorum: ['one'],
  strict: ['quorum', 'one'],
  all: NAMED_LEVELS.filter((level) => level !== 'all'),
  local_one: ['one'],
  local_quorum: ['local_one', 'one'],
  // A majority everywhere is more than half of all.
  each_quorum: ['strict', 'quorum', 'local_quorum', 'local_one', 'one'],
};

/** The levels of one placement, as one use of one data centre sees them: made once, asked for every request. */
export class LevelNeeds {
  /** What the tallies count under. */
  readonly placement: number;
  /** All stored seats. */
  readonly seats: SeatSet;
  /** Those that may acknowledge, or answer, at one level or another. */
  readonly from: SeatSet;
  readonly #named: readonly (Need | undefined)[];
  readonly #seats: readonly QuorumSeat[];
  readonly #asking: Asking;

  constructor(placement: number, seats: readonly QuorumSeat[], asking: Asking) {
    this.placement = placement;
    this.seats = seatBit(seats.length) - 1;
    this.#seats = seats;
    this.#asking = asking;
    this.#named = NAMED_LEVELS.map((level) => possible(needOf(level, seats, asking)));
    this.from = possible(needOf('one', seats, asking))?.from ?? 0;
  }

  need(level: Level): Need | Impossible {
    const named = typeof level === 'number' ? undefined : this.#named[NAMED_LEVELS.indexOf(level)];
    return named ?? needOf(level, this.#seats, this.#asking);
  }

  /** All named levels that these seats satisfy. Makes nothing. */
  metBy(seats: SeatSet): LevelSet {
    let met = 0;
    for (let at = 0; at < this.#named.length; at += 1) {
      const need = this.#named[at];
      if (need !== undefined && isMet(need, seats)) met |= 1 << at;
    }
    return met;
  }
}

export function levelsIn(met: LevelSet): readonly NamedLevel[] {
  return NAMED_LEVELS.filter((_, at) => ((met >>> at) & 1) === 1);
}

/** Those of a set that no other of it implies: `strict` and `two`, not `one`. */
export function strongestOf(met: LevelSet): readonly NamedLevel[] {
  const levels = levelsIn(met);
  return levels.filter((level) => !levels.some((other) => IMPLIED[other].includes(level)));
}

function possible(need: Need | Impossible): Need | undefined {
  return 'impossible' in need ? undefined : need;
}
