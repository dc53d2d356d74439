/** A need is satisfied by exactly those sets of seats that satisfy the definition of its level; so is what a reply says was met. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { MOST_REPLICAS, NAMED_LEVELS, type Level } from '../../src/quorum/levels.ts';
import { LevelNeeds, levelsIn, strongestOf } from '../../src/quorum/met.ts';
import { isMet, needOf, type Asking, type Impossible, type Need, type QuorumSeat } from '../../src/quorum/needs.ts';
import { firstSeat, hasSeat, seatBit, seatCount } from '../../src/quorum/seat-set.ts';
import { DCS, drawSeats, isSatisfied, pick } from './definitions.ts';

type NeedOf = (level: Level, seats: readonly QuorumSeat[], asking: Asking) => Need | Impossible;

const LEVELS: readonly Level[] = [...NAMED_LEVELS, 1, 2, 3, 4, 5, 6, 7, MOST_REPLICAS];

/** The first set of seats about which a need and the definition differ. */
function difference(make: NeedOf, level: Level, seats: readonly QuorumSeat[], asking: Asking): string | undefined {
  const { use, dc } = asking;
  const need = make(level, seats, asking);
  for (let set = 0; set < 2 ** seats.length; set += 1) {
    const wanted = isSatisfied(level, seats, pick(seats, set), use, dc);
    const is = 'impossible' in need ? false : isMet(need, set);
    if (wanted !== is) return `${level} as a ${use} from ${dc}: set ${set.toString(2)} of ${JSON.stringify(seats)}`;
  }
  return undefined;
}

function firstDifference(make: NeedOf, runs: number): string | undefined {
  for (let seed = 1; seed <= runs; seed += 1) {
    const seats = drawSeats(new SimRandom(seed), 7);
    for (const level of LEVELS) {
      for (const use of ['read', 'write'] as const) {
        for (const dc of DCS) {
          const found = difference(make, level, seats, { use, dc });
          if (found !== undefined) return `seed ${seed}: ${found}`;
        }
      }
    }
  }
  return undefined;
}

test('a need is met by exactly the sets of seats that satisfy the definition, and impossible when none does', () => {
  assert.equal(firstDifference(needOf, 200), undefined);
});

const altered =
  (change: (seat: QuorumSeat) => QuorumSeat): NeedOf =>
  (level, seats, asking) =>
    needOf(level, seats.map(change), asking);

const PLANTED: Readonly<Record<string, NeedOf>> = {
  'a majority of all seats, of those not filled yet too': altered((seat) => ({ ...seat, counted: true })),
  'a seat that is filling is not counted': altered((seat) => ({ ...seat, counted: !seat.filling })),
  'a seat that is filling answers reads': altered((seat) => ({ ...seat, filling: false })),
  'a seat that is filling acknowledges nothing': (level, seats, asking) =>
    needOf(level, seats, { ...asking, use: 'read' }),
  'data centres make no difference': altered((seat) => ({ ...seat, dc: DCS[0] })),
  'half is a majority': (level, seats, asking) => {
    const need = needOf(level, seats, asking);
    if ('impossible' in need) return need;
    return {
      ...need,
      parts: need.parts.map((part) => ({ ...part, count: part.count - (level === 'quorum' ? 1 : 0) })),
    };
  },
};

for (const [name, make] of Object.entries(PLANTED)) {
  test(`planted: ${name}`, () => {
    assert.notEqual(firstDifference(make, 50), undefined);
  });
}

