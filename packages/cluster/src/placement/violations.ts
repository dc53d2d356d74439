/**
 * What a plan cannot give, and why. Only what follows from the members: the planner keeps every bound that can be kept.
 *
 * Racks and data centres are spoken of only where there are two or more: who named none has not asked to be spread.
 */
import type { Grid } from './grid.ts';
import type { PlacementClass } from '../topology/topology.ts';

/**
 * - `seats`: fewer seats than copies wanted, for want of hosts.
 * - `dc-copies`: a data centre has too few hosts for the copies it should have.
 * - `rack`, `dc`: two seats of a partition share one.
 * - `spare-host`: no host is left beside the homes, so nobody can stand in for one that is down.
 * - `weight`: a node's weight asks for more or less than the spread over hosts, racks and data centres admits.
 */
export type ViolationKind = 'seats' | 'dc-copies' | 'rack' | 'dc' | 'spare-host' | 'weight';

export interface Violation {
  readonly kind: ViolationKind;
  readonly placementClass: string;
  /** Where it shows, ascending; none where it is not about partitions. */
  readonly partitions: readonly number[];
  /** In words, for the operator. */
  readonly what: string;
}

export function violationsOf(wanted: PlacementClass, grid: Grid, shares: Float64Array): readonly Violation[] {
  const { domains } = grid;
  const of = (kind: ViolationKind, what: string, partitions: readonly number[] = []): Violation => {
    return { kind, placementClass: wanted.name, partitions, what };
  };
  const hosts = domains.all.filter(({ level }) => level === 'host').length;
  const everywhere = Array.from({ length: grid.partitions }, (_, partition) => partition);
  const found: Violation[] = [];
  if (domains.seats < wanted.copies)
    found.push(of('seats', `${domains.seats} of ${wanted.copies} seats: ${hosts} hosts may hold one`, everywhere));
  for (const { dc, copies } of wanted.copiesByDc) {
    const has = domains.root.children.find((domain) => domain.name === dc)?.high ?? 0;
    if (has < copies) found.push(of('dc-copies', `${has} of ${copies} seats in ${dc}: too few hosts`, everywhere));
  }
  found.push(...shared(domains.rackOf, 'rack', grid, of));
  if (wanted.copiesByDc.length === 0) found.push(...shared(domains.dcOf, 'dc', grid, of));
  if (hosts <= domains.seats) found.push(of('spare-host', `${hosts} hosts, all of them homes of every partition`));
  found.push(...offWeight(wanted, grid, shares, of));
  return found;
}

type Report = (kind: ViolationKind, what: string, partitions?: readonly number[]) => Violation;

/** One violation for each number of domains that partitions have to make do with. */
function shared(domainOf: Int32Array, kind: 'rack' | 'dc', grid: Grid, of: Report): readonly Violation[] {
  const { domains, seats, width, partitions } = grid;
  if (domains.all.filter(({ level }) => level === kind).length < 2) return [];
  const by = new Map<number, number[]>();
  for (let partition = 0; partition < partitions; partition += 1) {
    const row = seats.subarray(partition * width, (partition + 1) * width);
    const distinct = new Set(Array.from(row, (node) => domainOf[node])).size;
    if (distinct === width) continue;
    const list = by.get(distinct) ?? [];
    list.push(partition);
    by.set(distinct, list);
  }
  const names = kind === 'rack' ? 'racks' : 'data centres';
  return [...by]
    .sort(([a], [b]) => a - b)
    .map(([distinct, list]) => of(kind, `${width} seats in ${distinct} ${names}`, list));
}

/** Nodes that are a seat and more away from what their weight alone would give them. */
function offWeight(wanted: PlacementClass, grid: Grid, shares: Float64Array, of: Report): readonly Violation[] {
  const { domains, partitions } = grid;
  const parts = wanted.copiesByDc.length > 0 ? domains.root.children : [domains.root];
  return parts.flatMap((part) => {
    const nodes = domains.nodes.slice(part.first, part.end);
    const weights = nodes.reduce((sum, { weight }) => sum + weight, 0);
    return nodes.flatMap(({ id, weight }, at) => {
      const plain = (part.high * partitions * weight) / weights;
      const share = shares[part.first + at] as number;
      if (Math.abs(plain - share) <= 1) return [];
      return [of('weight', `${id} gets ${share.toFixed(1)} seats where its weight asks for ${plain.toFixed(1)}`)];
    });
  });
}
