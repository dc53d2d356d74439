/**
 * The read path: memtable, frozen memtables, record cache, then tables from the newest run down, merged by record rules.
 *
 * `peek` answers from memory alone. Where that does not suffice it says `NEEDS_DISK` and `wants` names a block; load it and
 * peek again. Nothing is allocated per read that finds a whole record in memory.
 */
import { copyBytes } from '@torc/base/bytes';
import { DamageError } from '@torc/base/errors';
import type { Probe } from '@torc/base/ports/probe';
import { RecordCache } from '../cache/record-cache.ts';
import { ENTRY_WHOLE } from '../commit-log/entry.ts';
import { EngineKey, KEY_PREFIX_BYTES, writeKeyPrefix } from '../key.ts';
import { keyHash } from '../key-hash.ts';
import type { MemtableSet } from '../memtable/memtable-set.ts';
import type { BlockHandle, BlockOwner, BlockSource } from '../sstable/block-source.ts';
import { TableLookup } from '../sstable/table-lookup.ts';
import type { TableShelf, Version } from '../version/table-shelf.ts';
import { isInRanges, tableFor, type LiveTable, type Run } from '../version/version.ts';
import type { BlockWant } from './cursor.ts';
import { RecordFold } from './fold.ts';
import type { ReadTrace } from './read-trace.ts';
import {
  FROM_ACTIVE,
  FROM_FROZEN,
  FROM_RECORD_CACHE,
  FROM_SEVERAL,
  FROM_TABLES,
  type RecordView,
} from './record-view.ts';

export const ABSENT = 0;
export const FOUND = 1;
export const NEEDS_DISK = 2;

export type LookupCode = typeof ABSENT | typeof FOUND | typeof NEEDS_DISK;

/** What a lookup looks into. */
export interface LookupParts {
  readonly memtables: MemtableSet;
  readonly shelf: TableShelf;
  readonly records: RecordCache;
  readonly blocks: BlockSource;
  readonly hashKey0: number;
  readonly hashKey1: number;
  readonly probe: Probe;
  pendingBatch(batchLow: number): number;
}

export class Lookup {
  /** After `NEEDS_DISK`. */
  wants: BlockWant | undefined;
  readonly #parts: LookupParts;
  readonly #fold: RecordFold;
  readonly #frozenIsDurable: boolean;
  readonly #inTable = new TableLookup();
  readonly #tracing: TracingSource;
  /** The engine's key, written out: made only when tables are asked. */
  #keyBytes = new Uint8Array(256);

  constructor(parts: LookupParts) {
    this.#parts = parts;
    this.#fold = new RecordFold(parts.probe.planted('newest-sequence-wins'));
    this.#frozenIsDurable = parts.probe.planted('frozen-memtable-called-durable');
    this.#tracing = new TracingSource(parts.blocks);
  }

  peek(key: EngineKey, view: RecordView, trace?: ReadTrace): LookupCode {
    const { active } = this.#parts.memtables;
    const { memtable } = active;
    view.clear();
    const ref = memtable.find(key);
    if (ref !== 0) {
      view.ref = ref;
      view.pendingBatch = this.#parts.pendingBatch(memtable.batchOf(ref));
      view.bytes = memtable.bytesOf(ref);
      view.start = memtable.recordAt(ref);
      view.end = view.start + memtable.recordBytes(ref);
      view.from = FROM_ACTIVE;
      const whole = memtable.kindOf(ref) === ENTRY_WHOLE;
      trace?.memtable(0, whole ? 'whole' : 'part');
      if (whole) return FOUND;
      return this.#below(key, view, true, trace);
    }
    trace?.memtable(0, 'absent');
    return this.#below(key, view, false, trace);
  }

  /** Looks below the active memtable. `hasPart`: what the view shows is a part of the answer. */
  #below(key: EngineKey, view: RecordView, hasPart: boolean, trace: ReadTrace | undefined): LookupCode {
    const { memtables, shelf, records } = this.#parts;
    const fold = this.#fold;
    fold.reset();
    if (hasPart) fold.add(2, view.bytes, view.start, view.end);
    for (const [at, { memtable }] of memtables.frozen.entries()) {
      const ref = memtable.find(key);
      const kind = ref === 0 ? 0 : memtable.kindOf(ref);
      trace?.memtable(at + 1, kind === 0 ? 'absent' : kind === ENTRY_WHOLE ? 'whole' : 'part');
      if (kind === 0) continue;
      this.#await(view, memtable.batchOf(ref));
      const start = memtable.recordAt(ref);
      const alone = fold.empty;
      const more = fold.add(kind, memtable.bytesOf(ref), start, start + memtable.recordBytes(ref));
      if (!more) return this.#show(view, alone ? FROM_FROZEN : FROM_SEVERAL);
    }
    if (fold.empty && records.count > 0) {
      const ref = records.find(key, this.#hash(key));
      trace?.recordCache(ref === 0 ? 'absent' : 'hit');
      if (ref !== 0) {
        view.bytes = records.bytesOf(ref);
        view.start = records.recordAt(ref);
        view.end = records.recordEnd(ref);
        view.from = FROM_RECORD_CACHE;
        return FOUND;
      }
    }
    if (shelf.current.runs.length > 0) {
      const code = this.#tables(key, shelf.current, view, trace);
      if (code !== ABSENT) return code;
    }
    return fold.empty ? ABSENT : this.#show(view, FROM_SEVERAL);
  }

