/**
 * A set of the seats of one partition as bits of a small integer: bit n is the n-th seat in preference order. A partition has
 * at most sixteen.
 */
export type SeatSet = number;

export function seatBit(seat: number): SeatSet {
  return 1 << seat;
}

export function hasSeat(set: SeatSet, seat: number): boolean {
  return ((set >>> seat) & 1) === 1;
}

/** The place of the first of a set that is not empty. */
export function firstSeat(set: SeatSet): number {
  return 31 - Math.clz32(set & -set);
}

export function seatCount(set: SeatSet): number {
  let left = set;
  let count = 0;
  for (; left !== 0; left &= left - 1) count += 1;
  return count;
}
