/**
 * Chains of exchanges: s gives a partition to t, t another one to u, until somebody is reached who may have one seat more.
 * The number of seats that each node holds changes at the two ends only. The shortest chain is found by a search in breadth.
 *
 * An exchange is free if it makes no seat more that somebody has to be given the data of: who gives did not hold it before,
 * or who gets it did.
 */
import { NOBODY, type Grid } from './grid.ts';

export class ChainSearch {
  readonly #grid: Grid;
  readonly #queue: Int32Array;
  /** Who has not been reached, the first `#unreachedCount`; and where in that list each node stands. */
  readonly #unreached: Int32Array;
  readonly #standing: Int32Array;
  #unreachedCount = 0;
  /** By node: who would give it a partition, and which. */
  readonly #giver: Int32Array;
  readonly #given: Int32Array;
  /** By rack: whether it admits anybody, as of the last question that was asked about it. */
  readonly #answer: Uint8Array;
  readonly #askedOf: Int32Array;
  #asked = 0;
  /** Exchanges that were looked at so far: what all searches together have cost. */
  looks = 0;

  constructor(grid: Grid) {
    const count = grid.load.length;
    this.#grid = grid;
    this.#queue = new Int32Array(count);
    this.#unreached = new Int32Array(count);
    this.#standing = new Int32Array(count);
    this.#giver = new Int32Array(count);
    this.#given = new Int32Array(count);
    this.#answer = new Uint8Array(grid.domains.all.length);
    this.#askedOf = new Int32Array(grid.domains.all.length);
  }

  /** Takes one seat from `source` and gives one to a taker. False, and nothing done, if no chain leads to one. */
  pass(source: number, freeOnly: boolean, isTaker: (node: number) => boolean): boolean {
    const taker = this.#search(source, freeOnly, isTaker);
    return taker !== NOBODY && this.#carryOut(source, taker);
  }

  /** From the taker back. A partition may come up twice in a chain, and the second exchange then not fit: all is undone. */
  #carryOut(source: number, taker: number): boolean {
    for (let to = taker; to !== source; to = this.#giver[to] as number) {
      const from = this.#giver[to] as number;
      const partition = this.#given[to] as number;
      if (!this.#grid.maySwap(partition, from, to)) {
        this.#undo(taker, to);
        return false;
      }
      this.#grid.swap(partition, from, to);
    }
    return true;
  }

  #undo(taker: number, end: number): void {
    const done: number[] = [];
    for (let to = taker; to !== end; to = this.#giver[to] as number) done.push(to);
    for (const to of done.reverse()) this.#grid.swap(this.#given[to] as number, to, this.#giver[to] as number);
  }

  #search(source: number, freeOnly: boolean, isTaker: (node: number) => boolean): number {
    const { held } = this.#grid;
    const count = this.#queue.length;
    for (let node = 0; node < count; node += 1) {
      this.#unreached[node] = node;
      this.#standing[node] = node;
    }
    this.#unreachedCount = count;
    let end = 0;
    const enqueue = (node: number): void => {
      this.#strike(node);
      this.#queue[end] = node;
      end += 1;
    };
    enqueue(source);
    for (let at = 0; at < end; at += 1) {
      const from = this.#queue[at] as number;
      for (const partition of held[from] as number[]) {
        const first = end;
        this.#reach(from, partition, freeOnly, enqueue);
        for (let reached = first; reached < end; reached += 1)
          if (isTaker(this.#queue[reached] as number)) return this.#queue[reached] as number;
      }
    }
    return NOBODY;
  }

  /** Queues whom `from` could give the partition to. */
  #reach(from: number, partition: number, freeOnly: boolean, enqueue: (node: number) => void): void {
    if (freeOnly && this.#grid.heldBefore(partition, from)) {
      for (const to of this.#grid.before[partition] as Int32Array)
        if (to !== NOBODY && (this.#standing[to] as number) < this.#unreachedCount)
          this.#try(from, partition, to, enqueue);
      return;
    }
    const { rackOf } = this.#grid.domains;
    const fromRack = rackOf[from] as number;
    this.#asked += 1;
    // To pass somebody by costs about an eighth of a look.
    this.looks += this.#unreachedCount >>> 3;
    // Backwards: striking one off moves the last into its place.
    for (let at = this.#unreachedCount - 1; at >= 0; at -= 1) {
      const to = this.#unreached[at] as number;
      const rack = rackOf[to] as number;
      if (rack !== fromRack && !this.#admits(partition, from, to, rack)) continue;
      this.#try(from, partition, to, enqueue);
    }
  }

  /** `mayEnter`, found out once for each rack. */
  #admits(partition: number, from: number, to: number, rack: number): boolean {
    if (this.#askedOf[rack] !== this.#asked) {
      this.#askedOf[rack] = this.#asked;
      this.#answer[rack] = this.#grid.mayEnter(partition, from, to) ? 1 : 0;
      this.looks += 1;
    }
    return this.#answer[rack] === 1;
  }

  #try(from: number, partition: number, to: number, enqueue: (node: number) => void): void {
    this.looks += 1;
    if (!this.#grid.maySwap(partition, from, to)) return;
    this.#giver[to] = from;
    this.#given[to] = partition;
    enqueue(to);
  }

  #strike(node: number): void {
    this.#unreachedCount -= 1;
    const at = this.#standing[node] as number;
    const last = this.#unreached[this.#unreachedCount] as number;
    this.#unreached[at] = last;
    this.#standing[last] = at;
    this.#unreached[this.#unreachedCount] = node;
    this.#standing[node] = this.#unreachedCount;
  }
}
