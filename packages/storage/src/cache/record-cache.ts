/**
 * The record cache: merged whole records of keys whose newest version is in tables. A key that is written leaves (the engine
 * calls `remove`), so what stands here is never older than the tables.
 *
 * A log of chunks behind hash tables, no object per entry. When there is no room the oldest chunk is emptied and becomes the
 * newest: entries that were asked for since they came slide to its front and lose their mark, at most a quarter of the chunk,
 * so that there is always progress; the others go. (A clock with second chances, a chunk at a time.)
 *
 * Invariants:
 * 1. `bytes` (chunks and tables) never passes the limit when a call has returned.
 * 2. After `put` or `remove` of a key no older record of it is found, kept or not.
 * 3. A ref and its bytes are valid until the next `put`, `clear` or `resize`.
 */
import { type EngineKey, KEY_PREFIX_BYTES } from '../key.ts';
import { entryBytes, MAX_CHUNK_BYTES, RecordLog, refBehind } from './record-log.ts';
import { RefTables } from './ref-tables.ts';

const MIN_CHUNK_BYTES = 4096;

/** A limit is made of at least so many chunks, where chunks are not at their smallest. */
const CHUNKS_PER_LIMIT = 8;

/** An entry above this share of a chunk is not kept: its blocks are cached, and one of it would push out many. */
const MAX_ENTRY_SHARE = 1 / 8;

/** Of a chunk that is emptied, what may stay. */
const MAX_KEPT_SHARE = 1 / 4;

export class RecordCache {
  #log = new RecordLog();
  readonly #index = new RefTables();
  #limitBytes = 0;
  #chunkBytes = MIN_CHUNK_BYTES;
  #count = 0;
  #hits = 0;
  #misses = 0;

  constructor(limitBytes: number) {
    this.resize(limitBytes);
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }

  get bytes(): number {
    return this.#log.bytes + this.#index.bytes;
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

  /** The key's entry, or 0. `hash` is `keyHash` of the key, a u32. */
  find(key: EngineKey, hash: number): number {
    const table = this.#index.tableOf(hash);
    for (let at = table.first(hash); ; at = table.next(at)) {
      const ref = table.refAt(at);
      if (ref === 0) {
        this.#misses += 1;
        return 0;
      }
      if (table.hashAt(at) === hash && this.#log.holds(ref, key)) {
        this.#hits += 1;
        this.#log.markAsked(ref);
        return ref;
      }
    }
  }

  bytesOf(ref: number): Uint8Array {
    return this.#log.bytesOf(ref);
  }

  recordAt(ref: number): number {
    return this.#log.recordAt(ref);
  }

  recordEnd(ref: number): number {
    return this.#log.recordEnd(ref);
  }

  /** Keeps a copy of the record in `[start, end)`, which are not bytes of this cache. */
  put(key: EngineKey, hash: number, record: Uint8Array, start: number, end: number): void {
    const length = entryBytes(KEY_PREFIX_BYTES + key.end - key.start, end - start);
    if (length > this.#chunkBytes * MAX_ENTRY_SHARE || !this.#makeRoom(length)) {
      this.remove(key, hash);
      return;
    }
    const ref = this.#log.append(key, hash, record, start, end);
    const at = this.#place(key, hash);
    if (at >= 0) {
      this.#index.tableOf(hash).replace(at, ref);
    } else {
      this.#index.insert(hash, ref);
      this.#count += 1;
    }
    this.#dropToLimit();
  }

  /** True if the key was here. Its bytes are free again when their chunk is emptied. */
  remove(key: EngineKey, hash: number): boolean {
    const at = this.#place(key, hash);
    if (at < 0) return false;
    this.#index.tableOf(hash).remove(at);
    this.#count -= 1;
    return true;
  }

  clear(): void {
    this.#log = new RecordLog();
    this.#index.clear();
    this.#count = 0;
  }

  resize(limitBytes: number): void {
    this.#limitBytes = limitBytes;
    this.#chunkBytes = chunkBytesFor(limitBytes);
    this.#dropToLimit();
    this.#index.shrink();
  }

  #place(key: EngineKey, hash: number): number {
    const table = this.#index.tableOf(hash);
    for (let at = table.first(hash); ; at = table.next(at)) {
      const ref = table.refAt(at);
      if (ref === 0) return -1;
      if (table.hashAt(at) === hash && this.#log.holds(ref, key)) return at;
    }
  }

  /** False when the limit is too small for one chunk. */
  #makeRoom(length: number): boolean {
    const log = this.#log;
    while (!log.fits(length)) {
      if (this.bytes + this.#chunkBytes <= this.#limitBytes && log.canAddChunk) log.addChunk(this.#chunkBytes);
      else if (log.chunks === 0) return false;
      else if (log.chunkBytes(log.oldestChunk) === this.#chunkBytes) log.turnOldest(this.#empty(MAX_KEPT_SHARE));
      else this.#dropOldest();
    }
    this.#index.shrinkNext();
    return true;
  }

  /** Unlinks the oldest chunk's entries, except those that stay; the bytes at its front that stay. */
  #empty(keptShare: number): number {
    const log = this.#log;
    const chunk = log.oldestChunk;
    const keptLimit = log.chunkBytes(chunk) * keptShare;
    const end = log.endRef(chunk);
    const first = log.firstRef(chunk);
    let kept = 0;
    for (let ref = first, length = 0; ref < end; ref = refBehind(ref, length)) {
      length = log.entryBytesAt(ref);
      const hash = log.hashOf(ref);
      const at = this.#index.placeOf(hash, ref);
      if (at < 0) continue;
      const table = this.#index.tableOf(hash);
      if (log.wasAsked(ref) && kept + length <= keptLimit) {
        const to = refBehind(first, kept);
        log.moveDown(ref, to);
        table.replace(at, to);
        kept += length;
      } else {
        table.remove(at);
        this.#count -= 1;
      }
    }
    return kept;
  }

  #dropOldest(): void {
    this.#empty(0);
    this.#log.dropOldest();
  }

  #dropToLimit(): void {
    while (this.bytes > this.#limitBytes && this.#log.chunks > 0) this.#dropOldest();
    if (this.bytes > this.#limitBytes) this.clear();
  }
}

/** The largest power of two that is an eighth of the limit or less: 4 KiB to 1 MiB. */
function chunkBytesFor(limitBytes: number): number {
  let bytes = MAX_CHUNK_BYTES;
  while (bytes > MIN_CHUNK_BYTES && bytes * CHUNKS_PER_LIMIT > limitBytes) bytes /= 2;
  return bytes;
}
