/**
 * The seats of one partition while they are chosen one by one: what may still come so that, in the end, every domain has
 * from its `low` to its `high`.
 *
 * A set of seats can be completed exactly if no domain has more than its `high` and what the domains inside still need
 * (`low`) fits into what is left (the bounds are laminar: domains lie inside each other or apart). So `need` is kept for
 * each data centre and for the whole: seats that are there or must still come.
 */
import type { Domains } from './domains.ts';

export class Column {
  readonly #domains: Domains;
  readonly #inHost: Int32Array;
  readonly #inRack: Int32Array;
  /** By domain, for data centres: the sum over its racks of what is there or must come. */
  readonly #need: Int32Array;
  #needAll = 0;
  readonly #taken: number[] = [];

  constructor(domains: Domains) {
    this.#domains = domains;
    this.#inHost = new Int32Array(domains.all.length);
    this.#inRack = new Int32Array(domains.all.length);
    this.#need = new Int32Array(domains.all.length);
    const { low } = domains;
    for (const dc of domains.root.children) {
      let need = 0;
      for (const rack of dc.children) need += low[rack.index] as number;
      this.#need[dc.index] = need;
      this.#needAll += Math.max(low[dc.index] as number, need);
    }
  }

  /** True if the node may take a seat and the rest can still be completed. */
  canAdd(node: number): boolean {
    const { hostOf, rackOf, dcOf, low, high, seats } = this.#domains;
    const host = hostOf[node] as number;
    if ((this.#inHost[host] as number) >= (high[host] as number)) return false;
    const rack = rackOf[node] as number;
    const inRack = this.#inRack[rack] as number;
    if (inRack >= (high[rack] as number)) return false;
    // One that was needed anyway takes nobody else's room.
    if (inRack < (low[rack] as number)) return true;
    const dc = dcOf[node] as number;
    const need = this.#need[dc] as number;
    if (need >= (high[dc] as number)) return false;
    return need < (low[dc] as number) || this.#needAll < seats;
  }

  add(node: number): void {
    this.#taken.push(node);
    this.#count(node, 1);
  }

  /** Ready for the next partition. */
  clear(): void {
    for (let node = this.#taken.pop(); node !== undefined; node = this.#taken.pop()) this.#count(node, -1);
  }

  /** Adds a seat, or takes the last one back: `by` is 1 or -1. */
  #count(node: number, by: 1 | -1): void {
    const { hostOf, rackOf, dcOf, low } = this.#domains;
    const host = hostOf[node] as number;
    const rack = rackOf[node] as number;
    const dc = dcOf[node] as number;
    this.#inHost[host] = (this.#inHost[host] as number) + by;
    const inRack = this.#inRack[rack] as number;
    this.#inRack[rack] = inRack + by;
    if (Math.min(inRack, inRack + by) < (low[rack] as number)) return;
    const need = this.#need[dc] as number;
    this.#need[dc] = need + by;
    if (Math.min(need, need + by) >= (low[dc] as number)) this.#needAll += by;
  }
}
