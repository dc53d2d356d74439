/** A page of the opener's list: built over as many steps as the disk needs, sent, and kept until it is answered. */
import { assert } from '@torc/base/assert';
import type { PositionRange } from '../ring/partitions.ts';
import { EXCHANGE_LIMITS as LIMITS } from './limits.ts';
import type { List } from './messages.ts';
import type { LeafEntry, LeafSource, ListRequest } from './source.ts';

/** Where a list goes on: the place in the list of differing leaves, and the key behind which that leaf goes on. */
export interface ListCursor {
  readonly place: number;
  readonly after: Uint8Array | undefined;
}

export class ListPage {
  readonly entries: LeafEntry[] = [];
  /** A 1 for each entry of which the other side has shown that it holds all there is. */
  readonly #isCovered = new Uint8Array(LIMITS.listEntries);
  readonly #leaves: readonly number[];
  readonly #rangeOfLeaf: (leaf: number) => PositionRange;
  readonly #start: ListCursor;
  readonly #counts: number[] = [];
  #keyBytes = 0;
  #end: ListCursor;
  /** Made when the first key is looked for: most pages are answered without a record. */
  #places: Map<string, number> | undefined;

  /** Begins at `start`, which has to be before the last leaf's end. */
  constructor(leaves: readonly number[], rangeOfLeaf: (leaf: number) => PositionRange, start: ListCursor) {
    this.#leaves = leaves;
    this.#rangeOfLeaf = rangeOfLeaf;
    this.#start = start;
    this.#end = start;
  }

  /** Where the next page begins. */
  get end(): ListCursor {
    return this.#end;
  }

  /** Goes on until the page is full or there is nothing more. Gives the request that needs the disk, if one does. */
  build(source: LeafSource): ListRequest | undefined {
    while (this.#hasRoom()) {
      const { place, after } = this.#end;
      const request: ListRequest = {
        range: this.#rangeOfLeaf(this.#leaves[place] as number),
        after,
        limitEntries: LIMITS.listEntries - this.entries.length,
        limitBytes: LIMITS.listKeyBytes - this.#keyBytes,
      };
      const page = source.list(request);
      if (page === 'loading') return request;
      assert(page.entries.length <= request.limitEntries, 'exchange: a page with more keys than were asked for');
      assert(page.isLast || page.entries.length > 0, 'exchange: a page that is empty and not the last');
      const at = place - this.#start.place;
      this.#counts[at] = (this.#counts[at] ?? 0) + page.entries.length;
      for (const entry of page.entries) {
        this.entries.push(entry);
        this.#keyBytes += entry.key.length;
      }
      this.#end = page.isLast ? { place: place + 1, after: undefined } : { place, after: page.entries.at(-1)?.key };
    }
    return undefined;
  }

  #hasRoom(): boolean {
    return (
      this.#end.place < this.#leaves.length &&
      this.#counts.length < LIMITS.listLeaves &&
      this.entries.length < LIMITS.listEntries &&
      this.#keyBytes < LIMITS.listKeyBytes
    );
  }

  message(): List {
    const count = this.entries.length;
    const digests = { low: new Uint32Array(count), high: new Uint32Array(count) };
    this.entries.forEach((entry, at) => {
      digests.low[at] = entry.low;
      digests.high[at] = entry.high;
    });
    return {
      kind: 'list',
      leaves: Uint16Array.from(this.#leaves.slice(this.#start.place, this.#start.place + this.#counts.length)),
      counts: Uint16Array.from(this.#counts),
      after: this.#start.after,
      upto: this.#end.after,
      digests,
    };
  }

  /** The other side holds all that is held here of this key: it need not be sent, whatever the list's answer says. */
  cover(key: Uint8Array): void {
    this.#places ??= new Map(this.entries.map((entry, place) => [textOf(entry.key), place]));
    const place = this.#places.get(textOf(key));
    if (place !== undefined) this.#isCovered[place] = 1;
  }

  /** The entries that the other side lacks, by the bits of its answer. */
  lacking(bits: Uint8Array): readonly LeafEntry[] {
    return this.entries.filter((_, at) => {
      const isLacking = ((bits[at >>> 3] as number) >>> (at & 7)) & 1;
      return isLacking === 1 && this.#isCovered[at] === 0;
    });
  }
}

/** A text with one character per byte: a map finds it by value. */
function textOf(key: Uint8Array): string {
  let text = '';
  for (const byte of key) text += String.fromCharCode(byte);
  return text;
}
