/**
 * What a level means for the seats of one partition: from whom acknowledgements or answers may come, and how many it takes.
 *
 * 1. Majorities are of the counted seats. A seat that was added and has not been filled is not counted, and what it
 *    acknowledges counts for nothing: so one fresh node serves, and grows to three without refusing a write.
 * 2. A seat that is filling because it may have lost something stays counted. It acknowledges writes, and never answers a
 *    read. Were it not counted, two of three seats with one filling could be one of each.
 * 3. Only homes are counted, at every level.
 *
 * A need is made once for a placement and a level, and may be kept as long as the placement has its number.
 */
import { assert } from '@torc/base/assert';
import { MOST_REPLICAS, levelText, type Level } from './levels.ts';
import { hasSeat, seatBit, seatCount, type SeatSet } from './seat-set.ts';

/** A stored seat of the partition, as far as levels care. */
export interface QuorumSeat {
  /** Who holds it. */
  readonly actor: number;
  /** The data centre of its holder. */
  readonly dc: string;
  /** It may lack something. */
  readonly filling: boolean;
  /** It counts into N. False for a seat that was added and has not been filled yet. */
  readonly counted: boolean;
}

export type Use = 'read' | 'write';

/** So many of these seats. */
export interface NeedPart {
  /** The data centre that these seats make up; `undefined`: they are those of all. */
  readonly dc: string | undefined;
  /** Those that may acknowledge or answer. */
  readonly from: SeatSet;
  /** At least 1, at most as many as are in `from`. */
  readonly count: number;
}

export interface Need {
  /** Sets of seats without a common one. Each has to be satisfied. */
  readonly parts: readonly NeedPart[];
  /** The union of all parts. What other seats say counts for nothing here. */
  readonly from: SeatSet;
  /** How many it takes in all. */
  readonly count: number;
}

/** The seats can never satisfy the level as long as the placement is what it is. */
export interface Impossible {
  readonly impossible: string;
}

/** Needs of one placement differ in nothing else. */
export interface Asking {
  readonly use: Use;
  /** The coordinator's data centre: where `local_one` and `local_quorum` look. */
  readonly dc: string;
}

/** `seats`: all stored seats of the partition in preference order; sets of seats are by their places in it. */
export function needOf(level: Level, seats: readonly QuorumSeat[], { use, dc }: Asking): Need | Impossible {
  assert(seats.length <= MOST_REPLICAS, 'a partition has at most sixteen seats');
  if (!seats.some(({ counted }) => counted)) return { impossible: 'the partition has no seat that counts yet' };
  const part = (where: string | undefined, countOf: (counted: number) => number): NeedPart => {
    const here = seatsOf(seats, (seat) => seat.counted && (where === undefined || seat.dc === where));
    const from = use === 'write' ? here : seatsOf(seats, (seat, at) => hasSeat(here, at) && !seat.filling);
    return { dc: where, from, count: countOf(seatCount(here)) };
  };
  switch (level) {
    case 'one':
      return judged(level, seats, use, [part(undefined, () => 1)]);
    case 'two':
      return judged(level, seats, use, [part(undefined, () => 2)]);
    case 'three':
      return judged(level, seats, use, [part(undefined, () => 3)]);
    case 'quorum':
    case 'strict':
      return judged(level, seats, use, [part(undefined, majorityOf)]);
    case 'all':
      return judged(level, seats, use, [part(undefined, (counted) => counted)]);
    case 'local_one':
      return judged(level, seats, use, [part(dc, () => 1)]);
    case 'local_quorum':
      return judged(level, seats, use, [part(dc, majorityOf)]);
    case 'each_quorum': {
      const parts = dcsOf(seats).map((each) => part(each, majorityOf));
      return judged(level, seats, use, parts);
    }
    default:
      assert(Number.isSafeInteger(level) && level >= 1, 'a numeric level is a whole number from 1');
      return judged(level, seats, use, [part(undefined, () => level)]);
  }
}

/** Whether these seats are enough. True of every larger set, too: so it also tells whether a need can be met yet. */
export function isMet({ parts }: Need, seats: SeatSet): boolean {
  for (let at = 0; at < parts.length; at += 1) {
    const { from, count } = parts[at] as NeedPart;
    if (seatCount(seats & from) < count) return false;
  }
  return true;
}

export function majorityOf(count: number): number {
  return (count >>> 1) + 1;
}

/** The data centres that have counted seats, each once, in preference order. */
function dcsOf(seats: readonly QuorumSeat[]): readonly string[] {
  return [...new Set(seats.filter(({ counted }) => counted).map(({ dc }) => dc))];
}

function seatsOf(seats: readonly QuorumSeat[], which: (seat: QuorumSeat, at: number) => boolean): SeatSet {
  let set = 0;
  for (const [at, seat] of seats.entries()) if (which(seat, at)) set |= seatBit(at);
  return set;
}

function judged(level: Level, seats: readonly QuorumSeat[], use: Use, parts: readonly NeedPart[]): Need | Impossible {
  const short = parts.find(({ from, count }) => seatCount(from) < count);
  if (short !== undefined) return { impossible: reasonOf(level, seats, use, short) };
  let from = 0;
  let count = 0;
  for (const part of parts) {
    from |= part.from;
    count += part.count;
  }
  return { parts, from, count };
}

function reasonOf(level: Level, seats: readonly QuorumSeat[], use: Use, { dc, from, count }: NeedPart): string {
  const here = seats.filter((seat) => dc === undefined || seat.dc === dc);
  const counted = here.filter((seat) => seat.counted).length;
  const place = dc === undefined ? 'the partition' : `data centre ${dc}`;
  if (here.length === 0) return `${levelText(level)}: the partition has no seat in data centre ${dc}`;
  const wanted = use === 'write' ? 'acknowledgements' : 'answers';
  const filling = counted - seatCount(from);
  const added = here.length - counted;
  const notes = [
    ...(filling > 0 ? [`${filling} of them filling, which answer no read`] : []),
    ...(added > 0 ? [`${added} more not filled yet`] : []),
  ];
  const seatWord = counted === 1 ? 'seat' : 'seats';
  const detail = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  return `${levelText(level)} wants ${count} ${count === 1 ? wanted.slice(0, -1) : wanted}, and ${place} has ${counted} ${seatWord}${detail}`;
}
