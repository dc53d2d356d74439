/**
 * A memtable in key order. Order is made here, one of the 256 tables at a time, when a walk comes to it; the order of a
 * table that has not changed since is kept.
 *
 * Without a snapshot's batch the cursor shows what is newest, and is used within one turn; with one, what that snapshot
 * sees, for as long as the snapshot is open. Never `NEEDS_DISK`.
 */
import { assert } from '@torc/base/assert';
import { compareBytes } from '@torc/base/bytes';
import { AT_END, AT_ENTRY, type BlockWant, type Cursor, type CursorCode } from '../read/cursor.ts';
import { MEMTABLE_PARTS, type Memtable } from './memtable.ts';

const NO_BYTES = new Uint8Array(0);
const NO_REFS = new Uint32Array(0);

interface Order {
  readonly changes: number;
  readonly refs: Uint32Array;
}

/** The sorted tables of one memtable, shared by its cursors. */
export class MemtableOrder {
  readonly #memtable: Memtable;
  readonly #orders: (Order | undefined)[] = [];

  constructor(memtable: Memtable) {
    this.#memtable = memtable;
  }

  /** Refs of a part in the order of their keys. Not changed afterwards: a later call may give another array. */
  refs(part: number): Uint32Array {
    const table = this.#memtable.part(part);
    if (table.count === 0) return NO_REFS;
    const kept = this.#orders[part];
    if (kept !== undefined && kept.changes === table.changes) return kept.refs;
    const refs = table.refs().sort((a, b) => this.#compare(a, b));
    this.#orders[part] = { changes: table.changes, refs };
    return refs;
  }

  #compare(a: number, b: number): number {
    const table = this.#memtable;
    return compareBytes(
      table.bytesOf(a),
      table.keyAt(a),
      table.recordAt(a),
      table.bytesOf(b),
      table.keyAt(b),
      table.recordAt(b),
    );
  }
}

export class MemtableCursor implements Cursor {
  keyBytes: Uint8Array = NO_BYTES;
  keyStart = 0;
  keyEnd = 0;
  kind = 0;
  recordBytes: Uint8Array = NO_BYTES;
  recordStart = 0;
  recordEnd = 0;
  readonly wants: BlockWant | undefined = undefined;
  /** The newest batch, by its low 32 bits, that the entry shown was written by. */
  batch = 0;
  readonly #memtable: Memtable;
  readonly #order: MemtableOrder;
  readonly #snapshotBatch: number;
  /** As they were when the walk began: what came later, no snapshot sees. */
  #buckets: readonly number[] = [];
  #bucketIndex = 0;
  #part = 0;
  #refs: Uint32Array = NO_REFS;
  /** The bucket's range among the part's refs. */
  #from = 0;
  #to = 0;
  #index = 0;
  #placed = false;

  /** `snapshotBatch`: the batch of a snapshot, or -1 for what is newest. */
  constructor(memtable: Memtable, order: MemtableOrder, snapshotBatch = -1) {
    this.#memtable = memtable;
    this.#order = order;
    this.#snapshotBatch = snapshotBatch;
  }

  seek(key: Uint8Array, start: number, end: number): CursorCode {
    this.#place(key, start, end);
    return this.#showForward();
  }

  seekBelow(key: Uint8Array, start: number, end: number): CursorCode {
    this.#place(key, start, end);
    this.#index -= 1;
    return this.#showBackward();
  }

