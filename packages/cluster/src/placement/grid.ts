/**
 * All seats of a class while they are planned: for each partition who sits where, who sat there before, and for each node
 * what it holds. Nodes are numbers, their place in the tree of domains.
 */
import type { Domains } from './domains.ts';

/** A seat that nobody has. */
export const NOBODY = -1;

export class Grid {
  readonly domains: Domains;
  readonly partitions: number;
  /** Seats of each partition. */
  readonly width: number;
  /** `width` seats for each partition, in preference order. */
  readonly seats: Int32Array;
  /** `before[p]`: who held seats of the partition, in preference order; `NOBODY` for those who may hold none any more. */
  readonly before: readonly Int32Array[];
  /** By node. */
  readonly load: Int32Array;
  /** By node: its partitions, in no order. */
  readonly held: number[][];
  readonly quotas: Int32Array;

  constructor(domains: Domains, before: readonly Int32Array[], quotas: Int32Array) {
    this.domains = domains;
    this.partitions = before.length;
    this.width = domains.seats;
    this.before = before;
    this.quotas = quotas;
    this.seats = new Int32Array(this.partitions * this.width).fill(NOBODY);
    this.load = new Int32Array(domains.nodes.length);
    this.held = domains.nodes.map(() => []);
  }

  /** Puts a node into a seat that nobody has. */
  put(partition: number, place: number, node: number): void {
    this.seats[partition * this.width + place] = node;
    this.load[node] = (this.load[node] as number) + 1;
    (this.held[node] as number[]).push(partition);
  }

  /** Gives the seat of `from` to `to`. */
  swap(partition: number, from: number, to: number): void {
    const held = this.held[from] as number[];
    const at = held.indexOf(partition);
    held[at] = held.at(-1) as number;
    held.pop();
    this.load[from] = (this.load[from] as number) - 1;
    this.put(partition, this.placeOf(partition, from), to);
  }

  /** -1 if the node has no seat of the partition. */
  placeOf(partition: number, node: number): number {
    const start = partition * this.width;
    for (let place = 0; place < this.width; place += 1) if (this.seats[start + place] === node) return place;
    return -1;
  }

  heldBefore(partition: number, node: number): boolean {
    return (this.before[partition] as Int32Array).includes(node);
  }

  /** True if the partition stays within all bounds when `to` takes the seat of `from`. All its seats have to be taken. */
  maySwap(partition: number, from: number, to: number): boolean {
    const { rackOf, hostOf } = this.domains;
    const host = hostOf[to] as number;
    const start = partition * this.width;
    for (let at = start; at < start + this.width; at += 1) {
      const node = this.seats[at] as number;
      if (node === to || (node !== from && hostOf[node] === host)) return false;
    }
    return rackOf[to] === rackOf[from] || this.mayEnter(partition, from, to);
  }

  /** The part of it that is the same for all nodes of one rack, another one than that of `from`. */
  mayEnter(partition: number, from: number, to: number): boolean {
    const { dcOf, rackOf, low, high } = this.domains;
    const toRack = rackOf[to] as number;
    const fromRack = rackOf[from] as number;
    const toDc = dcOf[to] as number;
    const fromDc = dcOf[from] as number;
    let inToRack = 0;
    let inFromRack = 0;
    let inToDc = 0;
    let inFromDc = 0;
    const start = partition * this.width;
    for (let at = start; at < start + this.width; at += 1) {
      const node = this.seats[at] as number;
      if (rackOf[node] === toRack) inToRack += 1;
      if (rackOf[node] === fromRack) inFromRack += 1;
      if (dcOf[node] === toDc) inToDc += 1;
      if (dcOf[node] === fromDc) inFromDc += 1;
    }
    if (inToRack >= (high[toRack] as number) || inFromRack <= (low[fromRack] as number)) return false;
    return toDc === fromDc || (inToDc < (high[toDc] as number) && inFromDc > (low[fromDc] as number));
  }
}
