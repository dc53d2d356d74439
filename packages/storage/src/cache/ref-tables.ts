/**
 * The index of a cache: 64 `RefTable`s chosen by the top bits of the hash, so that no growth of one stops the turn for long
 * however large the cache is. A table that has emptied can be made small again.
 */
import { RefTable } from '../memtable/ref-table.ts';

const TABLE_BITS = 6;
const PAIR_BYTES = 8;

/** A table is rebuilt when less than this share of it is in use. */
const SHRINK_BELOW = 1 / 8;

/** Of one table without entries. */
const EMPTY_BYTES: number = new RefTable().bytes;

export class RefTables {
  readonly #tables: RefTable[] = [];
  #bytes = 0;
  #nextToShrink = 0;

  constructor() {
    this.clear();
  }

  /** What the tables take beyond the 8 KiB that they take when empty. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The table to walk for `hash`, which is a u32. */
  tableOf(hash: number): RefTable {
    return this.#tables[hash >>> (32 - TABLE_BITS)] as RefTable;
  }

  /** Adds a pair that is known not to be there. */
  insert(hash: number, ref: number): void {
    const table = this.tableOf(hash);
    const before = table.bytes;
    table.insert(hash, ref);
    this.#bytes += table.bytes - before;
  }

  /** Where the pair stands in `tableOf(hash)`, or -1. */
  placeOf(hash: number, ref: number): number {
    const table = this.tableOf(hash);
    for (let at = table.first(hash); ; at = table.next(at)) {
      const found = table.refAt(at);
      if (found === ref) return at;
      if (found === 0) return -1;
    }
  }

  clear(): void {
    this.#bytes = 0;
    for (let i = 0; i < 1 << TABLE_BITS; i += 1) this.#tables[i] = new RefTable();
  }

  /** Looks at one table, the next in turn, and rebuilds it when it has become far too large. */
  shrinkNext(): void {
    const index = this.#nextToShrink;
    this.#nextToShrink = (index + 1) % this.#tables.length;
    const old = this.#tables[index] as RefTable;
    if (old.bytes <= EMPTY_BYTES || old.count * PAIR_BYTES >= old.bytes * SHRINK_BELOW) return;
    const fresh = new RefTable();
    for (let at = 0; at < old.bytes / PAIR_BYTES; at += 1) {
      if (old.refAt(at) !== 0) fresh.insert(old.hashAt(at), old.refAt(at));
    }
    this.#tables[index] = fresh;
    this.#bytes += fresh.bytes - old.bytes;
  }

  /** Looks at every table once. */
  shrink(): void {
    for (let i = 0; i < this.#tables.length; i += 1) this.shrinkNext();
  }
}
