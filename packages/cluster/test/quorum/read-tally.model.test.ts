/**
 * The tally of a read, driven as a coordinator would, over replicas that differ, take writes meanwhile, fail, answer twice and
 * under other placement numbers. A replica's record is a set of versions, as bits; to merge is to unite.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import type { Level } from '../../src/quorum/levels.ts';
import { LevelNeeds } from '../../src/quorum/met.ts';
import type { Need, QuorumSeat } from '../../src/quorum/needs.ts';
import { ReadTally } from '../../src/quorum/read-tally.ts';
import { hasSeat } from '../../src/quorum/seat-set.ts';
import {
  CONTINUE,
  FAILED,
  IGNORED,
  MERGE,
  MET,
  MISMATCH,
  REPAIR,
  START_AGAIN,
  TIMED_OUT,
  type TallyCode,
} from '../../src/quorum/tally-code.ts';
import { drawLevel, drawSeats, isSatisfied, pick } from './definitions.ts';

const PLACEMENT = 5;
/** Versions that there may be: four. Digests collide in each lane alone, never in both. */
const VERSIONS = 4;
const lowOf = (record: number): number => record & 3;
const highOf = (record: number): number => record >>> 2;

interface Message {
  readonly kind: 'digest' | 'record' | 'repair';
  readonly seat: number;
  /** What a repair brings. */
  readonly record: number;
}

class Read {
  readonly #random: SimRandom;
  readonly #tally: ReadTally;
  readonly #level: Level;
  readonly #seats: readonly QuorumSeat[];
  readonly #levels: LevelNeeds;
  /** What each replica holds. */
  readonly #replicas: number[];
  /** What each has contributed. */
  readonly #contributed = new Map<number, number>();
  readonly #refused = new Set<number>();
  readonly #sent = new Set<string>();
  readonly #open: Message[] = [];
  readonly codes = new Map<TallyCode, number>();
  /** The coordinator's record. */
  #held = 0;
  /** How many have to contribute, after the session asked for more. */
  #least = 0;
  wrong: string | undefined;
  #isOver = false;

  constructor(tally: ReadTally, random: SimRandom) {
    this.#tally = tally;
    this.#random = random;
    this.#seats = drawSeats(random, 6);
    this.#level = drawLevel(random);
    this.#levels = new LevelNeeds(PLACEMENT, this.#seats, { use: 'read', dc: 'a' });
    const common = random.below(2 ** VERSIONS);
    this.#replicas = this.#seats.map(() => (random.chance(0.6) ? common : random.below(2 ** VERSIONS)));
  }