  /** The newest batch of a frozen memtable may still be on its way to the disk. */
  #await(view: RecordView, batchLow: number): void {
    if (this.#frozenIsDurable) return;
    view.pendingBatch = Math.max(view.pendingBatch, this.#parts.pendingBatch(batchLow));
  }

  #tables(key: EngineKey, version: Version, view: RecordView, trace: ReadTrace | undefined): LookupCode {
    const fold = this.#fold;
    const lookup = this.#inTable;
    this.#writeKey(key);
    lookup.hash = this.#hash(key);
    const aloneBefore = fold.empty;
    let found = 0;
    for (const run of version.runs) {
      const code = this.#inRun(run, trace);
      if (code === NEEDS_DISK) {
        this.wants = lookup.wants;
        return NEEDS_DISK;
      }
      if (code === ABSENT) continue;
      found += 1;
      if (!fold.add(lookup.kind, lookup.recordBytes, lookup.recordStart, lookup.recordEnd)) {
        return this.#show(view, aloneBefore && found === 1 ? FROM_TABLES : FROM_SEVERAL);
      }
    }
    return found === 0 ? ABSENT : this.#show(view, FROM_SEVERAL);
  }

  #inRun(run: Run, trace: ReadTrace | undefined): LookupCode {
    const lookup = this.#inTable;
    const live = tableFor(run, lookup.keyBytes, lookup.keyStart, lookup.keyEnd);
    if (live === undefined) {
      if (trace !== undefined)
        for (const { placed } of run.tables) trace.table(placed.meta.number, run.rank, 'outside its bounds');
      return ABSENT;
    }
    const { holes } = live.placed;
    if (holes.length > 0 && isInRanges(holes, lookup.keyBytes, lookup.keyStart, lookup.keyEnd)) {
      trace?.table(live.placed.meta.number, run.rank, 'in a dropped range');
      return ABSENT;
    }
    return trace === undefined ? live.table.find(lookup, this.#parts.blocks) : this.#traced(live, trace);
  }

  #traced(live: LiveTable, trace: ReadTrace): LookupCode {
    const lookup = this.#inTable;
    const { number } = live.placed.meta;
    this.#tracing.trace = trace;
    let code: LookupCode;
    try {
      code = live.table.find(lookup, this.#tracing);
    } catch (error) {
      if (error instanceof DamageError) trace.table(number, live.placed.rank, 'damaged');
      throw error;
    }
    if (code === FOUND) trace.table(number, live.placed.rank, lookup.kind === ENTRY_WHOLE ? 'whole' : 'part');
    if (code === ABSENT) {
      const verdict =
        lookup.filterVerdict === 'absent'
          ? 'absent by its filter'
          : lookup.filterVerdict === 'maybe'
            ? 'absent, though its filter let it pass'
            : 'absent, it has no filter';
      trace.table(number, live.placed.rank, verdict);
    }
    return code;
  }

  #show(view: RecordView, from: number): LookupCode {
    const fold = this.#fold;
    view.bytes = fold.bytes;
    view.start = fold.start;
    view.end = fold.end;
    view.from = from;
    return FOUND;
  }

  #writeKey(key: EngineKey): void {
    const length = KEY_PREFIX_BYTES + key.end - key.start;
    if (length > this.#keyBytes.length) this.#keyBytes = new Uint8Array(length * 2);
    writeKeyPrefix(this.#keyBytes, 0, key.bucket, key.position);
    copyBytes(key.bytes, key.start, key.end, this.#keyBytes, KEY_PREFIX_BYTES);
    const lookup = this.#inTable;
    lookup.keyBytes = this.#keyBytes;
    lookup.keyStart = 0;
    lookup.keyEnd = length;
  }

  #hash(key: EngineKey): number {
    const { hashKey0, hashKey1 } = this.#parts;
    if (key.hash < 0) key.hash = keyHash(key.bucket, key.bytes, key.start, key.end, hashKey0, hashKey1);
    return key.hash;
  }
}

/** Tells the trace of every block that a read found in memory; those it lacked are told by whoever loads them. */
class TracingSource implements BlockSource {
  trace: ReadTrace | undefined;
  readonly #blocks: BlockSource;

  constructor(blocks: BlockSource) {
    this.#blocks = blocks;
  }

  peek(owner: BlockOwner, handle: BlockHandle): Uint8Array | undefined {
    const block = this.#blocks.peek(owner, handle);
    if (block !== undefined) this.trace?.block(owner.number, handle.offset, block.length, 'memory', 0);
    return block;
  }
}
