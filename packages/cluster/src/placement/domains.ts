/**
 * The tree of failure domains (cluster, data centres, racks, hosts, nodes) and for each domain how many of a partition's
 * seats it takes: from `low` to `high`.
 *
 * 1. `high - low` is 0 or 1 in every domain: seats are spread as evenly as the hosts allow. First over all racks, then over
 *    data centres as far as the racks permit, then over the racks of each data centre.
 * 2. The bounds of children admit every number that their parent's do. So an assignment within all bounds exists for each
 *    partition, and one that is also balanced exists for all of them together (`docs/concepts/placement.md`).
 */
import type { Member, PlacementClass } from '../topology/topology.ts';

export interface Domain {
  readonly level: 'cluster' | 'dc' | 'rack' | 'host';
  readonly index: number;
  readonly name: string;
  readonly children: Domain[];
  /** Its nodes: from `first` to before `end` in the tree's order. */
  readonly first: number;
  end: number;
  low: number;
  high: number;
}

export interface Domains {
  readonly root: Domain;
  /** By index; parents come before their children. */
  readonly all: readonly Domain[];
  /** Who may hold seats, in the tree's order: by data centre, rack, host, name. So the order of members means nothing. */
  readonly nodes: readonly Member[];
  /** By node: the index of its domain at each level. */
  readonly dcOf: Int32Array;
  readonly rackOf: Int32Array;
  readonly hostOf: Int32Array;
  /** By domain. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** Seats of each partition: the class's copies, or fewer where there are too few hosts. */
  readonly seats: number;
}

/** Of the members that may be given seats: those `active`, with a weight. */
export function domainsOf(members: readonly Member[], wanted: PlacementClass): Domains {
  const nodes = members.filter(({ state, weight }) => state === 'active' && weight > 0).sort(inTreeOrder);
  const all: Domain[] = [];
  const dcOf = new Int32Array(nodes.length);
  const rackOf = new Int32Array(nodes.length);
  const hostOf = new Int32Array(nodes.length);
  const root = grown(all, undefined, 'cluster', '', 0);
  for (const [node, { dc, rack, host }] of nodes.entries()) {
    const inDc = childAt(all, root, 'dc', dc, node);
    const inRack = childAt(all, inDc, 'rack', rack, node);
    const inHost = childAt(all, inRack, 'host', host, node);
    for (const domain of [root, inDc, inRack, inHost]) domain.end = node + 1;
    dcOf[node] = inDc.index;
    rackOf[node] = inRack.index;
    hostOf[node] = inHost.index;
  }
  setBounds(root, wanted);
  const low = Int32Array.from(all, (domain) => domain.low);
  const high = Int32Array.from(all, (domain) => domain.high);
  return { root, all, nodes, dcOf, rackOf, hostOf, low, high, seats: root.high };
}

function inTreeOrder(a: Member, b: Member): number {
  return compare(a.dc, b.dc) || compare(a.rack, b.rack) || compare(a.host, b.host) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The last child if it has the name, else a new one: nodes come in the tree's order. */
function childAt(all: Domain[], parent: Domain, level: Domain['level'], name: string, node: number): Domain {
  const last = parent.children.at(-1);
  return last?.name === name ? last : grown(all, parent, level, name, node);
}

function grown(all: Domain[], parent: Domain | undefined, level: Domain['level'], name: string, first: number): Domain {
  const domain: Domain = { level, index: all.length, name, children: [], first, end: first, low: 0, high: 0 };
  all.push(domain);
  parent?.children.push(domain);
  return domain;
}

function setBounds(root: Domain, { copies, copiesByDc }: PlacementClass): void {
  if (copiesByDc.length > 0) {
    for (const dc of root.children) {
      const asked = copiesByDc.find((one) => one.dc === dc.name)?.copies ?? 0;
      dc.low = Math.min(asked, hostCount(dc));
      dc.high = dc.low;
    }
    root.high = sum(root.children, (dc) => dc.high);
  } else {
    root.high = Math.min(copies, hostCount(root));
    spreadOverDcs(root);
  }
  root.low = root.high;
  for (const dc of root.children) {
    const most = leastFor(dc.high, (each) => sum(dc.children, (rack) => Math.min(rack.children.length, each)));
    for (const rack of dc.children) {
      rack.high = Math.min(rack.children.length, most);
      rack.low = Math.min(rack.children.length, Math.max(0, most - 1));
      for (const host of rack.children) host.high = Math.min(1, rack.high);
    }
  }
}

/** Evenly, but never so that a rack has to take more than the racks of the whole cluster have to. */
function spreadOverDcs({ children: dcs, high: seats }: Domain): void {
  const inRacks = (dc: Domain, each: number): number =>
    sum(dc.children, (rack) => Math.min(rack.children.length, each));
  const perRack = leastFor(seats, (each) => sum(dcs, (dc) => inRacks(dc, each)));
  const within = (dc: Domain, each: number): number =>
    Math.max(inRacks(dc, Math.max(0, perRack - 1)), Math.min(inRacks(dc, perRack), each));
  const perDc = leastFor(seats, (each) => sum(dcs, (dc) => within(dc, each)));
  for (const dc of dcs) {
    dc.high = within(dc, perDc);
    dc.low = within(dc, Math.max(0, perDc - 1));
  }
}

/** The least number a domain may take for `count` seats to find room. There is room: `count` is at most that of the hosts. */
function leastFor(count: number, room: (each: number) => number): number {
  let each = 0;
  while (room(each) < count) each += 1;
  return each;
}

function hostCount({ level, children }: Domain): number {
  return level === 'rack' ? children.length : sum(children, hostCount);
}

function sum(domains: readonly Domain[], of: (domain: Domain) => number): number {
  let total = 0;
  for (const domain of domains) total += of(domain);
  return total;
}
