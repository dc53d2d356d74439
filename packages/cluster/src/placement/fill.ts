/**
 * The first half of planning: every partition gets all its seats, within the bounds of its domains.
 *
 * What is there stays, as far as the bounds permit. The rest is the ring walk of Dynamo: the nodes' vnodes stand on a ring,
 * as many as each lacks seats; partition by partition the walk goes on clockwise and takes the next vnodes that the
 * partition may have. One that it may not have is passed over and stands first in line for the partitions behind.
 */
import { assert } from '@torc/base/assert';
import { ringOfVnodes } from '../ring/vnodes.ts';
import { Column } from './column.ts';
import { NOBODY, type Grid } from './grid.ts';

/** How far ahead a walk looks for one seat. Beyond, the partition takes what it may have, and `balance.ts` sets it right. */
const MAX_LOOK_AHEAD = 512;

/** `seeds` by node. Afterwards every partition has all seats; nodes may hold other numbers than their quotas. */
export function fillSeats(grid: Grid, seeds: Uint32Array): void {
  const column = new Column(grid.domains);
  keepSeats(grid, column);
  const lacking = grid.load.map((load, node) => Math.max(0, (grid.quotas[node] as number) - load));
  const walk = new Walk(ringOfVnodes(lacking, seeds));
  const open: number[] = [];
  for (let partition = 0; partition < grid.partitions; partition += 1) {
    column.clear();
    open.length = 0;
    for (let place = 0; place < grid.width; place += 1) {
      const node = grid.seats[partition * grid.width + place] as number;
      if (node === NOBODY) open.push(place);
      else column.add(node);
    }
    for (const place of open) {
      const node = walk.next(column) ?? anybody(grid, column, partition);
      column.add(node);
      grid.put(partition, place, node);
    }
  }
}

/** Each seat that may stay, stays, in its place if that is there. Where one has to go, it is of those who hold too much. */
function keepSeats(grid: Grid, column: Column): void {
  const { before, quotas, width } = grid;
  const now = new Int32Array(quotas.length);
  for (const seats of before) for (const node of seats) if (node !== NOBODY) now[node] = (now[node] as number) + 1;
  const surplus = (node: number): number => (now[node] as number) - (quotas[node] as number);
  for (let partition = 0; partition < grid.partitions; partition += 1) {
    const seats = before[partition] as Int32Array;
    column.clear();
    const stays: number[] = [];
    const bySurplus = [...seats].filter((node) => node !== NOBODY).sort((a, b) => surplus(a) - surplus(b));
    for (const node of bySurplus) {
      if (column.canAdd(node)) {
        column.add(node);
        stays.push(node);
      } else now[node] = (now[node] as number) - 1;
    }
    placeKept(grid, partition, seats, stays, width);
  }
}

/** In their old places where those exist; what stood behind the last place, when there are fewer now, moves up. */
function placeKept(grid: Grid, partition: number, seats: Int32Array, stays: readonly number[], width: number): void {
  const late: number[] = [];
  for (const [place, node] of seats.entries()) {
    if (node === NOBODY || !stays.includes(node)) continue;
    if (place < width) grid.put(partition, place, node);
    else late.push(node);
  }
  for (const node of late) grid.put(partition, grid.placeOf(partition, NOBODY), node);
}

class Walk {
  readonly #vnodes: Uint16Array;
  readonly #isTaken: Uint8Array;
  /** All before it are taken. */
  #start = 0;

  constructor(vnodes: Uint16Array) {
    this.#vnodes = vnodes;
    this.#isTaken = new Uint8Array(vnodes.length);
  }

  /** Takes the next vnode that the partition may have. */
  next(column: Column): number | undefined {
    while (this.#start < this.#vnodes.length && this.#isTaken[this.#start] === 1) this.#start += 1;
    const end = Math.min(this.#vnodes.length, this.#start + MAX_LOOK_AHEAD);
    for (let at = this.#start; at < end; at += 1) {
      if (this.#isTaken[at] === 1) continue;
      const node = this.#vnodes[at] as number;
      if (!column.canAdd(node)) continue;
      this.#isTaken[at] = 1;
      return node;
    }
    return undefined;
  }
}

/** Who may have the seat, whatever it holds: best one who had it, then who lacks most. */
function anybody({ before, quotas, load }: Grid, column: Column, partition: number): number {
  for (const node of before[partition] as Int32Array) if (node !== NOBODY && column.canAdd(node)) return node;
  let best = NOBODY;
  let most = -Infinity;
  for (let node = 0; node < quotas.length; node += 1) {
    const lacks = (quotas[node] as number) - (load[node] as number);
    if (lacks <= most || !column.canAdd(node)) continue;
    best = node;
    most = lacks;
  }
  assert(best !== NOBODY, `placement: partition ${partition} cannot be completed`);
  return best;
}
