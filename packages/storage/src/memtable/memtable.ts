/**
 * The memtable: the newest record of every key written since the last one was frozen, as bytes in an arena behind hash
 * tables. No object per entry.
 *
 * 256 tables, chosen by the top bits of the position, each grow on their own, so that no growth stops the turn for long,
 * and a scan of one tag orders one table. The hash is keyed (`key-hash.ts`): nobody outside can choose collisions.
 *
 * Invariants:
 * 1. An entry is written over in place only by a record of the same room, and only when no snapshot sees it (its batch is
 *    above `protectedBatch`) and its own batch, if it is the open one, has saved what stood there (`BatchUndo`).
 * 2. An entry that was replaced stays where it is, and its newest replacement leads back to it: a snapshot reads the first
 *    of the chain that is not above its batch.
 * 3. A frozen memtable never changes. Every entry in it is durable in the log.
 */
import { assert } from '@torc/base/assert';
import { copyBytes, equalBytes, readU32BigEndian, writeU32 } from '@torc/base/bytes';
import { EngineKey, KEY_PREFIX_BYTES, writeKeyPrefix } from '../key.ts';
import { keyHash } from '../key-hash.ts';
import { Arena, paddedBytes } from './arena.ts';
import { BatchUndo, type Undoable } from './batch-undo.ts';
import type { ChunkPool } from './chunk-pool.ts';
import { DEAD_BIT, ENTRY_HEAD_BYTES, entryKeyBytes, entryKind, KEY_LENGTH_MASK, PART_BIT } from './entry-layout.ts';
import { RefTable } from './ref-table.ts';
import { ENTRY_PART } from '../commit-log/entry.ts';

const TABLE_BITS = 8;

/** So many keys at most are fetched in one call. */
export const FETCH_KEYS = 16;

/** What the processor fetches at once. */
const LINE_BYTES = 64;

export const MEMTABLE_PARTS: number = 1 << TABLE_BITS;

export class Memtable implements Undoable {
  readonly #arena: Arena;
  readonly #tables: RefTable[] = [];
  readonly #undo = new BatchUndo();
  readonly #key0: number;
  readonly #key1: number;
  readonly #scratch = new EngineKey();
  #buckets: readonly number[] = [];
  readonly #fetched = new Uint32Array(FETCH_KEYS + 1);
  #count = 0;
  #undoBatch = -1;
  /** The low 32 bits of the newest batch that an open snapshot sees; -1: none. */
  #protectedBatch = -1;

  constructor(hashKey0: number, hashKey1: number, pool: ChunkPool) {
    this.#key0 = hashKey0;
    this.#key1 = hashKey1;
    this.#arena = new Arena(pool);
    for (let i = 0; i < MEMTABLE_PARTS; i += 1) this.#tables.push(new RefTable());
  }

  /** Keys held, tombstones included. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of entries, replaced ones included. */
  get usedBytes(): number {
    return this.#arena.usedBytes;
  }

