/**
 * The block cache: blocks of tables, checked and decompressed, by table number and offset. `put` copies a block into memory
 * of the cache's own, which is used again when the block has left (`block-memory.ts`).
 *
 * Invariants:
 * 1. `bytes` never passes the limit when a call has returned. A block counts its buffer and a fixed overhead; buffers that
 *    wait to be used again count too.
 * 2. A block from `get` or `put` stays as it is for the rest of the turn, evicted or not; between `hold` and `release` it
 *    stays as it is however long that takes. Nobody but the cache writes into it.
 * 3. `get` makes no object.
 */
import { copyBytes } from '@torc/base/bytes';
import { BlockMemory, sizeFor } from './block-memory.ts';
import { BlockSlots } from './block-slots.ts';
import { ADMIT_ALL, type AdmissionPolicy, type EvictionPolicy } from './cache-policy.ts';
import { RefTables } from './ref-tables.ts';
import { SegmentedLru } from './segmented-lru.ts';

/** What a block takes beside its bytes: view, buffer and its bookkeeping in the runtime, slot, place in the index. */
export const BLOCK_OVERHEAD_BYTES = 384;

/** A block above this share of the limit would push out too much for one. */
const MAX_BLOCK_SHARE = 1 / 8;

/**
 * Of the limit: buffers between two blocks. What leaves in one turn has to wait there for its end, so the share follows
 * the turns: it grows at once, and after so many turns it is what the largest of them needed.
 */
const LEAST_SPARE_SHARE = 1 / 16;
const MOST_SPARE_SHARE = 1 / 3;
const SPARE_TURNS = 256;

const TWO_32 = 4294967296;

export interface BlockCacheParts {
  readonly eviction?: EvictionPolicy;
  readonly admission?: AdmissionPolicy;
  /** Overwrites buffers before they are used again: a test sees a reader that ought to have held. */
  readonly poison?: boolean;
}

