/**
 * The memtable: the newest whole record of every key, as bytes in an arena behind hash tables. No object per entry.
 *
 * 256 tables, chosen by the top bits of the position, each grow on their own, so that no growth stops the turn for long,
 * and a scan of one tag looks at one table. The hash is keyed (`halfSipHash13`): nobody outside can choose collisions.
 *
 * An entry, at a multiple of 8:
 *
 *     u32  ref of the entry that this one replaced, 0 for none   (for `undo`, while the batch is not durable)
 *     u32  low 32 bits of the batch that made it
 *     u32  length of the engine's key; the top bit says that the entry is dead, so that `compact` passes over it
 *     u32  length of the record
 *     the engine's key, the record
 *
 * Invariants:
 * 1. An entry is never changed in place once linked: readers and the log may hold its range for the rest of the turn.
 * 2. `undo` is called newest first, and only for entries that no `compact` ran over.
 */
import { assert } from '@torc/base/assert';
import { compareBytes, copyBytes, equalBytes, readU32, readU32BigEndian, writeU32 } from '@torc/base/bytes';
import { halfSipHash13 } from '@torc/base/hash';
import { winnerIsTombstone } from '@torc/base/record/single';
import { EngineKey, KEY_PREFIX_BYTES, writeKeyPrefix } from '../key.ts';
import { Arena } from './arena.ts';
import { RefTable } from './ref-table.ts';

const ENTRY_HEAD_BYTES = 16;
const KEY_LENGTH_MASK = 0x7fffffff;
const DEAD_BIT = 0x80;
const TABLE_BITS = 8;
const BUCKETS = 0x10000;

export class Memtable {
  readonly #arena = new Arena();
  readonly #tables: RefTable[] = [];
  readonly #key0: number;
  readonly #key1: number;
  readonly #scratch = new EngineKey();
  #count = 0;
  /** By bucket: keys whose winner is a value, expired or not. */
  readonly #values = new Uint32Array(BUCKETS);

  constructor(hashKey0: number, hashKey1: number) {
    this.#key0 = hashKey0;
    this.#key1 = hashKey1;
    for (let i = 0; i < 1 << TABLE_BITS; i += 1) this.#tables.push(new RefTable());
  }

  /** Keys held, tombstones included. */
  get count(): number {
    return this.#count;
  }

  /** Keys of a bucket whose winner is no tombstone. */
  valueCount(bucket: number): number {
    return this.#values[bucket] as number;
  }

  get liveBytes(): number {
    return this.#arena.liveBytes;
  }

