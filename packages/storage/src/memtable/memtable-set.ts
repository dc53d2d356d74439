/**
 * The memtables of an engine: the active one takes writes; frozen ones, newest first, are on their way to tables.
 *
 * A frozen memtable's memory is used again when its table lives and nobody reads it any more (`pin`, `unpin`).
 */
import { assert } from '@torc/base/assert';
import type { ChunkPool } from './chunk-pool.ts';
import { Memtable } from './memtable.ts';
import { MemtableOrder } from './memtable-cursor.ts';

/** What held when the memtable was frozen. All of it is durable once the segment `logFloor` takes writes. */
export interface FrozenAt {
  /** Log segments below this hold nothing that is not in this memtable or in older ones. */
  readonly logFloor: number;
  readonly state: ReadonlyMap<number, number>;
  /** Values by bucket; a compaction that drops expired ones before this is flushed changes them. */
  readonly counts: Map<number, number>;
}

export class HeldMemtable {
  readonly memtable: Memtable;
  readonly order: MemtableOrder;
  frozenAt: FrozenAt | undefined;
  /** Once it is flushed: everything in it, and in what is older, stands in tables of this rank or lower. */
  rank = -1;
  #pins = 0;
  #flushed = false;

  constructor(memtable: Memtable) {
    this.memtable = memtable;
    this.order = new MemtableOrder(memtable);
  }

  pin(): void {
    this.#pins += 1;
  }

  unpin(): void {
    this.#pins -= 1;
    assert(this.#pins >= 0, 'a memtable is let go as often as it was taken');
    this.#releaseIfFree();
  }

  /** Its table lives: the memory goes when the last reader does. */
  flushed(): void {
    this.#flushed = true;
    this.#releaseIfFree();
  }

  #releaseIfFree(): void {
    if (this.#flushed && this.#pins === 0) this.memtable.release();
  }
}

export class MemtableSet {
  readonly #hashKey0: number;
  readonly #hashKey1: number;
  readonly #pool: ChunkPool;
  #active: HeldMemtable;
  #frozen: readonly HeldMemtable[] = [];

  constructor(hashKey0: number, hashKey1: number, pool: ChunkPool) {
    this.#hashKey0 = hashKey0;
    this.#hashKey1 = hashKey1;
    this.#pool = pool;
    this.#active = this.#fresh();
  }

  get active(): HeldMemtable {
    return this.#active;
  }

  /** Newest first; another array at every change. */
  get frozen(): readonly HeldMemtable[] {
    return this.#frozen;
  }

  get heldBytes(): number {
    let bytes = this.#active.memtable.heldBytes;
    for (const { memtable } of this.#frozen) bytes += memtable.heldBytes;
    return bytes;
  }

  get usedBytes(): number {
    let bytes = this.#active.memtable.usedBytes;
    for (const { memtable } of this.#frozen) bytes += memtable.usedBytes;
    return bytes;
  }

  /** The active memtable takes nothing more; a fresh one does. */
  freeze(at: FrozenAt): HeldMemtable {
    const held = this.#active;
    held.frozenAt = at;
    this.#frozen = [held, ...this.#frozen];
    this.#active = this.#fresh();
    return held;
  }

  /** The oldest frozen memtable has become a table. */
  flushed(held: HeldMemtable, rank: number): void {
    held.rank = rank;
    assert(this.#frozen.at(-1) === held, 'memtables are flushed oldest first');
    this.#frozen = this.#frozen.slice(0, -1);
    held.flushed();
  }

  #fresh(): HeldMemtable {
    return new HeldMemtable(new Memtable(this.#hashKey0, this.#hashKey1, this.#pool));
  }
}
