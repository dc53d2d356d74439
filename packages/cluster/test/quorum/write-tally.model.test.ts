/** The tally of a write beside a list of what was said, over random events. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { LevelNeeds } from '../../src/quorum/met.ts';
import type { Need, QuorumSeat } from '../../src/quorum/needs.ts';
import { hasSeat } from '../../src/quorum/seat-set.ts';
import {
  CONTINUE,
  FAILED,
  IGNORED,
  MET,
  OVERTAKEN,
  START_AGAIN,
  TIMED_OUT,
  type TallyCode,
} from '../../src/quorum/tally-code.ts';
import { HOLDS_NOTHING, MAY_HOLD, WriteTally } from '../../src/quorum/write-tally.ts';
import { drawLevel, drawSeats, isSatisfied } from './definitions.ts';

type Tally = Pick<WriteTally, 'begin' | 'ack' | 'refuse' | 'newerPlacement' | 'timeOut' | 'holders' | 'isNowhere'>;

const PLACEMENT = 5;

interface Told {
  readonly ended: Map<TallyCode, number>;
  readonly wrong: string | undefined;
}

/** One write at random, judged after each event; pooled tallies are begun again with every run. */
function run(tally: Tally, seed: number): Told {
  const random = new SimRandom(seed);
  const seats = drawSeats(random, 6);
  const level = drawLevel(random);
  const levels = new LevelNeeds(PLACEMENT, seats, { use: 'write', dc: 'a' });
  const need = levels.need(level);
  const ended = new Map<TallyCode, number>();
  if ('impossible' in need) return { ended, wrong: undefined };
  tally.begin(levels, need);
  const acked = new Set<number>();
  const refused = new Set<number>();
  const nothing = new Set<number>();
  let isOvertaken = false;
  let end: TallyCode = CONTINUE;
  const enough = (which: (at: number) => boolean): boolean =>
    isSatisfied(
      level,
      seats,
      seats.filter((_, at) => which(at)),
      'write',
      'a',
    );
  const step = (): readonly [TallyCode, TallyCode] => {
    const seat = random.below(seats.length);
    const placement = random.chance(0.1) ? PLACEMENT + 1 - 2 * random.below(2) : PLACEMENT;
    const isHeard = placement === PLACEMENT && !acked.has(seat) && !refused.has(seat) && end !== START_AGAIN;
    if (random.chance(0.05)) {
      if (random.chance(0.5)) return [tally.timeOut(), end === CONTINUE ? TIMED_OUT : IGNORED];
      const known = PLACEMENT - 1 + random.below(3);
      const wanted = end === CONTINUE && known > PLACEMENT ? START_AGAIN : IGNORED;
      return [tally.newerPlacement(known), wanted];
    }
    if (random.chance(0.6)) {
      const overtaken = random.chance(0.1);
      const code = tally.ack(seat, placement, overtaken);
      if (!isHeard) return [code, IGNORED];
      acked.add(seat);
      isOvertaken ||= overtaken && end === CONTINUE;
      if (end !== CONTINUE || !enough((at) => acked.has(at))) return [code, CONTINUE];
      return [code, isOvertaken ? OVERTAKEN : MET];
    }
    const isNothing = random.chance(0.5);
    const code = tally.refuse(seat, placement, isNothing ? HOLDS_NOTHING : MAY_HOLD);
    if (!isHeard) return [code, IGNORED];
    refused.add(seat);
    if (isNothing) nothing.add(seat);
    return [code, end === CONTINUE && !enough((at) => !refused.has(at)) ? FAILED : CONTINUE];
  };
  for (let event = 0; event < 25; event += 1) {
    const [code, wanted] = step();
    if (code !== wanted) return { ended, wrong: `seed ${seed}, event ${event}: ${code}, not ${wanted}` };
    if (code !== CONTINUE && code !== IGNORED) {
      end = code;
      ended.set(code, (ended.get(code) ?? 0) + 1);
    }
    const holders = [...seats.keys()].filter((at) => hasSeat(tally.holders, at));
    if (holders.join() !== [...acked].sort((a, b) => a - b).join())
      return { ended, wrong: `seed ${seed}, event ${event}: holders ${holders.join()}` };
    if (tally.isNowhere !== (nothing.size === seats.length))
      return { ended, wrong: `seed ${seed}, event ${event}: nowhere, and it is somewhere` };
  }
  return { ended, wrong: undefined };
}

