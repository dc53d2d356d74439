/**
 * What a plan has to be, judged from the plan alone and by other means than the planner's: spread by counting, balance by the
 * condition that nobody could be given more at the cost of somebody who has more, order by counting.
 */
import type { ClassPlan, Plan } from '../../src/placement/plan.ts';
import { seatsAt } from '../../src/placement/moves.ts';
import type { Member, PlacementClass, Topology } from '../../src/topology/topology.ts';

const EPSILON = 1e-6;

/** Who may hold seats. */
export function candidatesOf(topology: Topology): readonly Member[] {
  return topology.members.filter(({ state, weight }) => state === 'active' && weight > 0);
}

/** Sentences about what is wrong with a plan; empty if nothing is. */
export function faultsOfPlan(topology: Topology, plan: Plan): readonly string[] {
  return topology.classes.flatMap((placed) => {
    const planned = plan.classes.find(({ name }) => name === placed.name);
    if (planned === undefined) return [`no plan for class ${placed.name}`];
    const faults = [
      ...spreadFaults(topology, placed, planned),
      ...balanceFaults(topology, planned),
      ...fairnessFaults(topology, placed, planned),
      ...orderFaults(topology, planned),
      ...silenceFaults(topology, placed, planned, plan),
    ];
    return faults.map((fault) => `${placed.name}: ${fault}`);
  });
}

function distinct<T>(list: readonly T[]): number {
  return new Set(list).size;
}

const rackName = ({ dc, rack }: Member): string => `${dc}/${rack}`;

/** How many seats a partition can have at the most. */
function roomOf(candidates: readonly Member[], wanted: PlacementClass): number {
  const hosts = (members: readonly Member[]): number => distinct(members.map(({ host }) => host));
  if (wanted.copiesByDc.length === 0) return Math.min(wanted.copies, hosts(candidates));
  return wanted.copiesByDc.reduce(
    (sum, { dc, copies }) => sum + Math.min(copies, hosts(candidates.filter((one) => one.dc === dc))),
    0,
  );
}

/** Distinct hosts; as many racks and data centres as there can be; no rack with two more than another that has room. */
export function spreadFaults(topology: Topology, wanted: PlacementClass, planned: ClassPlan): readonly string[] {
  const candidates = candidatesOf(topology);
  const byActor = new Map(candidates.map((one) => [one.actor, one]));
  const places = placesOf(candidates);
  const faults = new Set<string>();
  const width = roomOf(candidates, wanted);
  if (planned.width !== width) faults.add(`${planned.width} seats a partition, not ${width}`);
  for (let partition = 0; partition < 2 ** topology.partitionBits; partition += 1) {
    const row = seatsAt(planned, partition).map((actor) => byActor.get(actor));
    const seats = row.filter((one) => one !== undefined);
    if (seats.length !== width) faults.add(`partition ${partition}: a seat of nobody`);
    if (distinct(seats.map(({ host }) => host)) !== seats.length)
      faults.add(`partition ${partition}: two seats on a host`);
    for (const fault of unevenDomains(places, wanted, seats)) faults.add(fault);
  }
  return [...faults];
}

/** What there is to spread over. */
interface Places {
  readonly racks: number;
  readonly dcs: readonly { readonly dc: string; readonly hosts: number; readonly racks: ReadonlyMap<string, number> }[];
}

function placesOf(candidates: readonly Member[]): Places {
  const dcs = [...new Set(candidates.map(({ dc }) => dc))].map((dc) => {
    const inDc = candidates.filter((one) => one.dc === dc);
    const hostsIn = (rack: string): number => distinct(inDc.filter((one) => one.rack === rack).map(({ host }) => host));
    const racks = new Map([...new Set(inDc.map(({ rack }) => rack))].map((rack) => [rack, hostsIn(rack)]));
    return { dc, hosts: distinct(inDc.map(({ host }) => host)), racks };
  });
  return { racks: distinct(candidates.map(rackName)), dcs };
}

function unevenDomains(places: Places, wanted: PlacementClass, seats: readonly Member[]): readonly string[] {
  const faults: string[] = [];
  if (wanted.copiesByDc.length === 0) {
    const racks = Math.min(seats.length, places.racks);
    if (distinct(seats.map(rackName)) < racks) faults.push(`fewer than ${racks} racks`);
    const dcs = Math.min(seats.length, places.dcs.length);
    if (distinct(seats.map(({ dc }) => dc)) < dcs) faults.push(`fewer than ${dcs} data centres`);
  }
  for (const { dc, hosts, racks } of places.dcs) {
    const here = seats.filter((one) => one.dc === dc);
    const asked = wanted.copiesByDc.find((one) => one.dc === dc)?.copies ?? 0;
    if (wanted.copiesByDc.length > 0 && here.length !== Math.min(asked, hosts))
      faults.push(`${here.length} seats in ${dc}`);
    const counts = new Map<string, number>();
    for (const { rack } of here) counts.set(rack, (counts.get(rack) ?? 0) + 1);
    const most = Math.max(0, ...counts.values());
    for (const [rack, room] of most < 2 ? [] : racks) {
      const count = counts.get(rack) ?? 0;
      if (count < room && count + 1 < most) faults.push(`racks of ${dc} are filled unevenly`);
    }
  }
  return faults;
}

