/**
 * The answerer's work on one page of the opener's list: its own keys of the same leaves, slice by slice, against the
 * digests of the page.
 *
 * Keys need not be compared: an entry's digest has its key in it. What is left of the page in the end the answerer lacks;
 * what it holds and the page has not, the opener lacks.
 */
import { assert } from '@torc/base/assert';
import { compareBytes } from '@torc/base/bytes';
import type { PositionRange } from '../ring/partitions.ts';
import { EXCHANGE_LIMITS as LIMITS } from './limits.ts';
import type { Differs, List } from './messages.ts';
import type { LeafEntry, LeafSource, ListRequest } from './source.ts';

export class ListCheck {
  readonly #list: List;
  readonly #rangeOfLeaf: (leaf: number) => PositionRange;
  readonly #isYoung: (stamp: number) => boolean;
  /** A bit for each digest of the page: found here. */
  readonly #lacking: Uint8Array;
  /** Which of the page's leaves is compared, where its digests begin, and which of them is expected next. */
  #place = 0;
  #first = 0;
  #expected = 0;
  /** Places of this leaf's digests by low lane. Made when one is not where it was expected. */
  #places: Map<number, number[]> | undefined;
  #after: Uint8Array | undefined;
  #leftOut = 0;
  /** Of the keys found since the last answer. */
  #unknownBytes = 0;
  keysCompared = 0;

  constructor(list: List, rangeOfLeaf: (leaf: number) => PositionRange, isYoung: (stamp: number) => boolean) {
    this.#list = list;
    this.#rangeOfLeaf = rangeOfLeaf;
    this.#isYoung = isYoung;
    this.#after = list.after;
    const count = list.digests.low.length;
    this.#lacking = new Uint8Array(Math.ceil(count / 8));
    for (let at = 0; at < count; at += 1) this.#mark(at, true);
  }

  get isDone(): boolean {
    return this.#place === this.#list.leaves.length;
  }

  /**
   * Compares on until there are keys enough that the opener lacks, for one message, or the page is done: those. When none
   * were found before the disk is needed, the request.
   */
  next(source: LeafSource): readonly Uint8Array[] | ListRequest {
    const unknown: Uint8Array[] = [];
    this.#unknownBytes = 0;
    while (!this.isDone && unknown.length < LIMITS.pageRecords && this.#unknownBytes < LIMITS.listKeyBytes) {
      const request: ListRequest = {
        range: this.#rangeOfLeaf(this.#list.leaves[this.#place] as number),
        after: this.#after,
        limitEntries: LIMITS.listEntries,
        limitBytes: LIMITS.listKeyBytes,
      };
      const page = source.list(request);
      if (page === 'loading') return unknown.length > 0 ? unknown : request;
      assert(page.isLast || page.entries.length > 0, 'exchange: a page that is empty and not the last');
      const upto = this.#place === this.#list.leaves.length - 1 ? this.#list.upto : undefined;
      const within = upto === undefined ? page.entries : page.entries.filter(({ key }) => compareKeys(key, upto) <= 0);
      this.#compare(within, unknown);
      if (page.isLast || within.length < page.entries.length) this.#nextLeaf();
      else this.#after = page.entries.at(-1)?.key;
    }
    return unknown;
  }

  answer(): Differs {
    return {
      kind: 'differs',
      count: this.#list.digests.low.length,
      lacking: this.#lacking,
      leftOut: this.#leftOut,
    };
  }

  /** Adds the keys of those that the page has not. */
  #compare(entries: readonly LeafEntry[], unknown: Uint8Array[]): void {
    this.keysCompared += entries.length;
    for (const entry of entries) {
      if (this.#find(entry)) continue;
      if (this.#isYoung(entry.stamp)) this.#leftOut += 1;
      else {
        unknown.push(entry.key);
        this.#unknownBytes += entry.key.length;
      }
    }
  }

  /** Most keys are the same and in the same order on both sides: the next digest of the page is tried before the map. */
  #find(entry: LeafEntry): boolean {
    const end = this.#first + (this.#list.counts[this.#place] as number);
    if (this.#expected < end && this.#isAt(this.#expected, entry)) return this.#found(this.#expected);
    this.#places ??= this.#placesUpTo(end);
    const place = this.#places.get(entry.low)?.find((at) => this.#isAt(at, entry));
    return place !== undefined && this.#found(place);
  }

  #isAt(place: number, { low, high }: LeafEntry): boolean {
    return this.#list.digests.low[place] === low && this.#list.digests.high[place] === high;
  }

  #found(place: number): true {
    this.#mark(place, false);
    this.#expected = place + 1;
    return true;
  }

  #placesUpTo(end: number): Map<number, number[]> {
    const places = new Map<number, number[]>();
    for (let at = this.#first; at < end; at += 1) {
      const low = this.#list.digests.low[at] as number;
      const same = places.get(low);
      if (same === undefined) places.set(low, [at]);
      else same.push(at);
    }
    return places;
  }

  #mark(place: number, isLacking: boolean): void {
    const byte = this.#lacking[place >>> 3] as number;
    const bit = 1 << (place & 7);
    this.#lacking[place >>> 3] = isLacking ? byte | bit : byte & ~bit;
  }

  #nextLeaf(): void {
    this.#first += this.#list.counts[this.#place] as number;
    this.#expected = this.#first;
    this.#places = undefined;
    this.#after = undefined;
    this.#place += 1;
  }
}

function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}
