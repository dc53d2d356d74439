/**
 * The coordinator: carries one client request. With one seat per partition every request ends at the local replica; the
 * ring will stand between the two, behind the same calls.
 *
 * Calls are synchronous and answer at once; whether the answer may leave yet is told by batches: a write waits for the
 * node's open batch, a read for its `pendingBatch`.
 */
import type { Clock as RecordClock } from '@torc/base/record/clock';
import type { TorcRecord } from '@torc/base/record/record';
import { EngineKey } from '@torc/storage/key';
import type { Replica } from '../replica/replica.ts';
import { Foreseen } from './foreseen.ts';
import { NextVersion, ReadView } from '../replica/views.ts';

/** What a conditional operation does with what it found. */
export const KEEP = 0;
export const WRITE = 1;

/**
 * A conditional operation as data: it looks at the current value and says what becomes of it. One object per session, not
 * per request; `decide` may be called more than once and changes nothing but `next`.
 */
export interface Change {
  decide(current: ReadView, next: NextVersion): typeof KEEP | typeof WRITE;
}

export class Coordinator {
  readonly #replica: Replica;
  readonly #key = new EngineKey();
  readonly #next = new NextVersion();
  readonly #view = new ReadView();
  readonly #foreseen = new Foreseen();

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  /**
   * Tells of keys that will be asked for next, in this order: the memory that they need is fetched side by side, where one
   * after the other would wait for each. The ranges stay as they are until `forget`.
   */
  foresee(db: number, bytes: Uint8Array, starts: Int32Array, ends: Int32Array, count: number): void {
    this.#foreseen.take(db, bytes, starts, ends, count);
    this.#replica.fetch(this.#foreseen.keys, count);
  }

  /** The bytes that were told of may change. */
  forget(): void {
    this.#foreseen.clear();
  }

  #aim(db: number, bytes: Uint8Array, start: number, end: number): EngineKey {
    return this.#foreseen.find(db, bytes, start, end) ?? this.#key.aim(db, bytes, start, end);
  }

  /** Comes before the writes of one command: what may have to wait for the disk does so here, not between two keys. */
  prepare(): void {
    this.#replica.prepare();
  }

  /** Reads what a `latest` bucket answers. `into` points into the engine: use it before the next call. */
  read(db: number, bytes: Uint8Array, start: number, end: number, into: ReadView): boolean {
    return this.#replica.read(this.#aim(db, bytes, start, end), into);
  }

  /** All siblings with their clock, copied out: what a context is made from. */
  record(db: number, bytes: Uint8Array, start: number, end: number): TorcRecord | undefined {
    return this.#replica.record(this.#aim(db, bytes, start, end));
  }

  /** A write; blind without a `context`. Returns its stamp; throws a `Refusal`. */
  write(db: number, bytes: Uint8Array, start: number, end: number, next: NextVersion, context?: RecordClock): number {
    const key = this.#aim(db, bytes, start, end);
    return context === undefined ? this.#replica.write(key, next) : this.#replica.writeSeen(key, next, context);
  }

  /**
   * A conditional operation, atomic: one seat exists, and nothing comes between the read and the write. Returns whether it
   * wrote; `seen` tells what it found.
   */
  update(db: number, bytes: Uint8Array, start: number, end: number, change: Change, seen: ReadView): boolean {
    const key = this.#aim(db, bytes, start, end);
    this.#replica.read(key, seen);
    if (change.decide(seen, this.#next) === KEEP) return false;
    this.#replica.write(key, this.#next);
    return true;
  }

  /**
   * A delete without a context: it reads at its own level and supersedes what it found. Returns whether there was a live
   * value; a key that answers nothing is left as it is. `seen.pendingBatch` tells whether even that rests on an unsynced write.
   */
  remove(db: number, bytes: Uint8Array, start: number, end: number, seen: ReadView = this.#view): boolean {
    const key = this.#aim(db, bytes, start, end);
    if (!this.#replica.read(key, seen)) return false;
    this.#replica.write(key, this.#next.deletion());
    return true;
  }
}
