/**
 * What `promiseOf` claims, against brute force: every set of seats that satisfies the write beside every set that satisfies
 * the read, for one data centre with up to five seats and up to three with up to three each.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsStandIns, NAMED_LEVELS, type Level, type ReadDemand } from '../../src/quorum/levels.ts';
import type { Impossible, QuorumSeat, Use } from '../../src/quorum/needs.ts';
import {
  presetsOf,
  promiseOf,
  type Certainty,
  type GoesOn,
  type PairPromise,
  type Reach,
} from '../../src/quorum/promises.ts';
import { seatCount } from '../../src/quorum/seat-set.ts';
import type { DcCopies } from '../../src/topology/topology.ts';
import { DCS, isSatisfied, pick } from './definitions.ts';

type Layout = readonly DcCopies[];
type PromiseOf = (write: Level, read: ReadDemand, layout: Layout, readerDc?: string) => PairPromise | Impossible;

/** What the claims are compared in. */
interface Facts {
  readonly sees: Reach;
  readonly again: Reach;
  readonly lostDisks: number;
  readonly lostDc: boolean;
  readonly writes: GoesOn;
  readonly reads: GoesOn;
}

const ONE_DC: readonly Layout[] = [1, 2, 3, 4, 5].map((copies) => [{ dc: 'a', copies }]);
const COPIES = [1, 2, 3];
const TWO_DCS: readonly Layout[] = COPIES.flatMap((a) => COPIES.map((b) => layoutOf(a, b)));
const THREE_DCS: readonly Layout[] = COPIES.flatMap((a) => COPIES.flatMap((b) => COPIES.map((c) => layoutOf(a, b, c))));

function layoutOf(...copies: readonly number[]): Layout {
  return copies.map((count, at) => ({ dc: DCS[at] as string, copies: count }));
}

/** All sets of seats, and what they are good for, by going through them. */
class BruteForce {
  readonly #layout: Layout;
  readonly #seats: readonly QuorumSeat[];
  readonly #sets = new Map<string, readonly number[]>();
  readonly #pairs = new Map<string, boolean>();

  constructor(layout: Layout) {
    this.#layout = layout;
    const dcs = layout.flatMap(({ dc, copies }) => Array.from({ length: copies }, () => dc));
    this.#seats = dcs.map((dc, at) => ({ actor: at + 1, dc, filling: false, counted: true }));
  }