  run(): void {
    const need = this.#levels.need(this.#level);
    if ('impossible' in need) return;
    this.#tally.begin(this.#levels, need);
    // All at once, or seat by seat, as it is needed; now and then nobody is asked for the record.
    const isAll = this.#random.chance(0.5);
    const full = this.#random.chance(0.8) ? this.#random.below(this.#seats.length) : -1;
    const toAsk = [...this.#seats.keys()].sort(() => this.#random.below(3) - 1);
    while (!this.#isOver && this.wrong === undefined) {
      if (this.#random.chance(0.1)) this.#writeSomewhere();
      while (toAsk.length > 0 && (isAll || this.#open.length === 0)) {
        const seat = toAsk.shift() as number;
        this.#open.push({ kind: seat === full ? 'record' : 'digest', seat, record: 0 });
      }
      const [message] = this.#open.splice(this.#random.below(Math.max(this.#open.length, 1)), 1);
      if (message === undefined) return this.#accuse('nobody is left to wait for, and no end has come');
      this.#deliver(message);
    }
  }

  #deliver(message: Message): void {
    const { seat } = message;
    if (this.#random.chance(0.05)) this.#open.push(message);
    if (this.#random.chance(0.05)) {
      this.#expect(this.#say(message, PLACEMENT + 1), IGNORED, 'another placement');
      this.#open.push(message);
      return;
    }
    if (this.#random.chance(0.1)) {
      if (this.#mayAnswer(seat)) this.#refused.add(seat);
      return this.#handle(this.#tally.refuse(seat, PLACEMENT));
    }
    this.#handle(this.#say(message, PLACEMENT));
  }

  #say({ kind, seat, record }: Message, placement: number): TallyCode {
    if (kind === 'repair') {
      this.#replicas[seat] = (this.#replicas[seat] as number) | record;
      return this.#tally.repaired(seat, placement, lowOf(record), highOf(record));
    }
    const own = this.#replicas[seat] as number;
    const isFirst = !this.#contributed.has(seat);
    const isFetch = kind === 'record' && !isFirst;
    const low = lowOf(own);
    const high = highOf(own);
    const code =
      own === 0
        ? this.#tally.absent(seat, placement)
        : kind === 'record'
          ? this.#tally.record(seat, placement, low, high)
          : this.#tally.digest(seat, placement, low, high);
    if (code === IGNORED) return code;
    if (!this.#mayAnswer(seat) || this.#refused.has(seat)) this.#accuse(`seat ${seat} has no say`);
    if (!isFirst && !isFetch) this.#accuse(`seat ${seat} was heard twice`);
    this.#contributed.set(seat, own);
    if (kind === 'record') this.#held |= own;
    return code;
  }

  #handle(code: TallyCode): void {
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    const open = [...this.#seats.keys()].filter((at) => this.#mayAnswer(at) && !this.#refused.has(at));
    const isAllHeard = new Set([...open, ...this.#contributed.keys()]).size < this.#least;
    const isHopeless = isAllHeard || !this.#enough((at) => open.includes(at));
    if ((code === FAILED) !== isHopeless) return this.#accuse(`failed is ${code === FAILED}, hopeless ${isHopeless}`);
    if (code === MISMATCH) this.#send('record');
    if (code === REPAIR) this.#send('repair');
    if (code === MERGE) this.#handle(this.#tally.merged(lowOf(this.#held), highOf(this.#held)));
    if (code === FAILED) this.#isOver = true;
    if (code !== MET) return;
    this.#answer();
    this.#isOver = !this.#random.chance(0.2);
    if (this.#isOver) return;
    this.#least = this.#contributed.size + 1;
    this.#handle(this.#tally.askMore());
  }

  #send(kind: 'record' | 'repair'): void {
    const asked = [...this.#seats.keys()].filter((seat) => hasSeat(this.#tally.asked, seat));
    if (asked.length === 0) this.#accuse(`nobody to ask for a ${kind}`);
    for (const seat of asked) {
      const what = `${kind} ${seat} ${kind === 'repair' ? this.#held : ''}`;
      if (this.#sent.has(what)) this.#accuse(`asked for the same twice: ${what}`);
      this.#sent.add(what);
      this.#open.push({ kind, seat, record: this.#held });
    }
  }

  /** The answer leaves. Enough replicas have to hold it, durably, and it all that those contributed. */
  #answer(): void {
    const answer = this.#held;
    if (this.#contributed.size < this.#least) this.#accuse('one more had to be heard');
    const holds = (at: number): boolean => {
      const contributed = this.#contributed.get(at);
      if (contributed === undefined || this.#refused.has(at)) return false;
      return (contributed & ~answer) === 0 && (answer & ~(this.#replicas[at] as number)) === 0;
    };
    if (!this.#enough(holds)) this.#accuse(`the answer ${answer} is not held by enough: ${this.#replicas.join()}`);
    for (const at of this.#seats.keys())
      if (hasSeat(this.#tally.holders, at) && !holds(at)) this.#accuse(`seat ${at} does not hold ${answer}`);
    const { met, holders } = this.#tally;
    if (met !== this.#levels.metBy(holders)) this.#accuse('what was met is not what the holders satisfy');
  }

  #enough(which: (at: number) => boolean): boolean {
    const said = this.#seats.filter((_, at) => which(at));
    return isSatisfied(this.#level, this.#seats, said, 'read', 'a');
  }

  #mayAnswer(seat: number): boolean {
    const { counted, filling } = this.#seats[seat] as QuorumSeat;
    return counted && !filling;
  }

  #writeSomewhere(): void {
    const seat = this.#random.below(this.#seats.length);
    this.#replicas[seat] = (this.#replicas[seat] as number) | (1 << this.#random.below(VERSIONS));
  }

  #expect(code: TallyCode, wanted: TallyCode, why: string): void {
    if (code !== wanted) this.#accuse(`${why}: ${code}, not ${wanted}`);
  }

  #accuse(what: string): void {
    this.wrong ??= `${String(this.#level)}: ${what}`;
  }
}

function runs(make: () => ReadTally, count: number): { codes: Map<TallyCode, number>; wrong: string | undefined } {
  const tally = make();
  const codes = new Map<TallyCode, number>();
  for (let seed = 1; seed <= count; seed += 1) {
    const read = new Read(tally, new SimRandom(seed));
    read.run();
    for (const [code, times] of read.codes) codes.set(code, (codes.get(code) ?? 0) + times);
    if (read.wrong !== undefined) return { codes, wrong: `seed ${seed}, ${read.wrong}` };
  }
  return { codes, wrong: undefined };
}

test('an answer leaves when enough replicas hold it and all that they contributed, and fails only when that cannot be', () => {
  const { codes, wrong } = runs(() => new ReadTally(), 10_000);
  assert.equal(wrong, undefined);
  for (const code of [CONTINUE, IGNORED, MET, FAILED, MISMATCH, MERGE, REPAIR] as const)
    assert.ok((codes.get(code) ?? 0) > 100, `code ${code}`);
});

class AnswersBeforeTheRepair extends ReadTally {
  override merged(low: number, high: number): TallyCode {
    const code = super.merged(low, high);
    return code === REPAIR ? MET : code;
  }
}

class ComparesOneLane extends ReadTally {
  override digest(seat: number, placement: number, low: number): TallyCode {
    return super.digest(seat, placement, low, 0);
  }
  override record(seat: number, placement: number, low: number): TallyCode {
    return super.record(seat, placement, low, 0);
  }
  override merged(low: number): TallyCode {
    return super.merged(low, 0);
  }
  override repaired(seat: number, placement: number, low: number): TallyCode {
    return super.repaired(seat, placement, low, 0);
  }
}

class TakesAFailedRepairForDone extends ReadTally {
  #low = 0;
  #high = 0;
  override merged(low: number, high: number): TallyCode {
    this.#low = low;
    this.#high = high;
    return super.merged(low, high);
  }
  override refuse(seat: number, placement: number): TallyCode {
    const code = super.repaired(seat, placement, this.#low, this.#high);
    return code === IGNORED ? super.refuse(seat, placement) : code;
  }
}

class HearsFillingSeats extends ReadTally {
  override begin(levels: LevelNeeds, need: Need): void {
    const from = levels.seats;
    const parts = need.parts.map((part) => ({ ...part, from }));
    const wide = { placement: levels.placement, seats: from, from, metBy: (set: number) => levels.metBy(set) };
    super.begin(wide as LevelNeeds, { ...need, parts });
  }
}

class CountsOtherPlacements extends ReadTally {
  override digest(seat: number, _placement: number, low: number, high: number): TallyCode {
    return super.digest(seat, PLACEMENT, low, high);
  }
}

class WaitsForTheHopeless extends ReadTally {
  override refuse(seat: number, placement: number): TallyCode {
    const code = super.refuse(seat, placement);
    return code === FAILED ? CONTINUE : code;
  }
}

class AsksForEveryRecord extends ReadTally {
  override get asked(): number {
    return super.asked | super.lagging;
  }
}

for (const Wrong of [
  AnswersBeforeTheRepair,
  ComparesOneLane,
  TakesAFailedRepairForDone,
  HearsFillingSeats,
  CountsOtherPlacements,
  WaitsForTheHopeless,
  AsksForEveryRecord,
]) {
  test(`planted: ${Wrong.name}`, () => {
    assert.notEqual(runs(() => new Wrong(), 10_000).wrong, undefined);
  });
}

const THREE = ['a', 'a', 'a'].map((dc, at): QuorumSeat => ({ actor: at + 1, dc, filling: false, counted: true }));

function begun(level: Level, seats: readonly QuorumSeat[] = THREE): ReadTally {
  const levels = new LevelNeeds(PLACEMENT, seats, { use: 'read', dc: 'a' });
  const tally = new ReadTally();
  tally.begin(levels, levels.need(level) as Need);
  return tally;
}

test('two that agree answer at once; what a third holds does not matter', () => {
  const tally = begun('quorum');
  assert.equal(tally.record(0, PLACEMENT, 1, 2), CONTINUE);
  assert.equal(tally.digest(2, PLACEMENT, 1, 2), MET);
  assert.equal(tally.holders, 0b101);
  assert.equal(tally.digest(1, PLACEMENT, 9, 9), IGNORED, 'it is over');
});

test('absence is an answer, and agrees with absence only', () => {
  const nothing = begun('quorum');
  assert.equal(nothing.absent(0, PLACEMENT), CONTINUE);
  assert.equal(nothing.absent(0, PLACEMENT), IGNORED);
  assert.equal(nothing.absent(1, PLACEMENT), MET);
  const one = begun('quorum');
  assert.equal(one.record(0, PLACEMENT, 0, 0), CONTINUE, 'a digest of zeros is no absence');
  assert.equal(one.absent(1, PLACEMENT), REPAIR);
  assert.equal(one.asked, 0b010);
  assert.equal(one.repaired(1, PLACEMENT, 0, 0), MET);
});

test('digests that differ: the record behind one, the merge, a repair of who lacks it, the answer', () => {
  const tally = begun('all');
  assert.equal(tally.record(0, PLACEMENT, 1, 1), CONTINUE);
  assert.equal(tally.digest(1, PLACEMENT, 2, 2), CONTINUE);
  assert.equal(tally.digest(2, PLACEMENT, 2, 2), MISMATCH);
  assert.equal(tally.asked, 0b010, 'two that hold the same need not both send it');
  assert.equal(tally.record(1, PLACEMENT, 2, 2), MERGE);
  assert.equal(tally.merged(2, 2), REPAIR, 'the second superseded the first');
  assert.equal(tally.asked, 0b001);
  assert.equal(tally.repaired(0, PLACEMENT, 2, 2), MET);
});

test('a session asks one more, until nobody is left', () => {
  const tally = begun('one');
  assert.equal(tally.record(0, PLACEMENT, 1, 1), MET);
  assert.equal(tally.askMore(), CONTINUE);
  assert.equal(tally.askMore(), IGNORED);
  assert.equal(tally.unheard, 0b110);
  assert.equal(tally.digest(1, PLACEMENT, 3, 3), MISMATCH);
  assert.equal(tally.record(1, PLACEMENT, 3, 3), MERGE);
  assert.equal(tally.merged(3, 3), MET, 'one holds the merge: that is what the level wants');
  assert.equal(tally.askMore(), CONTINUE);
  assert.equal(tally.refuse(2, PLACEMENT), FAILED);
});

test('a newer placement, the deadline: each ends it once', () => {
  const tally = begun('quorum');
  assert.equal(tally.newerPlacement(PLACEMENT), IGNORED);
  assert.equal(tally.newerPlacement(PLACEMENT + 1), START_AGAIN);
  assert.equal(tally.absent(0, PLACEMENT), IGNORED);
  const late = begun('quorum');
  assert.equal(late.absent(0, PLACEMENT), CONTINUE);
  assert.equal(late.timeOut(), TIMED_OUT);
  assert.equal(late.absent(1, PLACEMENT), IGNORED);
  assert.equal(late.newerPlacement(PLACEMENT + 1), IGNORED);
});

test('a seat that is filling never answers, and two of three such leave no majority', () => {
  const filling = pick(THREE, 0b001).concat(pick(THREE, 0b110).map((seat) => ({ ...seat, filling: true })));
  const levels = new LevelNeeds(PLACEMENT, filling, { use: 'read', dc: 'a' });
  assert.ok('impossible' in levels.need('quorum'));
  const tally = begun('one', filling);
  assert.equal(tally.record(1, PLACEMENT, 1, 1), IGNORED);
  assert.equal(tally.record(0, PLACEMENT, 1, 1), MET);
});