  next(): CursorCode {
    if (!this.#placed) return AT_END;
    this.#index += 1;
    return this.#showForward();
  }

  previous(): CursorCode {
    if (!this.#placed) return AT_END;
    this.#index -= 1;
    return this.#showBackward();
  }

  provide(): void {
    assert(false, 'a memtable needs no disk');
  }

  /** Before the first entry at or above the key. */
  #place(key: Uint8Array, start: number, end: number): void {
    this.#placed = true;
    const { buckets } = this.#memtable;
    this.#buckets = buckets;
    // A bound may be cut anywhere, also within the bucket.
    const high8 = end > start ? (key[start] as number) : 0;
    const bucket = (high8 << 8) | (end - start >= 2 ? (key[start + 1] as number) : 0);
    let index = 0;
    while (index < buckets.length && (buckets[index] as number) < bucket) index += 1;
    this.#bucketIndex = index;
    if (index === buckets.length) return this.#enter(index, 0, 'front');
    if ((buckets[index] as number) > bucket) return this.#enter(index, 0, 'front');
    // The first byte of a position is the number of its table.
    this.#enter(index, end - start > 2 ? (key[start + 2] as number) : 0, 'front');
    let [low, high] = [this.#from, this.#to];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compareKey(this.#refs[middle] as number, key, start, end) < 0) low = middle + 1;
      else high = middle;
    }
    this.#index = low;
  }

  /** Goes to a part of a bucket: before its first entry, or behind its last. */
  #enter(bucketIndex: number, part: number, side: 'front' | 'back'): void {
    this.#bucketIndex = bucketIndex;
    this.#part = part;
    this.#refs = bucketIndex < this.#buckets.length ? this.#order.refs(part) : NO_REFS;
    const bucket = this.#buckets[bucketIndex] ?? 0;
    this.#from = this.#firstOfBucket(bucket);
    this.#to = this.#firstOfBucket(bucket + 1);
    this.#index = side === 'front' ? this.#from : this.#to - 1;
  }

  #firstOfBucket(bucket: number): number {
    let [low, high] = [0, this.#refs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const ref = this.#refs[middle] as number;
      const bytes = this.#memtable.bytesOf(ref);
      const at = this.#memtable.keyAt(ref);
      if ((((bytes[at] as number) << 8) | (bytes[at + 1] as number)) < bucket) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #showForward(): CursorCode {
    for (;;) {
      for (; this.#index < this.#to; this.#index += 1) if (this.#show()) return AT_ENTRY;
      if (this.#bucketIndex >= this.#buckets.length) return this.#end(this.#bucketIndex, 0);
      if (this.#part + 1 < MEMTABLE_PARTS) this.#enter(this.#bucketIndex, this.#part + 1, 'front');
      else this.#enter(this.#bucketIndex + 1, 0, 'front');
    }
  }

  #showBackward(): CursorCode {
    for (;;) {
      for (; this.#index >= this.#from; this.#index -= 1) if (this.#show()) return AT_ENTRY;
      if (this.#part > 0 && this.#bucketIndex < this.#buckets.length) {
        this.#enter(this.#bucketIndex, this.#part - 1, 'back');
      } else if (this.#bucketIndex > 0) {
        this.#enter(this.#bucketIndex - 1, MEMTABLE_PARTS - 1, 'back');
      } else {
        return this.#end(0, -1);
      }
    }
  }

  #end(bucketIndex: number, index: number): CursorCode {
    this.#placed = false;
    this.#bucketIndex = bucketIndex;
    this.#index = index;
    return AT_END;
  }

  /** Shows the entry at the index, unless the snapshot sees none of its versions. */
  #show(): boolean {
    const newest = this.#refs[this.#index] as number;
    const table = this.#memtable;
    const ref = this.#snapshotBatch < 0 ? newest : table.visibleAt(newest, this.#snapshotBatch);
    if (ref === 0) return false;
    this.batch = table.batchOf(ref);
    this.keyBytes = table.bytesOf(ref);
    this.keyStart = table.keyAt(ref);
    this.keyEnd = table.recordAt(ref);
    this.kind = table.kindOf(ref);
    this.recordBytes = this.keyBytes;
    this.recordStart = this.keyEnd;
    this.recordEnd = this.keyEnd + table.recordBytes(ref);
    return true;
  }

  #compareKey(ref: number, key: Uint8Array, start: number, end: number): number {
    const table = this.#memtable;
    return compareBytes(table.bytesOf(ref), table.keyAt(ref), table.recordAt(ref), key, start, end);
  }
}
