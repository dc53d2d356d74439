/**
 * What a pair of levels promises: computed, by whether every set of seats that satisfies the write has one in common with
 * every set that satisfies the read. Nothing here is a table that somebody keeps.
 *
 * A layout says how many counted seats a partition has in which data centre. A client asks in one data centre, where its
 * coordinator is; promises hold wherever clients are, unless a reader's data centre is given.
 */
import { assert } from '@torc/base/assert';
import type { DcCopies } from '../topology/topology.ts';
import { countsStandIns, type Level, type ReadDemand } from './levels.ts';
import { isMet, needOf, type Impossible, type Need, type QuorumSeat, type Use } from './needs.ts';
import { seatBit, seatCount, type SeatSet } from './seat-set.ts';

/** Of which clients, by data centre. */
export type Reach = 'all' | 'same-dc' | 'none';

/** `while-homes`: as long as every acknowledgement and answer comes from a home, which the reply says. */
export type Certainty = 'always' | 'while-homes' | 'no';

/**
 * `strong`: a read sees every write that was acknowledged before it began. `same-dc`: every such write of its own data centre.
 * `while-homes`: as one of these, but see `Certainty`. `eventual`: when replicas have exchanged what they hold.
 */
export type PromiseKind = 'strong' | 'same-dc' | 'while-homes' | 'eventual';

/** What the brief names of N, W and R in all: several may fit at once. */
export type Preset = 'fast-read' | 'fast-write' | 'strong' | 'weak';

/** Whether requests go on while so much is down, whichever it is. */
export interface GoesOn {
  /** For clients of every data centre. */
  readonly oneDown: boolean;
  readonly twoDown: boolean;
  /** For clients of the others; false where there are none. */
  readonly dcDown: boolean;
}

export interface PairPromise {
  readonly kind: PromiseKind;
  /** Whose acknowledged writes a read is sure to see, under `certainty`. */
  readonly sees: Reach;
  readonly certainty: Certainty;
  /** For a client that stays in one data centre and uses these two levels. */
  readonly readsOwnWrites: Certainty;
  /** For such a client: whatever a read showed, acknowledged or not, the next one shows too, or what superseded it. */
  readonly neverGoesBack: Certainty;
  /** An acknowledged write is there after so many disks were lost at once, whichever. */
  readonly lostDisks: number;
  /** And after any one data centre was lost. */
  readonly lostDc: boolean;
  readonly writes: GoesOn;
  readonly reads: GoesOn;
  /** Empty when one of the levels looks at data centres. */
  readonly presets: readonly Preset[];
}

/** `readerDc`: only for readers there. */
export function promiseOf(
  write: Level,
  read: ReadDemand,
  layout: readonly DcCopies[],
  readerDc?: string,
): PairPromise | Impossible {
  const dcs = layout.filter(({ copies }) => copies > 0).map(({ dc }) => dc);
  const writeNeeds = needsByDc(write, layout, dcs, 'write');
  const readers = readerDc === undefined ? dcs : [readerDc];
  const readNeeds = needsByDc(read.level, layout, readers, 'read');
  if ('impossible' in writeNeeds) return writeNeeds;
  if ('impossible' in readNeeds) return readNeeds;
  const homesOnly: Certainty = countsStandIns(write) || countsStandIns(read.level) ? 'while-homes' : 'always';
  const all = seatBit(seatsOf(layout).length) - 1;
  const sees = reachOf(writeNeeds, readNeeds, all);
  const certainty = sees === 'none' ? 'no' : homesOnly;
  const readsAgain =
    reachOf(readNeeds, readNeeds, all) === 'none' ? 'no' : countsStandIns(read.level) ? 'while-homes' : 'always';
  const writeSets = [...writeNeeds.values()];
  return {
    kind: kindOf(sees, certainty),
    sees,
    certainty,
    readsOwnWrites: read.session ? 'always' : certainty,
    neverGoesBack: read.session ? 'always' : readsAgain,
    lostDisks: Math.min(...writeSets.map(({ count }) => count)) - 1,
    lostDc: dcs.length > 1 && writeSets.every((need) => dcs.every((dc) => !isMet(need, seatsIn(layout, dc)))),
    writes: goesOn(writeNeeds, layout, dcs),
    reads: goesOn(readNeeds, layout, dcs),
    presets: presetsOfLevels(writeNeeds, readNeeds, seatCount(all)),
  };
}

