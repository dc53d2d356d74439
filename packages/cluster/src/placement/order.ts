/**
 * Preference order: who of a partition's seats comes first, second, third. Each place is balanced on its own: a node is first
 * home of its seats divided by N, rounded up or down; then the same for the second place among the seats that are left. So
 * coordinators are spread evenly, and so is their work when they are down.
 *
 * Such an order always exists: giving each of a partition's seats 1/N of the place is one in fractions, and the bounds are
 * whole numbers. It is reached from any other by chains of exchanges, as in `balance.ts`, and here too what is right stays.
 */
import { assert } from '@torc/base/assert';
import { NOBODY, type Grid } from './grid.ts';

export function orderSeats(grid: Grid): void {
  for (let place = 0; place + 1 < grid.width; place += 1) new PlaceOrder(grid, place).balance();
}

class PlaceOrder {
  readonly #grid: Grid;
  readonly #place: number;
  /** By node: the partitions in which it has the place. */
  readonly #having: number[][];
  readonly #least: Int32Array;
  readonly #most: Int32Array;
  readonly #seen: Int32Array;
  #searches = 0;
  readonly #giver: Int32Array;
  readonly #given: Int32Array;

  constructor(grid: Grid, place: number) {
    const nodes = grid.load.length;
    this.#grid = grid;
    this.#place = place;
    this.#having = Array.from({ length: nodes }, () => []);
    this.#seen = new Int32Array(nodes);
    this.#giver = new Int32Array(nodes);
    this.#given = new Int32Array(nodes);
    const candidates = new Int32Array(nodes);
    const { seats, width } = grid;
    for (let at = 0; at < seats.length; at += 1)
      if (at % width >= place) candidates[seats[at] as number] = (candidates[seats[at] as number] as number) + 1;
    this.#least = candidates.map((count) => Math.floor(count / (width - place)));
    this.#most = candidates.map((count) => Math.ceil(count / (width - place)));
  }

  balance(): void {
    this.#choose();
    for (let node = 0; node < this.#having.length; node += 1) {
      while (this.#countOf(node) > (this.#most[node] as number))
        this.#pass(node, (to) => this.#countOf(to) < (this.#most[to] as number));
    }
    // Only those above the least may give: nobody is brought below it by the chains of others.
    for (let node = 0; node < this.#having.length; node += 1) {
      while (this.#countOf(node) > (this.#least[node] as number) && this.#lackers > 0) {
        if (!this.#tryPass(node, (to) => this.#countOf(to) < (this.#least[to] as number))) break;
      }
    }
    assert(this.#lackers === 0, `placement: place ${this.#place} cannot be balanced`);
  }

  get #lackers(): number {
    let count = 0;
    for (let node = 0; node < this.#having.length; node += 1) {
      if (this.#countOf(node) < (this.#least[node] as number)) count += 1;
    }
    return count;
  }

  #countOf(node: number): number {
    return (this.#having[node] as number[]).length;
  }

  /** Who has the place from before keeps it for now; elsewhere it goes to who has most room. */
  #choose(): void {
    const { seats, width, before, partitions } = this.#grid;
    const open: number[] = [];
    for (let partition = 0; partition < partitions; partition += 1) {
      const node = seats[partition * width + this.#place] as number;
      if ((before[partition] as Int32Array)[this.#place] === node) (this.#having[node] as number[]).push(partition);
      else open.push(partition);
    }
    for (const partition of open) {
      const start = partition * width;
      let best = start + this.#place;
      for (let at = best + 1; at < start + width; at += 1)
        if (this.#roomOf(seats[at] as number) > this.#roomOf(seats[best] as number)) best = at;
      this.#exchange(start + this.#place, best);
      (this.#having[seats[start + this.#place] as number] as number[]).push(partition);
    }
  }

  #roomOf(node: number): number {
    const most = this.#most[node] as number;
    return (most - this.#countOf(node)) / most;
  }

  #exchange(a: number, b: number): void {
    const { seats } = this.#grid;
    const kept = seats[a] as number;
    seats[a] = seats[b] as number;
    seats[b] = kept;
  }

  #pass(node: number, isTaker: (node: number) => boolean): void {
    assert(this.#tryPass(node, isTaker), `placement: place ${this.#place} cannot be passed on`);
  }

  /** Takes the place from `node` once and gives it to a taker, by the shortest chain. */
  #tryPass(node: number, isTaker: (node: number) => boolean): boolean {
    const taker = this.#search(node, isTaker);
    if (taker === NOBODY) return false;
    const { width } = this.#grid;
    for (let to = taker; to !== node; to = this.#giver[to] as number) {
      const partition = this.#given[to] as number;
      const having = this.#having[this.#giver[to] as number] as number[];
      having[having.indexOf(partition)] = having.at(-1) as number;
      having.pop();
      (this.#having[to] as number[]).push(partition);
      this.#exchange(partition * width + this.#place, partition * width + this.#grid.placeOf(partition, to));
    }
    return true;
  }

  #search(source: number, isTaker: (node: number) => boolean): number {
    const { seats, width } = this.#grid;
    this.#searches += 1;
    this.#seen[source] = this.#searches;
    const queue = [source];
    for (const from of queue) {
      for (const partition of this.#having[from] as number[]) {
        const start = partition * width;
        for (let at = start + this.#place + 1; at < start + width; at += 1) {
          const to = seats[at] as number;
          if (this.#seen[to] === this.#searches) continue;
          this.#seen[to] = this.#searches;
          this.#giver[to] = from;
          this.#given[to] = partition;
          if (isTaker(to)) return to;
          queue.push(to);
        }
      }
    }
    return NOBODY;
  }
}