test('an impossible level says why', () => {
  const seat = (dc: string, state: Partial<QuorumSeat> = {}): QuorumSeat => ({
    actor: 1,
    dc,
    filling: false,
    counted: true,
    ...state,
  });
  const why = (level: Level, seats: readonly QuorumSeat[], use: Asking['use'], dc = 'a'): string => {
    const need = needOf(level, seats, { use, dc });
    return 'impossible' in need ? need.impossible : 'possible';
  };
  const added = { filling: true, counted: false };
  assert.equal(
    why('three', [seat('a'), seat('a')], 'write'),
    'three wants 3 acknowledgements, and the partition has 2 seats',
  );
  assert.equal(why(2, [seat('a')], 'read'), '2 wants 2 answers, and the partition has 1 seat');
  assert.equal(
    why('local_quorum', [seat('a')], 'write', 'b'),
    'local_quorum: the partition has no seat in data centre b',
  );
  assert.equal(why('one', [], 'write'), 'the partition has no seat that counts yet');
  assert.equal(why('one', [seat('a', added)], 'write'), 'the partition has no seat that counts yet');
  assert.equal(
    why('all', [seat('a'), seat('a', { filling: true })], 'read'),
    'all wants 2 answers, and the partition has 2 seats (1 of them filling, which answer no read)',
  );
  assert.equal(
    why('local_one', [seat('a'), seat('b', added)], 'write', 'b'),
    'local_one wants 1 acknowledgement, and data centre b has 0 seats (1 more not filled yet)',
  );
});

test('one seat serves at a majority, and goes on doing so while two are added', () => {
  const first: QuorumSeat = { actor: 1, dc: 'a', filling: false, counted: true };
  const added = [2, 3].map((actor) => ({ ...first, actor, filling: true, counted: false }));
  for (const seats of [[first], [first, ...added]]) {
    for (const use of ['read', 'write'] as const) {
      const need = needOf('quorum', seats, { use, dc: 'a' }) as Need;
      assert.equal(need.from, 1);
      assert.ok(isMet(need, 1));
      assert.ok(!isMet(need, 6), 'what an added seat says counts for nothing');
    }
  }
});

test('what was met is exactly what the definitions say, and its strongest levels imply the rest', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = new SimRandom(seed);
    const seats = drawSeats(random, 6);
    const dc = random.pick(DCS);
    for (const use of ['read', 'write'] as const) {
      const levels = new LevelNeeds(7, seats, { use, dc });
      const meets = (set: number) => (level: Level) => isSatisfied(level, seats, pick(seats, set), use, dc);
      for (let set = 0; set < 2 ** seats.length; set += 1) {
        const met = levels.metBy(set);
        assert.deepEqual(levelsIn(met), NAMED_LEVELS.filter(meets(set)), `seed ${seed}, set ${set}`);
        // Whichever seats satisfy the strongest of them satisfy all of them.
        const strongest = strongestOf(met);
        for (let other = 0; other < 2 ** seats.length; other += 1) {
          if (strongest.length > 0 && strongest.every(meets(other))) assert.ok(levelsIn(met).every(meets(other)));
        }
      }
    }
  }
});

test('the strongest of two acknowledgements of three, in words', () => {
  const seats = ['a', 'a', 'a'].map((dc, at): QuorumSeat => ({ actor: at + 1, dc, filling: false, counted: true }));
  const levels = new LevelNeeds(1, seats, { use: 'write', dc: 'a' });
  assert.deepEqual(strongestOf(levels.metBy(0b001)), ['local_one']);
  assert.deepEqual(strongestOf(levels.metBy(0b011)), ['two', 'each_quorum']);
  assert.deepEqual(strongestOf(levels.metBy(0b111)), ['all']);
  assert.deepEqual(strongestOf(levels.metBy(0)), []);
});

test('sets of seats are what lists are', () => {
  for (let set = 0; set < 2 ** 10; set += 1) {
    const list = Array.from({ length: 10 }, (_, at) => at).filter((at) => hasSeat(set, at));
    assert.equal(seatCount(set), list.length);
    assert.equal(
      list.reduce((sum, at) => sum | seatBit(at), 0),
      set,
    );
    if (set > 0) assert.equal(firstSeat(set), list[0]);
  }
  assert.equal(firstSeat(seatBit(16)), 16);
});