  facts(write: Level, read: Level, readerDc: string | undefined): Facts | undefined {
    const dcs = this.#layout.map(({ dc }) => dc);
    const readers = readerDc === undefined ? dcs : [readerDc];
    const writeSets = dcs.map((dc) => this.#setsOf(write, 'write', dc));
    if ([...writeSets, ...readers.map((dc) => this.#setsOf(read, 'read', dc))].some((sets) => sets.length === 0))
      return undefined;
    const every = writeSets.flat();
    return {
      sees: this.#reach(dcs, readers, (from, to) => this.#alwaysMeet(write, 'write', from, read, to)),
      again: this.#reach(readers, readers, (from, to) => this.#alwaysMeet(read, 'read', from, read, to)),
      lostDisks: Math.min(...every.map(seatCount)) - 1,
      lostDc: dcs.length > 1 && every.every((set) => new Set(pick(this.#seats, set).map(({ dc }) => dc)).size > 1),
      writes: this.#goesOn(write, 'write', dcs),
      reads: this.#goesOn(read, 'read', readers),
    };
  }

  #reach(from: readonly string[], to: readonly string[], meet: (from: string, to: string) => boolean): Reach {
    if (from.every((one) => to.every((other) => meet(one, other)))) return 'all';
    return to.every((dc) => meet(dc, dc)) ? 'same-dc' : 'none';
  }

  #alwaysMeet(one: Level, use: Use, from: string, other: Level, to: string): boolean {
    const name = `${one} ${use} ${from} ${other} ${to}`;
    let meet = this.#pairs.get(name);
    if (meet === undefined) {
      const others = this.#setsOf(other, 'read', to);
      meet = this.#setsOf(one, use, from).every((mine) => others.every((theirs) => (mine & theirs) !== 0));
      this.#pairs.set(name, meet);
    }
    return meet;
  }

  #goesOn(level: Level, use: Use, dcs: readonly string[]): GoesOn {
    const all = 2 ** this.#seats.length - 1;
    const without = (down: number, dc: string): boolean =>
      isSatisfied(level, this.#seats, pick(this.#seats, all & ~down), use, dc);
    const downs = (count: number): readonly number[] =>
      Array.from({ length: all + 1 }, (_, set) => set).filter((set) => seatCount(set) === count);
    const survives = (count: number): boolean =>
      count <= this.#seats.length && downs(count).every((down) => dcs.every((dc) => without(down, dc)));
    const setOf = (dc: string): number =>
      this.#seats.reduce((set, seat, at) => (seat.dc === dc ? set | (1 << at) : set), 0);
    const cases = this.#layout.flatMap(({ dc: down }) =>
      dcs.filter((dc) => dc !== down).map((dc) => [down, dc] as const),
    );
    return {
      oneDown: survives(1),
      twoDown: survives(2),
      dcDown: cases.length > 0 && cases.every(([down, dc]) => without(setOf(down), dc)),
    };
  }

  #setsOf(level: Level, use: Use, dc: string): readonly number[] {
    const name = `${level} ${use} ${dc}`;
    let sets = this.#sets.get(name);
    if (sets === undefined) {
      const all = Array.from({ length: 2 ** this.#seats.length }, (_, set) => set);
      sets = all.filter((set) => isSatisfied(level, this.#seats, pick(this.#seats, set), use, dc));
      this.#sets.set(name, sets);
    }
    return sets;
  }
}

function differences(claim: PromiseOf, layouts: readonly Layout[]): string | undefined {
  for (const layout of layouts) {
    const brute = new BruteForce(layout);
    const n = layout.reduce((sum, { copies }) => sum + copies, 0);
    const levels: readonly Level[] = [...NAMED_LEVELS, ...Array.from({ length: n + 1 }, (_, at) => at + 1)];
    for (const write of levels) {
      for (const read of levels) {
        for (const readerDc of [undefined, ...layout.map(({ dc }) => dc)]) {
          const found = difference(claim, brute.facts(write, read, readerDc), write, read, layout, readerDc);
          if (found !== undefined) return `${JSON.stringify(layout)}, W=${write} R=${read} in ${readerDc}: ${found}`;
        }
      }
    }
  }
  return undefined;
}

function difference(
  claim: PromiseOf,
  facts: Facts | undefined,
  write: Level,
  read: Level,
  layout: Layout,
  readerDc: string | undefined,
): string | undefined {
  const claimed = claim(write, { level: read, session: false }, layout, readerDc);
  if ('impossible' in claimed || facts === undefined)
    return 'impossible' in claimed === (facts === undefined) ? undefined : 'impossible, or not';
  const isSloppyRead = countsStandIns(read);
  const sure = (reach: Reach, isSloppy: boolean): Certainty =>
    reach === 'none' ? 'no' : isSloppy ? 'while-homes' : 'always';
  const certainty = sure(facts.sees, isSloppyRead || countsStandIns(write));
  const kind = { always: facts.sees === 'all' ? 'strong' : 'same-dc', 'while-homes': 'while-homes', no: 'eventual' }[
    certainty
  ];
  const { again, ...rest } = facts;
  const wanted = { ...rest, kind, certainty, readsOwnWrites: certainty, neverGoesBack: sure(again, isSloppyRead) };
  const { presets: _, ...is } = claimed;
  try {
    assert.deepEqual(is, wanted);
  } catch (error) {
    if (error instanceof assert.AssertionError) return error.message;
    throw error;
  }
  return undefined;
}

test('in one data centre: strong exactly when all sets meet, and all else by going through the sets', () => {
  assert.equal(differences(promiseOf, ONE_DC), undefined);
});

test('in two and three data centres, for readers everywhere and in each', () => {
  assert.equal(differences(promiseOf, [...TWO_DCS, ...THREE_DCS]), undefined);
});

const merged: PromiseOf = (write, read, layout) =>
  promiseOf(write, read, [{ dc: 'a', copies: layout.reduce((sum, { copies }) => sum + copies, 0) }]);

function twisted(
  change: (promise: PairPromise, write: Level, read: Level, layout: Layout) => Partial<PairPromise>,
): PromiseOf {
  return (write, read, layout, readerDc) => {
    const promise = promiseOf(write, read, layout, readerDc);
    return 'impossible' in promise ? promise : { ...promise, ...change(promise, write, read.level, layout) };
  };
}

const PLANTED: Readonly<Record<string, PromiseOf>> = {
  'W + R = N is strong': twisted((promise, write, read, [first]) =>
    typeof write === 'number' && typeof read === 'number' && write + read === first?.copies
      ? { kind: 'strong', sees: 'all', certainty: 'always', readsOwnWrites: 'always' }
      : promise,
  ),
  'data centres make no difference': merged,
  'a stand-in is as good as a home': twisted(({ certainty, sees }) =>
    certainty === 'while-homes' ? { certainty: 'always', kind: sees === 'all' ? 'strong' : 'same-dc' } : {},
  ),
  'a write survives W lost disks': twisted(({ lostDisks }) => ({ lostDisks: lostDisks + 1 })),
  'reads that see every write never go back': twisted(({ certainty }) => ({ neverGoesBack: certainty })),
  'writes to each data centre go on without one': twisted(({ writes }) => ({ writes: { ...writes, dcDown: true } })),
};

for (const [name, claim] of Object.entries(PLANTED)) {
  test(`planted: ${name}`, () => {
    assert.notEqual(differences(claim, [...ONE_DC, ...TWO_DCS]), undefined);
  });
}

test('the presets: fast reads, fast writes, strong and weak', () => {
  assert.deepEqual(presetsOf(3, 3, 1), ['fast-read', 'strong']);
  assert.deepEqual(presetsOf(3, 1, 3), ['fast-write', 'strong']);
  assert.deepEqual(presetsOf(3, 2, 2), ['strong']);
  assert.deepEqual(presetsOf(3, 1, 1), ['weak']);
  assert.deepEqual(presetsOf(3, 2, 1), ['weak']);
  for (const layout of ONE_DC) {
    const n = layout[0]?.copies as number;
    for (let w = 1; w <= n; w += 1) {
      for (let r = 1; r <= n; r += 1) {
        const promise = promiseOf(w, { level: r, session: false }, layout) as PairPromise;
        assert.deepEqual(promise.presets, presetsOf(n, w, r));
        assert.equal(promise.presets.includes('strong'), promise.kind === 'strong', `N=${n} W=${w} R=${r}`);
      }
    }
  }
  const levels = promiseOf('local_quorum', { level: 1, session: false }, layoutOf(3, 3)) as PairPromise;
  assert.deepEqual(levels.presets, [], 'W and R of one data centre are not those of all');
});

test('a session reads its own writes and never goes back, at any level', () => {
  for (const level of NAMED_LEVELS) {
    const promise = promiseOf('one', { level, session: true }, layoutOf(3, 3, 3)) as PairPromise;
    assert.equal(promise.readsOwnWrites, 'always');
    assert.equal(promise.neverGoesBack, 'always');
    assert.equal(promise.kind, level === 'all' ? 'while-homes' : 'eventual', 'what others wrote is up to the level');
  }
});

test('each_quorum with local_quorum: no stale read anywhere, whichever data centre is lost; such writes stop', () => {
  const promise = promiseOf('each_quorum', { level: 'local_quorum', session: false }, layoutOf(3, 3, 3)) as PairPromise;
  assert.equal(promise.kind, 'strong');
  assert.equal(promise.lostDc, true);
  assert.equal(promise.reads.dcDown, true);
  assert.equal(promise.writes.dcDown, false);
});
