/**
 * How many seats each node should hold: its weight's share, as far as the spread allows.
 *
 * Within the bounds of `domains.ts` a node's share is `weight * level`, where one level holds for all whom no bound stops
 * (water filling): a domain that may not take its weight's share takes what it may, and what it leaves goes to all
 * others alike. Then shares become whole numbers: every node is given its share rounded up or down.
 */
import { assert } from '@torc/base/assert';
import { Column } from './column.ts';
import type { Domain, Domains } from './domains.ts';

/** Shares closer to a whole number than this are that number. Errors of the search are below 1e-10, true remainders above 1e-8. */
const EPSILON = 1e-9;

/** Seats of each node, not whole yet. Out of `partitions * seats` in all. */
export function fairShares({ root, nodes, seats }: Domains, partitions: number): Float64Array {
  const shares = new Float64Array(nodes.length);
  const weights = Float64Array.from(nodes, ({ weight }) => weight);
  share(root, seats * partitions);
  return shares;

  function share(domain: Domain, total: number): void {
    const level = levelFor(domain, total);
    for (const child of domain.children) share(child, taken(child, level));
    if (domain.level !== 'host') return;
    for (let node = domain.first; node < domain.end; node += 1) shares[node] = (weights[node] as number) * level;
  }

  /** The level at which what is inside the domain takes `total`. */
  function levelFor(domain: Domain, total: number): number {
    let least = Infinity;
    for (let node = domain.first; node < domain.end; node += 1) least = Math.min(least, weights[node] as number);
    if (total === 0 || least === Infinity) return 0;
    let low = 0;
    let high = partitions / least;
    for (;;) {
      const middle = (low + high) / 2;
      if (middle <= low || middle >= high) return high;
      if (inside(domain, middle) < total) low = middle;
      else high = middle;
    }
  }

  /** What a domain takes at a level, its own bounds aside. */
  function inside(domain: Domain, level: number): number {
    let total = 0;
    for (const child of domain.children) total += taken(child, level);
    if (domain.level === 'host')
      for (let node = domain.first; node < domain.end; node += 1) total += (weights[node] as number) * level;
    return total;
  }

  function taken(domain: Domain, level: number): number {
    return Math.max(domain.low * partitions, Math.min(domain.high * partitions, inside(domain, level)));
  }
}

/**
 * Whole numbers of seats, each its share rounded up or down, and together as many as there are. Who has more than the lower
 * number now is rounded up first, so that seats stay where they are. `held` is what each node has now, `seeds` breaks ties.
 *
 * Who may be rounded up together is a question of the same kind as who may hold a partition together (each domain may take
 * no more than its bounds times the partitions), so the same `Column` answers it, and taking the best that it allows is best.
 */
export function quotasOf(
  domains: Domains,
  partitions: number,
  shares: Float64Array,
  held: Int32Array,
  seeds: Uint32Array,
): Int32Array {
  const quotas = Int32Array.from(shares, leastOf);
  const excess = (node: number): number => Math.min(1, Math.max(0, (held[node] as number) - (quotas[node] as number)));
  const rest = shares.map((share, node) => Math.max(0, share - (quotas[node] as number)));
  const order = Array.from(quotas.keys()).filter((node) => (rest[node] as number) > EPSILON);
  order.sort(
    (a, b) =>
      excess(b) - excess(a) || (rest[b] as number) - (rest[a] as number) || (seeds[a] as number) - (seeds[b] as number),
  );
  const column = new Column(whatIsLeft(domains, partitions, quotas));
  let left = domains.seats * partitions;
  for (const quota of quotas) left -= quota;
  for (const node of order) {
    if (left === 0 || !column.canAdd(node)) continue;
    column.add(node);
    quotas[node] = (quotas[node] as number) + 1;
    left -= 1;
  }
  assert(left === 0, `placement: ${left} seats find no node`);
  return quotas;
}

/** A share rounded down. */
export function leastOf(share: number): number {
  const nearest = Math.round(share);
  return Math.abs(share - nearest) < EPSILON ? nearest : Math.floor(share);
}

/** A share rounded up. */
export function mostOf(share: number): number {
  const nearest = Math.round(share);
  return Math.abs(share - nearest) < EPSILON ? nearest : Math.ceil(share);
}

/** Bounds of what may be rounded up: those of all partitions together, less what the lower numbers use. */
function whatIsLeft(domains: Domains, partitions: number, quotas: Int32Array): Domains {
  const { all } = domains;
  const used = all.map(({ first, end }) => quotas.subarray(first, end).reduce((sum, quota) => sum + quota, 0));
  const low = Int32Array.from(all, (domain, at) => Math.max(0, domain.low * partitions - (used[at] as number)));
  const high = Int32Array.from(all, (domain, at) => domain.high * partitions - (used[at] as number));
  return { ...domains, low, high, seats: high[0] as number };
}