/** Seats of each candidate at this place of the order and behind it. */
export function countsFrom(topology: Topology, planned: ClassPlan, place: number): ReadonlyMap<number, number> {
  const counts = new Map(candidatesOf(topology).map(({ actor }) => [actor, 0]));
  for (const [at, actor] of planned.seats.entries())
    if (at % planned.width >= place) counts.set(actor, (counts.get(actor) ?? 0) + 1);
  return counts;
}

/** Every node holds its share, rounded up or down. */
export function balanceFaults(topology: Topology, planned: ClassPlan): readonly string[] {
  return [...countsFrom(topology, planned, 0)].flatMap(([actor, count]) => {
    const share = planned.shares.get(actor) ?? 0;
    return Math.abs(count - share) < 1 - EPSILON || Math.abs(count - share) < EPSILON
      ? []
      : [`actor ${actor} has ${count} seats, its share is ${share}`];
  });
}

/**
 * Shares are fair: who has less for its weight than another is kept from more by a limit. The limits are counted from the
 * plan: a domain in which every partition has as many seats as any partition has takes no more; the other way round less.
 */
export function fairnessFaults(topology: Topology, wanted: PlacementClass, planned: ClassPlan): readonly string[] {
  const candidates = candidatesOf(topology);
  const partitions = 2 ** topology.partitionBits;
  const domainsOf = (one: Member): readonly string[] => [one.dc, rackName(one), one.host];
  const share = new Map<string, number>();
  let total = 0;
  for (const one of candidates) {
    const own = planned.shares.get(one.actor) ?? -1;
    if (own < -EPSILON || own > partitions + EPSILON) return [`a share of ${own} for ${one.id}`];
    total += own;
    for (const domain of domainsOf(one)) share.set(domain, (share.get(domain) ?? 0) + own);
  }
  if (Math.abs(total - planned.width * partitions) > EPSILON) return [`shares of ${total} in all`];
  // Full, or at its least: a whole number of seats in every partition.
  const isWhole = (domain: string): boolean => {
    const each = (share.get(domain) ?? 0) / partitions;
    return Math.abs(each - Math.round(each)) < EPSILON;
  };
  const level = (one: Member): number => (planned.shares.get(one.actor) ?? 0) / one.weight;
  const sorted = [...candidates].sort((a, b) => level(a) - level(b));
  for (let at = 1; at < sorted.length; at += 1) {
    const less = sorted[at - 1] as Member;
    const more = sorted[at] as Member;
    if (level(more) - level(less) <= EPSILON * level(more)) continue;
    const between = [
      ...domainsOf(less).filter((domain) => !domainsOf(more).includes(domain)),
      ...domainsOf(more).filter((domain) => !domainsOf(less).includes(domain)),
    ];
    if (!between.some(isWhole)) return [`${more.id} has more for its weight than ${less.id} (${wanted.name})`];
  }
  return [];
}

/** Each place of the preference order is shared out evenly among those who have it or a later one. */
export function orderFaults(topology: Topology, planned: ClassPlan): readonly string[] {
  const faults: string[] = [];
  for (let place = 0; place + 1 < planned.width; place += 1) {
    const candidates = countsFrom(topology, planned, place);
    const behind = countsFrom(topology, planned, place + 1);
    for (const [actor, count] of candidates) {
      const has = count - (behind.get(actor) ?? 0);
      const even = count / (planned.width - place);
      if (has < Math.floor(even) || has > Math.ceil(even))
        faults.push(`actor ${actor}: ${has} times place ${place}, not ${even}`);
    }
  }
  return faults;
}

/** What does not hold is reported, with all partitions concerned, and nothing else is. */
export function silenceFaults(
  topology: Topology,
  wanted: PlacementClass,
  planned: ClassPlan,
  { violations }: Plan,
): readonly string[] {
  const candidates = candidatesOf(topology);
  const byActor = new Map(candidates.map((one) => [one.actor, one]));
  const reported = (kind: string): string =>
    violations
      .filter((one) => one.placementClass === wanted.name && one.kind === kind)
      .flatMap(({ partitions }) => partitions)
      .sort((a, b) => a - b)
      .join(' ');
  const seen = (sees: (seats: readonly Member[]) => boolean): string =>
    Array.from({ length: 2 ** topology.partitionBits }, (_, partition) => partition)
      .filter((partition) => sees(seatsAt(planned, partition).map((actor) => byActor.get(actor) as Member)))
      .join(' ');
  const shares = (nameOf: (one: Member) => string): ((seats: readonly Member[]) => boolean) => {
    const isSpread = distinct(candidates.map(nameOf)) > 1;
    return (seats) => isSpread && distinct(seats.map(nameOf)) < seats.length;
  };
  const faults: string[] = [];
  if (reported('seats') !== seen((seats) => seats.length < wanted.copies)) faults.push('missing seats are not told');
  if (reported('rack') !== seen(shares(rackName))) faults.push('shared racks are not told');
  if (wanted.copiesByDc.length === 0 && reported('dc') !== seen(shares(({ dc }) => dc)))
    faults.push('shared data centres are not told');
  const hasSpare = distinct(candidates.map(({ host }) => host)) > planned.width;
  if (
    hasSpare === violations.some(({ kind, placementClass }) => kind === 'spare-host' && placementClass === wanted.name)
  )
    faults.push('a missing spare host is not told, or told wrongly');
  return faults;
}
