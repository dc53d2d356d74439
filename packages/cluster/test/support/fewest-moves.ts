/**
 * The fewest seats that have to move, exactly: a flow of least cost through partitions, domains and nodes. A seat that was
 * there costs nothing, a new one 1. The bounds of domains and the shares are the planner's; how it gets there is not.
 */
import { domainsOf } from '../../src/placement/domains.ts';
import type { ClassPlan } from '../../src/placement/plan.ts';
import type { PlacedClass, Topology } from '../../src/topology/topology.ts';

/** What an unmet lower bound costs: more than all moves together. */
const MUST = 1_000_000;
const EPSILON = 1e-9;

class Flow {
  readonly #to: number[] = [];
  readonly #room: number[] = [];
  readonly #cost: number[] = [];
  readonly #edges: number[][] = [];

  node(): number {
    return this.#edges.push([]) - 1;
  }

  /** At least `low`, at most `high`; each unit costs `cost`. */
  edge(from: number, to: number, low: number, high: number, cost = 0): void {
    if (low > 0) this.#pair(from, to, low, cost - MUST);
    if (high > low) this.#pair(from, to, high - low, cost);
  }

  #pair(from: number, to: number, room: number, cost: number): void {
    for (const [a, b, r, c] of [
      [from, to, room, cost],
      [to, from, 0, -cost],
    ] as const) {
      this.#edges[a]?.push(this.#to.length);
      this.#to.push(b);
      this.#room.push(r);
      this.#cost.push(c);
    }
  }

  /** Sends all that goes from `source` to `sink`, unit by unit on the cheapest way. Returns how much, and the cost. */
  send(source: number, sink: number): { sent: number; cost: number } {
    let sent = 0;
    let cost = 0;
    for (;;) {
      const distance = new Array<number>(this.#edges.length).fill(Infinity);
      const by = new Array<number>(this.#edges.length).fill(-1);
      distance[source] = 0;
      const queue = [source];
      const queued = new Set(queue);
      for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
        queued.delete(node);
        for (const edge of this.#edges[node] as number[]) {
          const to = this.#to[edge] as number;
          const reached = (distance[node] as number) + (this.#cost[edge] as number);
          if ((this.#room[edge] as number) === 0 || reached >= (distance[to] as number)) continue;
          distance[to] = reached;
          by[to] = edge;
          if (!queued.has(to)) queue.push(to);
          queued.add(to);
        }
      }
      if (distance[sink] === Infinity) return { sent, cost };
      for (let node = sink; node !== source; node = this.#to[(by[node] as number) ^ 1] as number) {
        const edge = by[node] as number;
        (this.#room[edge] as number) -= 1;
        (this.#room[edge ^ 1] as number) += 1;
      }
      sent += 1;
      cost += distance[sink] as number;
    }
  }
}

/** Fewest new seats of any plan with the same spread and the same shares. Throws if there is no such plan at all. */
export function fewestMoves(topology: Topology, placed: PlacedClass, { shares }: ClassPlan): number {
  const domains = domainsOf(topology.members, placed);
  const flow = new Flow();
  const source = flow.node();
  const sink = flow.node();
  let must = 0;
  const edge = (from: number, to: number, low: number, high: number, cost = 0): void => {
    must += low;
    flow.edge(from, to, low, high, cost);
  };
  const nodes = domains.nodes.map(({ actor }) => {
    const node = flow.node();
    const share = shares.get(actor) ?? 0;
    edge(node, sink, Math.floor(share + EPSILON), Math.ceil(share - EPSILON));
    return node;
  });
  for (const { seats } of placed.placements) {
    const inFlow = domains.all.map(() => flow.node());
    flow.edge(source, inFlow[0] as number, 0, domains.seats);
    for (const domain of domains.all) {
      for (const { index, low, high } of domain.children)
        edge(inFlow[domain.index] as number, inFlow[index] as number, low, high);
      if (domain.level !== 'host') continue;
      for (let node = domain.first; node < domain.end; node += 1) {
        const isNew = !seats.some(({ actor }) => actor === domains.nodes[node]?.actor);
        flow.edge(inFlow[domain.index] as number, nodes[node] as number, 0, 1, isNew ? 1 : 0);
      }
    }
  }
  const { sent, cost } = flow.send(source, sink);
  const moves = cost + must * MUST;
  if (sent !== domains.seats * placed.placements.length || moves < 0 || moves >= MUST)
    throw new Error('no plan keeps these bounds and shares');
  return moves;
}