export class BlockCache {
  readonly #index = new RefTables();
  readonly #slots = new BlockSlots();
  readonly #memory: BlockMemory;
  readonly #eviction: EvictionPolicy;
  readonly #admission: AdmissionPolicy;
  #limitBytes = 0;
  /** Of the limit, what blocks may take, and what buffers between two blocks may. */
  #blockLimit = 0;
  #spareLimit = 0;
  /** What the largest turn so far needed, of `SPARE_TURNS`. */
  #largestTurnBytes = 0;
  #turns = 0;
  #blockBytes = 0;
  #count = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor(limitBytes: number, parts: BlockCacheParts = {}) {
    this.#eviction = parts.eviction ?? new SegmentedLru();
    this.#admission = parts.admission ?? ADMIT_ALL;
    this.#memory = new BlockMemory(parts.poison ?? false);
    this.resize(limitBytes);
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }

  get bytes(): number {
    return this.#blockBytes + this.#memory.bytes;
  }

  get count(): number {
    return this.#count;
  }

  get hits(): number {
    return this.#hits;
  }

  get misses(): number {
    return this.#misses;
  }

  /** Blocks that had to leave for room; those of dropped tables are not counted. */
  get evictions(): number {
    return this.#evictions;
  }

  /** The block, or undefined. It is nobody's to change. */
  get(tableNumber: number, offset: number): Uint8Array | undefined {
    const hash = blockHash(tableNumber, offset);
    this.#admission.asked(hash);
    const slot = this.#slotOf(hash, tableNumber, offset);
    if (slot < 0) {
      this.#misses += 1;
      return undefined;
    }
    this.#hits += 1;
    this.#eviction.hit(slot);
    return this.#slots.blockAt(slot);
  }

  /**
   * Keeps a copy of the block in `[start, end)` and returns the copy, or undefined when it may not come in. What stood under
   * the same name has left in either case.
   */
  put(
    tableNumber: number,
    offset: number,
    bytes: Uint8Array,
    start = 0,
    end: number = bytes.length,
  ): Uint8Array | undefined {
    const hash = blockHash(tableNumber, offset);
    const present = this.#slotOf(hash, tableNumber, offset);
    if (present >= 0) this.#remove(present);
    const charge = BLOCK_OVERHEAD_BYTES + sizeFor(end - start);
    if (charge > this.#limitBytes * MAX_BLOCK_SHARE) return undefined;
    const needsRoom = this.#blockBytes + charge > this.#blockLimit;
    if (!this.#admission.admits(hash, needsRoom ? this.#eviction.victim() : -1)) return undefined;
    // Before anybody leaves: a buffer that is taken makes place for one that comes back.
    const block = this.#memory.take(end - start);
    copyBytes(bytes, start, end, block, 0);
    this.#evictTo(this.#blockLimit - charge);
    this.#add(hash, tableNumber, offset, block);
    return block;
  }

  /** Forgets a table's blocks; the work is that of the blocks held. */
  dropTable(tableNumber: number): void {
    for (let slot = this.#slots.firstOf(tableNumber); slot >= 0; slot = this.#slots.firstOf(tableNumber)) {
      this.#remove(slot);
    }
  }

  resize(limitBytes: number): void {
    this.#limitBytes = limitBytes;
    this.#divide(this.#largestTurnBytes);
    this.#index.shrink();
  }

  /** The turn is over: blocks from `get` and `put` are no longer read, unless somebody holds. */
  turnEnded(): void {
    const leftBytes = this.#memory.turnEnded();
    this.#largestTurnBytes = Math.max(this.#largestTurnBytes, leftBytes);
    this.#turns += 1;
    if (leftBytes > this.#spareLimit) this.#divide(leftBytes);
    if (this.#turns < SPARE_TURNS) return;
    this.#divide(this.#largestTurnBytes);
    this.#largestTurnBytes = 0;
    this.#turns = 0;
  }

  /** For a reader that stays at a block beyond its turn, before the turn ends. */
  hold(): void {
    this.#memory.hold();
  }

  release(): void {
    this.#memory.release();
  }

  /** Gives spare buffers about so much of the limit, and blocks the rest. */
  #divide(spareBytes: number): void {
    const least = Math.floor(this.#limitBytes * LEAST_SPARE_SHARE);
    const most = Math.floor(this.#limitBytes * MOST_SPARE_SHARE);
    this.#spareLimit = Math.min(Math.max(spareBytes, least), most);
    this.#blockLimit = this.#limitBytes - this.#spareLimit;
    this.#memory.resize(this.#spareLimit);
    this.#eviction.resize(this.#blockLimit);
    this.#evictTo(this.#blockLimit);
  }

  #slotOf(hash: number, tableNumber: number, offset: number): number {
    const table = this.#index.tableOf(hash);
    for (let at = table.first(hash); ; at = table.next(at)) {
      const ref = table.refAt(at);
      if (ref === 0) return -1;
      if (table.hashAt(at) === hash && this.#slots.holds(ref - 1, tableNumber, offset)) return ref - 1;
    }
  }

  #add(hash: number, tableNumber: number, offset: number, block: Uint8Array): void {
    if (this.#slots.isFull) {
      this.#slots.grow();
      this.#eviction.growTo(this.#slots.capacity);
    }
    const slot = this.#slots.add(tableNumber, offset, block);
    this.#index.insert(hash, slot + 1);
    const charge = chargeOf(block);
    this.#eviction.add(slot, charge);
    this.#blockBytes += charge;
    this.#count += 1;
  }

  #remove(slot: number): void {
    const hash = blockHash(this.#slots.tableNumberOf(slot), this.#slots.offsetOf(slot));
    this.#index.tableOf(hash).remove(this.#index.placeOf(hash, slot + 1));
    this.#eviction.remove(slot);
    const block = this.#slots.blockAt(slot);
    this.#blockBytes -= chargeOf(block);
    this.#count -= 1;
    this.#slots.remove(slot);
    this.#memory.retire(block);
  }

  #evictTo(bytes: number): void {
    while (this.#blockBytes > bytes) {
      const victim = this.#eviction.victim();
      if (victim < 0) return;
      this.#remove(victim);
      this.#evictions += 1;
    }
  }
}

/** Offsets of one table differ in few bits, so all of them are mixed into all (the finalizer of MurmurHash3). */
export function blockHash(tableNumber: number, offset: number): number {
  let h = Math.imul(tableNumber, 0x9e3779b1) ^ Math.imul((offset / TWO_32) >>> 0, 0xc2b2ae3d) ^ (offset >>> 0);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function chargeOf(block: Uint8Array): number {
  return block.buffer.byteLength + BLOCK_OVERHEAD_BYTES;
}
