/**
 * The blocks that are still to be placed, in two linked lists: by their last starts and by their first ends. A block is
 * taken and put back in constant time, if what was taken last is put back first (Knuth's dancing links).
 */
import type { Block } from './linearizability-blocks.ts';

export class BlockLists {
  readonly #blocks: readonly Block[];
  readonly #byStart: LinkedOrder;
  readonly #byEnd: LinkedOrder;
  /** For each block its place in the order of first ends, and which of those places are empty. */
  readonly #placeByEnd: Int32Array;
  readonly #isTaken: Uint8Array;
  #taken = 0;

  constructor(blocks: readonly Block[]) {
    const numbers = blocks.map((_, at) => at);
    const at = (number: number): Block => blocks[number] as Block;
    const byEnd = numbers.toSorted((a, b) => at(a).firstEnd - at(b).firstEnd);
    this.#blocks = blocks;
    this.#byStart = new LinkedOrder(numbers.toSorted((a, b) => at(a).lastStart - at(b).lastStart));
    this.#byEnd = new LinkedOrder(byEnd);
    this.#placeByEnd = new Int32Array(blocks.length);
    for (const [place, number] of byEnd.entries()) this.#placeByEnd[number] = place;
    this.#isTaken = new Uint8Array(blocks.length);
  }

  isEmpty(): boolean {
    return this.#taken === this.#blocks.length;
  }

  /** The least end of what is left. */
  firstEnd(): number {
    return this.#blocks[this.#byEnd.first()]?.firstEnd ?? Number.POSITIVE_INFINITY;
  }

  /** The blocks that real time lets come before all others that are left. */
  ready(): number[] {
    const earliest = this.#byEnd.first();
    const second = this.#blocks[this.#byEnd.after(earliest)]?.firstEnd ?? Number.POSITIVE_INFINITY;
    const first = this.firstEnd();
    const ready: number[] = [];
    for (let at = this.#byStart.first(); at !== this.#blocks.length; at = this.#byStart.after(at)) {
      const { lastStart } = this.#blocks[at] as Block;
      if (lastStart > second) break;
      if (lastStart < (at === earliest ? second : first)) ready.push(at);
    }
    return ready;
  }

  take(number: number): void {
    this.#byStart.remove(number);
    this.#byEnd.remove(number);
    this.#isTaken[this.#placeByEnd[number] ?? 0] = 1;
    this.#taken += 1;
  }

  putBack(number: number): void {
    this.#byEnd.restore(number);
    this.#byStart.restore(number);
    this.#isTaken[this.#placeByEnd[number] ?? 0] = 0;
    this.#taken -= 1;
  }

  /** The same for the same set of blocks left, and for no other: all before the first place left are taken. */
  name(): string {
    const first = this.isEmpty() ? this.#blocks.length : (this.#placeByEnd[this.#byEnd.first()] ?? 0);
    let name = `${first}:`;
    let ahead = this.#taken - first;
    for (let from = first; ahead > 0; from += 16) {
      let unit = 0;
      for (let bit = 0; bit < 16; bit += 1) {
        const taken = this.#isTaken[from + bit] ?? 0;
        unit |= taken << bit;
        ahead -= taken;
      }
      name += String.fromCharCode(unit);
    }
    return name;
  }
}

/** The numbers 0 to n-1 in some order; n stands before the first and after the last. */
class LinkedOrder {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;

  constructor(order: readonly number[]) {
    const end = order.length;
    this.#next = new Int32Array(end + 1);
    this.#previous = new Int32Array(end + 1);
    for (const [place, number] of [end, ...order].entries()) {
      const following = order[place] ?? end;
      this.#next[number] = following;
      this.#previous[following] = number;
    }
  }

  first(): number {
    return this.after(this.#next.length - 1);
  }

  after(number: number): number {
    return this.#next[number] as number;
  }

  remove(number: number): void {
    const next = this.#next[number] as number;
    const previous = this.#previous[number] as number;
    this.#next[previous] = next;
    this.#previous[next] = previous;
  }

  /** Undoes the last `remove` that is not undone yet. */
  restore(number: number): void {
    this.#next[this.#previous[number] as number] = number;
    this.#previous[this.#next[number] as number] = number;
  }
}