/** What the brief calls W acknowledgements and R answers of N replicas. */
export function presetsOf(n: number, w: number, r: number): readonly Preset[] {
  assert(w >= 1 && w <= n && r >= 1 && r <= n, 'from one replica to all');
  return [
    ...(r === 1 && w === n ? (['fast-read'] as const) : []),
    ...(w === 1 && r === n ? (['fast-write'] as const) : []),
    w + r > n ? 'strong' : 'weak',
  ];
}

/** Whether a set that satisfies one and a set that satisfies the other always share a seat. Both of one layout. */
export function alwaysShare(one: Need, other: Need, all: SeatSet): boolean {
  if (isOfAll(one) || isOfAll(other)) {
    // The one that may choose anywhere takes what the other leaves.
    return one.count + other.count > seatCount(all);
  }
  return one.parts.some((mine) =>
    other.parts.some(({ dc, from, count }) => dc === mine.dc && mine.count + count > seatCount(from)),
  );
}

function isOfAll({ parts }: Need): boolean {
  return parts.some(({ dc }) => dc === undefined);
}

type NeedsByDc = ReadonlyMap<string, Need>;

function needsByDc(
  level: Level,
  layout: readonly DcCopies[],
  dcs: readonly string[],
  use: Use,
): NeedsByDc | Impossible {
  const seats = seatsOf(layout);
  const needs = new Map<string, Need>();
  for (const dc of dcs) {
    const need = needOf(level, seats, { use, dc });
    if ('impossible' in need) return need;
    needs.set(dc, need);
  }
  return needs.size === 0 ? { impossible: 'the layout has no seats' } : needs;
}

/** Full, counted seats; who holds them does not matter. */
function seatsOf(layout: readonly DcCopies[]): readonly QuorumSeat[] {
  const dcs = layout.flatMap(({ dc, copies }) => Array.from({ length: copies }, () => dc));
  return dcs.map((dc, at) => ({ actor: at + 1, dc, filling: false, counted: true }));
}

function seatsIn(layout: readonly DcCopies[], where: string): SeatSet {
  return seatsOf(layout).reduce((set, { dc }, at) => (dc === where ? set | seatBit(at) : set), 0);
}

/** Which writes, by data centre of their writers, every read is sure to meet. */
function reachOf(writes: NeedsByDc, reads: NeedsByDc, all: SeatSet): Reach {
  const pairs = [...reads].flatMap(([to, reader]) =>
    [...writes].map(([from, writer]) => ({ isSame: from === to, isSure: alwaysShare(writer, reader, all) })),
  );
  if (pairs.every(({ isSure }) => isSure)) return 'all';
  const same = pairs.filter(({ isSame }) => isSame);
  return same.length > 0 && same.every(({ isSure }) => isSure) ? 'same-dc' : 'none';
}

function kindOf(sees: Reach, certainty: Certainty): PromiseKind {
  if (sees === 'none') return 'eventual';
  if (certainty === 'while-homes') return 'while-homes';
  return sees === 'all' ? 'strong' : 'same-dc';
}

/** The worst that so many can do is to be down where the need has the least to spare. */
function goesOn(needs: NeedsByDc, layout: readonly DcCopies[], dcs: readonly string[]): GoesOn {
  const spare = Math.min(
    ...[...needs.values()].flatMap(({ parts }) => parts.map(({ from, count }) => seatCount(from) - count)),
  );
  const others = [...needs].flatMap(([dc, need]) =>
    dcs.filter((down) => down !== dc).map((down) => isMet(need, need.from & ~seatsIn(layout, down))),
  );
  return { oneDown: spare >= 1, twoDown: spare >= 2, dcDown: others.length > 0 && others.every(Boolean) };
}

function presetsOfLevels(writes: NeedsByDc, reads: NeedsByDc, n: number): readonly Preset[] {
  const [write] = writes.values();
  const [read] = reads.values();
  if (write === undefined || read === undefined || !isOfAll(write) || !isOfAll(read)) return [];
  return presetsOf(n, write.count, read.count);
}