function runs(make: () => Tally, count: number): Told {
  const tally = make();
  const ended = new Map<TallyCode, number>();
  for (let seed = 1; seed <= count; seed += 1) {
    const told = run(tally, seed);
    for (const [code, times] of told.ended) ended.set(code, (ended.get(code) ?? 0) + times);
    if (told.wrong !== undefined) return { ended, wrong: told.wrong };
  }
  return { ended, wrong: undefined };
}

test('every event means what the list of all that was said means, and an end comes once', () => {
  const { ended, wrong } = runs(() => new WriteTally(), 3000);
  assert.equal(wrong, undefined);
  for (const code of [MET, OVERTAKEN, FAILED, TIMED_OUT, START_AGAIN] as const)
    assert.ok((ended.get(code) ?? 0) > 20, `${code}`);
});

class CountsOtherPlacements extends WriteTally {
  override ack(seat: number, _placement: number, isOvertaken: boolean): TallyCode {
    return super.ack(seat, PLACEMENT, isOvertaken);
  }
}

class CountsASeatTwice extends WriteTally {
  override ack(seat: number, placement: number, isOvertaken: boolean): TallyCode {
    return super.ack(hasSeat(this.holders, seat) ? seat ^ 1 : seat, placement, isOvertaken);
  }
}

class CountsAddedSeats extends WriteTally {
  override begin(levels: LevelNeeds, need: Need): void {
    super.begin(levels, { ...need, parts: need.parts.map((part) => ({ ...part, from: levels.seats })) });
  }
}

class WaitsForHopeless extends WriteTally {
  override refuse(seat: number, placement: number, code: typeof HOLDS_NOTHING | typeof MAY_HOLD): TallyCode {
    const said = super.refuse(seat, placement, code);
    return said === FAILED ? CONTINUE : said;
  }
}

class ForgetsWhatIsNewer extends WriteTally {
  override ack(seat: number, placement: number): TallyCode {
    return super.ack(seat, placement, false);
  }
}

class TakesSilenceForNothing extends WriteTally {
  override refuse(seat: number, placement: number): TallyCode {
    return super.refuse(seat, placement, HOLDS_NOTHING);
  }
}

for (const Wrong of [
  CountsOtherPlacements,
  CountsASeatTwice,
  CountsAddedSeats,
  WaitsForHopeless,
  ForgetsWhatIsNewer,
  TakesSilenceForNothing,
]) {
  test(`planted: ${Wrong.name}`, () => {
    assert.notEqual(runs(() => new Wrong(), 3000).wrong, undefined);
  });
}

const THREE = ['a', 'a', 'a'].map((dc, at): QuorumSeat => ({ actor: at + 1, dc, filling: false, counted: true }));

test('W=1 is met by the first acknowledgement, and the others are noted when they come', () => {
  const levels = new LevelNeeds(PLACEMENT, THREE, { use: 'write', dc: 'a' });
  const tally = new WriteTally();
  tally.begin(levels, levels.need(1) as Need);
  assert.equal(tally.ack(1, PLACEMENT, false), MET);
  assert.equal(tally.silent, 0b101);
  assert.equal(tally.ack(0, PLACEMENT, false), CONTINUE);
  assert.equal(tally.silent, 0b100);
  assert.equal(tally.met, levels.metBy(0b011));
});

test('a tally that was never begun hears nothing', () => {
  assert.equal(new WriteTally().ack(0, 0, false), IGNORED);
  assert.equal(new WriteTally().timeOut(), IGNORED);
});
