/**
 * Reads: from memory at once, from the disk in the turn where that is fast and allowed, else the caller is told to load
 * first. One path for all of them (`lookup.ts`); what comes from tables is kept in the record cache.
 */
import { Refusal } from '@torc/base/errors';
import type { Clock } from '@torc/base/ports/clock';
import type { EngineParts } from '../engine-parts.ts';
import type { EngineKey } from '../key.ts';
import type { BlockWant, Cursor } from './cursor.ts';
import { ABSENT, FOUND, NEEDS_DISK } from './lookup.ts';
import { NEEDS_LOAD } from './needs-disk.ts';
import type { ReadTrace } from './read-trace.ts';
import { FROM_RECORD_CACHE, FROM_SEVERAL, FROM_TABLES, type RecordView } from './record-view.ts';

export class Reader {
  readonly #parts: EngineParts;
  readonly #clock: Clock;
  readonly #isClosed: () => boolean;
  /** Whether reads may block the turn for as long as they need. */
  #blocking = false;

  constructor(parts: EngineParts, clock: Clock, isClosed: () => boolean) {
    this.#parts = parts;
    this.#clock = clock;
    this.#isClosed = isClosed;
  }

  /** `Engine.read`. */
  read(key: EngineKey, view: RecordView): boolean {
    const found = this.readForWrite(key, view);
    if (view.from >= FROM_TABLES) this.#remember(key, view);
    return found;
  }

  /** `Engine.readForWrite`. */
  readForWrite(key: EngineKey, view: RecordView): boolean {
    const code = this.#parts.lookup.peek(key, view);
    const found = code === NEEDS_DISK ? this.#readNow(key, view) : code === FOUND;
    if (view.from >= FROM_RECORD_CACHE) {
      const { dropping } = this.#parts;
      if (dropping.any && !this.#blocking && dropping.has(key)) throw NEEDS_LOAD;
    }
    return found;
  }

  #readNow(key: EngineKey, view: RecordView): boolean {
    const { lookup, blocks } = this.#parts;
    // All that was read stays in reach until the end: a cache without room would give up one block for the next.
    const held: BlockWant[] = [];
    try {
      for (;;) {
        if (!this.#blocking && !blocks.mayBlock) throw NEEDS_LOAD;
        const want = lookup.wants as BlockWant;
        blocks.hold(want, blocks.loadNow(want));
        held.push(want);
        const code = lookup.peek(key, view);
        if (code !== NEEDS_DISK) return code === FOUND;
      }
    } finally {
      for (const want of held) blocks.letGo(want);
    }
  }

  /** `Engine.load`. */
  async load(keys: readonly EngineKey[], view: RecordView): Promise<void> {
    const { blocks, dropping } = this.#parts;
    const held: BlockWant[] = [];
    try {
      for (const key of keys) await this.#loadKey(key, view, held);
      await dropping.settle(keys);
    } finally {
      // In reach of whoever waits for this.
      this.#clock.onTurnEnd(() => {
        for (const want of held) blocks.letGo(want);
      });
    }
  }

  async #loadKey(key: EngineKey, view: RecordView, held: BlockWant[]): Promise<void> {
    const { shelf, lookup, blocks } = this.#parts;
    for (;;) {
      this.#requireOpen();
      if (lookup.peek(key, view) !== NEEDS_DISK) break;
      const want = lookup.wants as BlockWant;
      // The table that it names stays open while it is read.
      const version = shelf.current;
      version.pin();
      try {
        blocks.hold(want, await blocks.loadLater(want));
        held.push(want);
      } finally {
        version.unpin();
      }
    }
    if (view.from >= FROM_TABLES) this.#remember(key, view);
  }

  /** `Engine.provide`. */
  async provide(cursor: Cursor): Promise<void> {
    this.#requireOpen();
    const { blocks } = this.#parts;
    const want = cursor.wants as BlockWant;
    cursor.provide(blocks.mayBlock ? blocks.loadToHold(want) : await blocks.loadLater(want));
  }

  /** `Engine.withLoaded`. */
  withLoaded<T>(work: () => T): T {
    const before = this.#blocking;
    this.#blocking = true;
    try {
      return work();
    } finally {
      this.#blocking = before;
    }
  }

  /** `Engine.explain`. */
  explain(key: EngineKey, view: RecordView, trace: ReadTrace): boolean {
    const { lookup, blocks } = this.#parts;
    const held: BlockWant[] = [];
    try {
      for (;;) {
        const code = lookup.peek(key, view, trace);
        if (code !== NEEDS_DISK) return code !== ABSENT;
        const want = lookup.wants as BlockWant;
        const beganMs = this.#clock.monotonicMs();
        blocks.hold(want, blocks.loadNow(want));
        held.push(want);
        const tookMs = this.#clock.monotonicMs() - beganMs;
        trace.block(want.owner.number, want.handle.offset, want.handle.storedBytes, 'disk', tookMs);
      }
    } finally {
      for (const want of held) blocks.letGo(want);
    }
  }

  #requireOpen(): void {
    if (this.#isClosed()) throw new Refusal('stopped', 'the node is closing');
  }

  #remember(key: EngineKey, view: RecordView): void {
    // The record cache is asked only where no memtable has the key, and keeps to that.
    if (view.from === FROM_SEVERAL && view.ref !== 0) return;
    const { memtables, records } = this.#parts;
    if (view.from === FROM_SEVERAL && memtables.frozen.some(({ memtable }) => memtable.find(key) !== 0)) return;
    records.put(key, key.hash, view.bytes, view.start, view.end);
  }
}
