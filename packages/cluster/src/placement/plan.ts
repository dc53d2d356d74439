/**
 * The planner (DESIGN sections 5 and 9): from a topology to the seats that its members should hold. A pure function: the same
 * members, in any order, and the same seats give the same plan everywhere.
 *
 * In this order it keeps: distinct hosts; racks; data centres; each node within one seat of its weight's share; as few moves
 * from the present seats as it finds; each place of the preference order balanced. What cannot hold it reports.
 *
 * To plan for other members, other weights or twice the partitions, edit the topology first: documents are values, and an
 * edit that is not agreed on changes nothing.
 */
import { mix, seedOf } from '../ring/mix.ts';
import type { PlacedClass, Topology } from '../topology/topology.ts';
import { balanceSeats } from './balance.ts';
import { domainsOf, type Domains } from './domains.ts';
import { fillSeats } from './fill.ts';
import { Grid, NOBODY } from './grid.ts';
import { orderSeats } from './order.ts';
import { fairShares, quotasOf } from './shares.ts';
import { violationsOf, type Violation } from './violations.ts';

export interface ClassPlan {
  readonly name: string;
  /** Seats of each partition: the class's copies, or fewer where there are too few hosts. */
  readonly width: number;
  /** Actor numbers, `width` for each partition, in preference order. */
  readonly seats: Uint32Array;
  /** By actor number: the seats that a node should hold, not whole. It holds that number rounded up or down. */
  readonly shares: ReadonlyMap<number, number>;
}

export interface Plan {
  readonly classes: readonly ClassPlan[];
  readonly violations: readonly Violation[];
}

export function planSeats(topology: Topology): Plan {
  const violations: Violation[] = [];
  const classes = topology.classes.map((placed) => {
    const domains = domainsOf(topology.members, placed);
    const grid = planClass(domains, placed);
    const shares = grid.shares;
    violations.push(...violationsOf(placed, grid.grid, shares));
    return {
      name: placed.name,
      width: domains.seats,
      seats: Uint32Array.from(grid.grid.seats, (node) => domains.nodes[node]?.actor ?? 0),
      shares: new Map(domains.nodes.map(({ actor }, node) => [actor, shares[node] as number])),
    };
  });
  return { classes, violations };
}

function planClass(domains: Domains, placed: PlacedClass): { grid: Grid; shares: Float64Array } {
  const places = new Map(domains.nodes.map(({ actor }, node) => [actor, node]));
  const held = new Int32Array(domains.nodes.length);
  const before = placed.placements.map(({ seats }) => {
    const row = new Int32Array(seats.length);
    for (const [place, { actor }] of seats.entries()) {
      const node = places.get(actor) ?? NOBODY;
      row[place] = node;
      if (node !== NOBODY) held[node] = (held[node] as number) + 1;
    }
    return row;
  });
  // Of the class too: what is left over by rounding must not fall to the same nodes in every class.
  const salt = seedOf(placed.name);
  const seeds = Uint32Array.from(domains.nodes, ({ id }) => mix(seedOf(id) ^ salt));
  const shares = fairShares(domains, before.length);
  const grid = new Grid(domains, before, quotasOf(domains, before.length, shares, held, seeds));
  fillSeats(grid, seeds);
  balanceSeats(grid, shares, seeds);
  orderSeats(grid);
  return { grid, shares };
}
