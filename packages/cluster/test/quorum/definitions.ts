/**
 * What each level means, said once more and as plainly as possible, for tests to compare with: by counting holders in a list,
 * not by needs and sets. And drawn seats to compare on.
 */
import type { SimRandom } from '@torc/sim/random';
import { NAMED_LEVELS, type Level } from '../../src/quorum/levels.ts';
import type { QuorumSeat, Use } from '../../src/quorum/needs.ts';

export const DCS = ['a', 'b', 'c'] as const;

/** Whether the level is satisfied when these of the seats have acknowledged or answered. */
export function isSatisfied(
  level: Level,
  seats: readonly QuorumSeat[],
  said: readonly QuorumSeat[],
  use: Use,
  dc: string,
): boolean {
  const counted = seats.filter((seat) => seat.counted);
  const valid = said.filter((seat) => seat.counted && !(use === 'read' && seat.filling));
  const isMajority = (where: string): boolean => 2 * inDc(valid, where).length > inDc(counted, where).length;
  if (counted.length === 0) return false;
  switch (level) {
    case 'one':
      return valid.length >= 1;
    case 'two':
      return valid.length >= 2;
    case 'three':
      return valid.length >= 3;
    case 'quorum':
    case 'strict':
      return 2 * valid.length > counted.length;
    case 'all':
      return valid.length === counted.length;
    case 'local_one':
      return inDc(valid, dc).length >= 1;
    case 'local_quorum':
      return isMajority(dc);
    case 'each_quorum':
      return [...new Set(counted.map((seat) => seat.dc))].every(isMajority);
    default:
      return valid.length >= level;
  }
}

function inDc(seats: readonly QuorumSeat[], dc: string): readonly QuorumSeat[] {
  return seats.filter((seat) => seat.dc === dc);
}

/** The seats that a set names. */
export function pick<T>(seats: readonly T[], set: number): readonly T[] {
  return seats.filter((_, at) => ((set >>> at) & 1) === 1);
}

/** Up to `most` seats in up to three data centres, some filling, some not counted. */
export function drawSeats(random: SimRandom, most: number): readonly QuorumSeat[] {
  const dcs = 1 + random.below(DCS.length);
  return Array.from({ length: random.below(most + 1) }, (_, at) => {
    const counted = !random.chance(0.2);
    return {
      actor: at + 1,
      dc: DCS[random.below(dcs)] as string,
      filling: !counted || random.chance(0.2),
      counted,
    };
  });
}

export function drawLevel(random: SimRandom): Level {
  return random.chance(0.8) ? random.pick(NAMED_LEVELS) : 1 + random.below(6);
}
