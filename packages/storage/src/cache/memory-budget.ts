/**
 * One fixed number of bytes for what the engine keeps in memory. Memtables and the tables' filters and indexes come first,
 * because the engine cannot work without them; the two caches share what is left.
 *
 * The caches shrink at once when something else grows, so that the sum stays within the budget. They grow only when the gain
 * is worth it, so that bytes that come and go do not resize them at every call.
 */
import { KEPT_PIECES_BYTES } from '../sstable/piece-memory.ts';

/** Of what the caches get. */
const RECORD_CACHE_SHARE = 1 / 4;

/** Each cache has at least this, or that share of the budget if it is less. */
const BLOCK_CACHE_FLOOR_BYTES: number = 8 * 1024 * 1024;
const BLOCK_CACHE_FLOOR_SHARE = 1 / 8;
const RECORD_CACHE_FLOOR_BYTES: number = 2 * 1024 * 1024;
const RECORD_CACHE_FLOOR_SHARE = 1 / 32;

/** The caches together change in steps of this share of the budget, and grow by two steps or more. */
const STEP_SHARE = 1 / 64;
const GROW_STEPS = 2;

/** Kept free of the memory that a node is given: so much, or that share of it if it is less. */
const RUNTIME_BYTES: number = 128 * 1024 * 1024;
const RUNTIME_SHARE = 1 / 4;

/** Of the large buffers that jobs keep, no more than this share is counted: they are the same in a small budget. */
const PIECES_SHARE = 1 / 16;

/**
 * What of a node's memory memtables, indexes and caches share: without the large buffers that jobs keep, and without what
 * cannot be counted, the collector's head-room, fragments of freed blocks, small buffers of the worker.
 */
export function countedBytes(memoryBytes: number): number {
  const pieces = Math.min(KEPT_PIECES_BYTES, Math.floor(memoryBytes * PIECES_SHARE));
  return memoryBytes - Math.min(RUNTIME_BYTES, Math.floor(memoryBytes * RUNTIME_SHARE)) - pieces;
}

/** A cache, as the budget sees it. */
export interface ResizableCache {
  readonly bytes: number;
  resize(limitBytes: number): void;
}

export interface MemoryReport {
  readonly totalBytes: number;
  /** What is kept free for memtables, or what they hold if that is more. */
  readonly memtableBytes: number;
  readonly pinnedBytes: number;
  readonly blockCacheLimitBytes: number;
  readonly blockCacheBytes: number;
  readonly recordCacheLimitBytes: number;
  readonly recordCacheBytes: number;
  /** By how much memtables, pinned bytes and the caches' floors pass the budget. */
  readonly overBytes: number;
  readonly over: boolean;
}

export class MemoryBudget {
  readonly #totalBytes: number;
  readonly #memtableShareBytes: number;
  readonly #blockCache: ResizableCache;
  readonly #recordCache: ResizableCache;
  readonly #blockFloor: number;
  readonly #recordFloor: number;
  readonly #stepBytes: number;
  #memtableBytes: number;
  #pinnedBytes = 0;
  #cacheBytes = -1;

  /** `memtableShareBytes`: a memtable's size times the most that may exist. */
  constructor(totalBytes: number, memtableShareBytes: number, blockCache: ResizableCache, recordCache: ResizableCache) {
    this.#totalBytes = totalBytes;
    this.#memtableShareBytes = memtableShareBytes;
    this.#memtableBytes = memtableShareBytes;
    this.#blockCache = blockCache;
    this.#recordCache = recordCache;
    this.#blockFloor = Math.min(BLOCK_CACHE_FLOOR_BYTES, Math.floor(totalBytes * BLOCK_CACHE_FLOOR_SHARE));
    this.#recordFloor = Math.min(RECORD_CACHE_FLOOR_BYTES, Math.floor(totalBytes * RECORD_CACHE_FLOOR_SHARE));
    this.#stepBytes = Math.max(1, Math.floor(totalBytes * STEP_SHARE));
    this.#settle();
  }

  /** Filters and indexes of all open tables. */
  setPinned(bytes: number): void {
    this.#pinnedBytes = bytes;
    this.#settle();
  }

  /** What memtables hold. Below their share it changes nothing: the share is kept free for them. */
  setMemtables(bytes: number): void {
    this.#memtableBytes = Math.max(bytes, this.#memtableShareBytes);
    this.#settle();
  }

  report(): MemoryReport {
    const overBytes = Math.max(0, this.#blockFloor + this.#recordFloor - this.#leftBytes());
    return {
      totalBytes: this.#totalBytes,
      memtableBytes: this.#memtableBytes,
      pinnedBytes: this.#pinnedBytes,
      blockCacheLimitBytes: this.#cacheBytes - this.#recordLimit(),
      blockCacheBytes: this.#blockCache.bytes,
      recordCacheLimitBytes: this.#recordLimit(),
      recordCacheBytes: this.#recordCache.bytes,
      overBytes,
      over: overBytes > 0,
    };
  }

  /** For the caches; negative when the rest alone is too much. */
  #leftBytes(): number {
    return this.#totalBytes - this.#memtableBytes - this.#pinnedBytes;
  }

  #settle(): void {
    const left = this.#leftBytes();
    const floor = this.#blockFloor + this.#recordFloor;
    const wanted = Math.max(floor, left - (left % this.#stepBytes));
    const shrinks = Math.max(floor, left) < this.#cacheBytes;
    const grows = wanted >= this.#cacheBytes + GROW_STEPS * this.#stepBytes;
    if (this.#cacheBytes >= 0 && !shrinks && !grows) return;
    this.#cacheBytes = wanted;
    this.#blockCache.resize(wanted - this.#recordLimit());
    this.#recordCache.resize(this.#recordLimit());
  }

  /** Its share, where neither cache is below its floor. */
  #recordLimit(): number {
    const share = Math.floor(this.#cacheBytes * RECORD_CACHE_SHARE);
    return Math.min(Math.max(share, this.#recordFloor), this.#cacheBytes - this.#blockFloor);
  }
}