  get heldBytes(): number {
    let bytes = this.#arena.heldBytes;
    for (const table of this.#tables) bytes += table.bytes;
    return bytes;
  }

  /** Numbers of the buckets that have had an entry here, ascending; another array when one is added. */
  get buckets(): readonly number[] {
    return this.#buckets;
  }

  get arena(): Arena {
    return this.#arena;
  }

  /** One of the 256 tables; a table holds the positions that begin with its number. */
  part(number: number): RefTable {
    return this.#tables[number] as RefTable;
  }

  /** The ref of the key's newest entry, or 0. */
  find(key: EngineKey): number {
    const table = this.#tableOf(key.position);
    const at = this.#place(table, key, this.#hash(key));
    return at < 0 ? 0 : table.refAt(at);
  }

  /**
   * Touches the places that finds of these keys will look at. Two short loops over independent loads: the processor has
   * many of them under way at once, where one find after the other waits for each.
   */
  fetch(keys: readonly EngineKey[], count: number): void {
    const refs = this.#fetched;
    for (let i = 0; i < count; i += 1) {
      const key = keys[i] as EngineKey;
      const table = this.#tableOf(key.position);
      refs[i] = table.refAt(table.first(this.#hash(key)));
    }
    let seen = 0;
    for (let i = 0; i < count; i += 1) {
      const ref = refs[i] as number;
      if (ref === 0) continue;
      const words = this.#arena.wordsOf(ref);
      const at = this.#arena.offsetOf(ref);
      seen ^= words.getUint32(at, true) ^ words.getUint32(Math.min(at + LINE_BYTES, words.byteLength - 4), true);
    }
    // Kept, so that nobody finds that the loads are for nothing.
    this.#fetched[FETCH_KEYS] = seen;
  }

  /** The newest entry, from this one back, that a snapshot at `batch` sees, or 0. */
  visibleAt(newest: number, batch: number): number {
    let ref = newest;
    while (ref !== 0 && isAbove(this.batchOf(ref), batch)) ref = this.previousOf(ref);
    return ref;
  }

  /**
   * From now on nothing that a snapshot at `batch` sees is written over. Called when the batch is durable and nothing
   * newer has been published. -1 ends it, when the last snapshot is closed.
   */
  protect(batch: number): void {
    this.#protectedBatch = batch < 0 ? -1 : batch >>> 0;
  }

  /**
   * Room for a record under a key: in place where the entry `found` may be written over by one of the same room, else in a
   * new entry. `sameShape` says that the new record is whole, too, and that the caller copes with the old one standing
   * where it goes. The record goes to `recordAt(ref)`; then `publish`, in the same turn.
   */
  stage(key: EngineKey, found: number, recordBytes: number, batch: number, sameShape: boolean): number {
    if (found !== 0 && sameShape && this.#mayRewrite(found, recordBytes)) {
      this.#saveFor(found, batch >>> 0);
      this.#arena.wordsOf(found).setUint32(this.#arena.offsetOf(found) + 12, recordBytes, true);
      return found;
    }
    const keyBytes = KEY_PREFIX_BYTES + key.end - key.start;
    const ref = this.#arena.allocate(ENTRY_HEAD_BYTES + keyBytes + recordBytes);
    const bytes = this.#arena.bytesOf(ref);
    const at = this.#arena.offsetOf(ref);
    const words = this.#arena.wordsOf(ref);
    words.setUint32(at, found, true);
    words.setUint32(at + 8, keyBytes, true);
    words.setUint32(at + 12, recordBytes, true);
    writeKeyPrefix(bytes, at + ENTRY_HEAD_BYTES, key.bucket, key.position);
    copyBytes(key.bytes, key.start, key.end, bytes, at + ENTRY_HEAD_BYTES + KEY_PREFIX_BYTES);
    return ref;
  }

  /** Makes a staged entry the key's newest; `found` is what `stage` was given. */
  publish(ref: number, key: EngineKey, found: number, batch: number, kind: number): void {
    const words = this.#arena.wordsOf(ref);
    const offset = this.#arena.offsetOf(ref);
    words.setUint32(offset + 4, batch, true);
    // What is written over in place was whole, alive, and stays so.
    if (ref === found) return;
    words.setUint8(offset + 11, (words.getUint8(offset + 11) & 0x0f) | (kind === ENTRY_PART ? PART_BIT : 0));
    this.#beginUndo(batch >>> 0);
    this.#undo.linked(ref);
    const table = this.#tableOf(key.position);
    if (found === 0) {
      table.insert(this.#hash(key), ref);
      this.#count += 1;
      this.#noteBucket(key.bucket);
      return;
    }
    table.replace(this.#placeOf(table, found, this.#hash(key)), ref);
    this.#markDead(found, true);
  }

  /** What was published so far is never taken back: it came from the log. */
  settle(): void {
    this.#undo.clear();
  }

  /** Takes the open batch back, if anything of it is here. */
  undoBatch(batch: number): void {
    if (this.#undoBatch === batch >>> 0) this.#undo.undo(this);
  }

  unlink(ref: number): void {
    const key = this.keyOf(ref, this.#scratch);
    const table = this.#tableOf(key.position);
    const at = this.#place(table, key, this.#hash(key));
    assert(at >= 0 && table.refAt(at) === ref, 'only the newest entry of a key is undone');
    const old = this.previousOf(ref);
    this.#markDead(ref, true);
    if (old === 0) {
      table.remove(at);
      this.#count -= 1;
    } else {
      table.replace(at, old);
      this.#markDead(old, false);
    }
  }

  restore(ref: number, batch: number, saved: Uint8Array, start: number, end: number): void {
    const bytes = this.#arena.bytesOf(ref);
    const offset = this.#arena.offsetOf(ref);
    writeU32(bytes, offset + 4, batch);
    writeU32(bytes, offset + 12, end - start);
    copyBytes(saved, start, end, bytes, offset + ENTRY_HEAD_BYTES + entryKeyBytes(bytes, offset));
  }

  bytesOf(ref: number): Uint8Array {
    return this.#arena.bytesOf(ref);
  }

  wordsOf(ref: number): DataView {
    return this.#arena.wordsOf(ref);
  }

  /** Where the engine's key of the entry begins. */
  keyAt(ref: number): number {
    return this.#arena.offsetOf(ref) + ENTRY_HEAD_BYTES;
  }

  recordAt(ref: number): number {
    const at = this.#arena.offsetOf(ref);
    return at + ENTRY_HEAD_BYTES + (this.#arena.wordsOf(ref).getUint32(at + 8, true) & KEY_LENGTH_MASK);
  }

  recordBytes(ref: number): number {
    return this.#arena.wordsOf(ref).getUint32(this.#arena.offsetOf(ref) + 12, true);
  }

  kindOf(ref: number): number {
    return entryKind(this.#arena.bytesOf(ref), this.#arena.offsetOf(ref));
  }

  /** The low 32 bits of the batch that wrote the entry last. */
  batchOf(ref: number): number {
    return this.#arena.wordsOf(ref).getUint32(this.#arena.offsetOf(ref) + 4, true);
  }

  /** What the entry replaced, or 0. */
  previousOf(ref: number): number {
    return this.#arena.wordsOf(ref).getUint32(this.#arena.offsetOf(ref), true);
  }

  keyOf(ref: number, into: EngineKey): EngineKey {
    const bytes = this.bytesOf(ref);
    const at = this.keyAt(ref);
    into.bucket = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    into.position = readU32BigEndian(bytes, at + 2);
    into.bytes = bytes;
    into.start = at + KEY_PREFIX_BYTES;
    into.end = this.recordAt(ref);
    into.hash = -1;
    return into;
  }

  /** Gives the memory back. Nobody may hold a ref any more. */
  release(): void {
    this.#arena.release();
    this.#tables.length = 0;
  }

  #mayRewrite(ref: number, recordBytes: number): boolean {
    const words = this.#arena.wordsOf(ref);
    const at = this.#arena.offsetOf(ref);
    const lengthAndFlags = words.getUint32(at + 8, true);
    if (lengthAndFlags >>> 24 === PART_BIT) return false;
    const fixed = ENTRY_HEAD_BYTES + (lengthAndFlags & KEY_LENGTH_MASK);
    if (paddedBytes(fixed + recordBytes) !== paddedBytes(fixed + words.getUint32(at + 12, true))) return false;
    return this.#protectedBatch < 0 || isAbove(words.getUint32(at + 4, true), this.#protectedBatch);
  }

  #saveFor(ref: number, batch: number): void {
    const words = this.#arena.wordsOf(ref);
    const at = this.#arena.offsetOf(ref);
    const before = words.getUint32(at + 4, true);
    // What this very batch wrote is taken back with the step that wrote it.
    if (before === batch && this.#undoBatch === batch) return;
    this.#beginUndo(batch);
    const recordAt = at + ENTRY_HEAD_BYTES + (words.getUint32(at + 8, true) & KEY_LENGTH_MASK);
    const recordEnd = recordAt + words.getUint32(at + 12, true);
    this.#undo.rewrites(ref, before, this.#arena.bytesOf(ref), recordAt, recordEnd);
  }

  #beginUndo(batch: number): void {
    if (this.#undoBatch === batch) return;
    this.#undo.clear();
    this.#undoBatch = batch;
  }

  #markDead(ref: number, dead: boolean): void {
    const bytes = this.#arena.bytesOf(ref);
    const at = this.#arena.offsetOf(ref) + 11;
    bytes[at] = dead ? (bytes[at] as number) | DEAD_BIT : (bytes[at] as number) & ~DEAD_BIT;
  }

  #noteBucket(bucket: number): void {
    const last = this.#buckets.length - 1;
    if (last >= 0 && this.#buckets[last] === bucket) return;
    if (!this.#buckets.includes(bucket)) this.#buckets = [...this.#buckets, bucket].sort((a, b) => a - b);
  }

  #tableOf(position: number): RefTable {
    return this.#tables[position >>> (32 - TABLE_BITS)] as RefTable;
  }

  #hash(key: EngineKey): number {
    if (key.hash < 0) key.hash = keyHash(key.bucket, key.bytes, key.start, key.end, this.#key0, this.#key1);
    return key.hash;
  }

  /** The key's place in its table, or -1. */
  #place(table: RefTable, key: EngineKey, hash: number): number {
    for (let at = table.first(hash); ; at = table.next(at)) {
      const ref = table.refAt(at);
      if (ref === 0) return -1;
      if (table.hashAt(at) === hash && this.#holds(ref, key)) return at;
    }
  }

  /** The place of a ref that is known to be there: no key is compared. */
  #placeOf(table: RefTable, ref: number, hash: number): number {
    let at = table.first(hash);
    while (table.refAt(at) !== ref) at = table.next(at);
    return at;
  }

  #holds(ref: number, key: EngineKey): boolean {
    const bytes = this.#arena.bytesOf(ref);
    const offset = this.#arena.offsetOf(ref);
    const words = this.#arena.wordsOf(ref);
    const keyStart = offset + ENTRY_HEAD_BYTES + KEY_PREFIX_BYTES;
    const keyBytes = (words.getUint32(offset + 8, true) & KEY_LENGTH_MASK) - KEY_PREFIX_BYTES;
    if (keyBytes !== key.end - key.start) return false;
    // The bucket stands first, big-endian.
    if (words.getUint16(offset + ENTRY_HEAD_BYTES) !== key.bucket) return false;
    return equalBytes(bytes, keyStart, keyStart + keyBytes, key.bytes, key.start, key.end);
  }
}

/** Whether a batch is above another, given the low 32 bits of both: a memtable never spans 2^31 batches. */
function isAbove(batch: number, other: number): boolean {
  return ((batch - other) | 0) > 0;
}