  get heldBytes(): number {
    let bytes = this.#arena.heldBytes;
    for (const table of this.#tables) bytes += table.bytes;
    return bytes;
  }

  /** The ref of the key's entry, or 0. */
  find(key: EngineKey): number {
    const table = this.#tableOf(key.position);
    const at = this.#place(table, key, this.#hash(key));
    return at < 0 ? 0 : table.refAt(at);
  }

  /** Room for an entry with its key written; not linked yet. The record goes to `recordAt(ref)`. */
  stage(key: EngineKey, recordBytes: number): number {
    const keyBytes = KEY_PREFIX_BYTES + key.end - key.start;
    const ref = this.#arena.allocate(ENTRY_HEAD_BYTES + keyBytes + recordBytes);
    const bytes = this.#arena.bytesOf(ref);
    const at = this.#arena.offsetOf(ref);
    writeU32(bytes, at, 0);
    writeU32(bytes, at + 8, keyBytes);
    writeU32(bytes, at + 12, recordBytes);
    writeKeyPrefix(bytes, at + ENTRY_HEAD_BYTES, key.bucket, key.position);
    copyBytes(key.bytes, key.start, key.end, bytes, at + ENTRY_HEAD_BYTES + KEY_PREFIX_BYTES);
    return ref;
  }

  /** Makes a staged entry the key's newest. */
  link(ref: number, key: EngineKey, batch: number): void {
    const hash = this.#hash(key);
    const table = this.#tableOf(key.position);
    const at = this.#place(table, key, hash);
    const bytes = this.#arena.bytesOf(ref);
    const offset = this.#arena.offsetOf(ref);
    writeU32(bytes, offset + 4, batch >>> 0);
    this.#countValue(key.bucket, ref, 1);
    if (at < 0) {
      table.insert(hash, ref);
      this.#count += 1;
      return;
    }
    const old = table.refAt(at);
    writeU32(bytes, offset, old);
    table.replace(at, ref);
    this.#countValue(key.bucket, old, -1);
    this.#arena.release(old, this.#entryBytes(old));
    this.#markDead(old, true);
  }

  /** Takes a linked entry back: what it replaced is the newest again. */
  undo(ref: number): void {
    const key = this.keyOf(ref, this.#scratch);
    const table = this.#tableOf(key.position);
    const at = this.#place(table, key, this.#hash(key));
    assert(at >= 0 && table.refAt(at) === ref, 'only the newest entry of a key is undone');
    const old = readU32(this.bytesOf(ref), this.#arena.offsetOf(ref));
    this.#countValue(key.bucket, ref, -1);
    if (old === 0) {
      table.remove(at);
      this.#count -= 1;
    } else {
      table.replace(at, old);
      this.#countValue(key.bucket, old, 1);
      this.#markDead(old, false);
      this.#arena.release(old, -this.#entryBytes(old));
    }
    this.#arena.release(ref, this.#entryBytes(ref));
  }

  /** Forgets a key whose record is below the horizon. Its entry must be durable. */
  drop(ref: number): void {
    const key = this.keyOf(ref, this.#scratch);
    const table = this.#tableOf(key.position);
    const at = this.#place(table, key, this.#hash(key));
    if (at < 0 || table.refAt(at) !== ref) return;
    table.remove(at);
    this.#count -= 1;
    this.#countValue(key.bucket, ref, -1);
    this.#arena.release(ref, this.#entryBytes(ref));
  }

  bytesOf(ref: number): Uint8Array {
    return this.#arena.bytesOf(ref);
  }

  /** Where the engine's key of the entry begins. */
  keyAt(ref: number): number {
    return this.#arena.offsetOf(ref) + ENTRY_HEAD_BYTES;
  }

  recordAt(ref: number): number {
    const at = this.#arena.offsetOf(ref);
    return at + ENTRY_HEAD_BYTES + (readU32(this.#arena.bytesOf(ref), at + 8) & KEY_LENGTH_MASK);
  }

  recordBytes(ref: number): number {
    return readU32(this.#arena.bytesOf(ref), this.#arena.offsetOf(ref) + 12);
  }

  /** The low 32 bits of the batch that made the entry. */
  batchOf(ref: number): number {
    return readU32(this.#arena.bytesOf(ref), this.#arena.offsetOf(ref) + 4);
  }

  /** What the entry replaced, or 0. Tells the truth only while the entry's batch is not durable. */
  previousOf(ref: number): number {
    return readU32(this.#arena.bytesOf(ref), this.#arena.offsetOf(ref));
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

  /**
   * Refs of a bucket's entries whose position lies in [from, to], in key order. Order is made here, when it is asked for:
   * one table at a time, so that the cost is that of the tables that the range touches.
   */
  *inOrder(bucket: number, from: number, to: number): Generator<number> {
    const shift = 32 - TABLE_BITS;
    for (let i = from >>> shift; i <= to >>> shift; i += 1) {
      const refs: number[] = [];
      for (const ref of (this.#tables[i] as RefTable).refs()) {
        const key = this.keyOf(ref, this.#scratch);
        if (key.bucket === bucket && key.position >= from && key.position <= to) refs.push(ref);
      }
      yield* refs.sort((a, b) => this.#compare(a, b));
    }
  }

  /** Every ref of one of the 256 tables, in no order, as an array: the table may change while it is walked. */
  tableRefs(table: number): number[] {
    return [...(this.#tables[table] as RefTable).refs()];
  }

  get tableCount(): number {
    return this.#tables.length;
  }

  /**
   * Empties the chunk with the most dead bytes into fresh room, when half of what is held is dead. Called only while no
   * batch is open: what is in flight is not undone any more (invariant 2). Bounded: one chunk a call.
   */
  compact(): boolean {
    if (this.#arena.heldBytes < 2 * this.#arena.liveBytes + COMPACT_SLACK_BYTES) return false;
    const chunk = this.#arena.worstChunk();
    if (chunk < 0) return false;
    let ref = this.#arena.firstRef(chunk);
    const end = this.#arena.filledBytes(chunk);
    while (this.#arena.offsetOf(ref) < end) {
      const length = this.#entryBytes(ref);
      if (!this.#isDead(ref)) this.#move(ref, length);
      const following = this.#arena.offsetOf(ref) + Math.ceil(length / 8) * 8;
      if (following >= end) break;
      ref += Math.ceil(length / 8);
    }
    this.#arena.freeChunk(chunk);
    return true;
  }

  #move(ref: number, length: number): void {
    const key = this.keyOf(ref, this.#scratch);
    const table = this.#tableOf(key.position);
    const at = this.#place(table, key, this.#hash(key));
    if (at < 0 || table.refAt(at) !== ref) return;
    const from = this.bytesOf(ref);
    const start = this.#arena.offsetOf(ref);
    const fresh = this.#arena.allocate(length);
    copyBytes(from, start, start + length, this.bytesOf(fresh), this.#arena.offsetOf(fresh));
    writeU32(this.bytesOf(fresh), this.#arena.offsetOf(fresh), 0);
    table.replace(at, fresh);
    this.#arena.release(ref, length);
  }

  #countValue(bucket: number, ref: number, change: 1 | -1): void {
    if (winnerIsTombstone(this.bytesOf(ref), this.recordAt(ref))) return;
    this.#values[bucket] = (this.#values[bucket] as number) + change;
  }

  #isDead(ref: number): boolean {
    return ((this.#arena.bytesOf(ref)[this.#arena.offsetOf(ref) + 11] as number) & DEAD_BIT) !== 0;
  }

  #markDead(ref: number, dead: boolean): void {
    const bytes = this.#arena.bytesOf(ref);
    const at = this.#arena.offsetOf(ref) + 11;
    bytes[at] = dead ? (bytes[at] as number) | DEAD_BIT : (bytes[at] as number) & ~DEAD_BIT;
  }

  #entryBytes(ref: number): number {
    const bytes = this.#arena.bytesOf(ref);
    const at = this.#arena.offsetOf(ref);
    return ENTRY_HEAD_BYTES + (readU32(bytes, at + 8) & KEY_LENGTH_MASK) + readU32(bytes, at + 12);
  }

  #tableOf(position: number): RefTable {
    return this.#tables[position >>> (32 - TABLE_BITS)] as RefTable;
  }

  #hash(key: EngineKey): number {
    if (key.hash < 0) key.hash = halfSipHash13(key.bytes, key.start, key.end, this.#key0, this.#key1 ^ key.bucket);
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

  #holds(ref: number, key: EngineKey): boolean {
    const bytes = this.#arena.bytesOf(ref);
    const offset = this.#arena.offsetOf(ref);
    const at = offset + ENTRY_HEAD_BYTES;
    if ((((bytes[at] as number) << 8) | (bytes[at + 1] as number)) !== key.bucket) return false;
    const keyStart = at + KEY_PREFIX_BYTES;
    return equalBytes(
      bytes,
      keyStart,
      at + (readU32(bytes, offset + 8) & KEY_LENGTH_MASK),
      key.bytes,
      key.start,
      key.end,
    );
  }

  #compare(a: number, b: number): number {
    return compareBytes(
      this.bytesOf(a),
      this.keyAt(a),
      this.recordAt(a),
      this.bytesOf(b),
      this.keyAt(b),
      this.recordAt(b),
    );
  }
}

const COMPACT_SLACK_BYTES = 16 * 1024 * 1024;
