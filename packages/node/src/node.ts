/**
 * One node: what every door calls. It owns the engine, the stamps and the coordinator; it does no I/O of its own.
 */
import type { TorcRecord } from '@torc/base/record/record';
import { winnerIsLive, winnerValueAt, winnerValueBytes } from '@torc/base/record/single';
import type { Clock } from '@torc/base/ports/clock';
import type { Engine } from '@torc/storage/engine';
import { engineFigures, type EngineFigures } from '@torc/storage/engine-figures';
import type { CheckpointReport } from '@torc/storage/care/checkpoint';
import { EngineKey } from '@torc/storage/key';
import type { KeyRange } from '@torc/storage/manifest/edit';
import { RecordView } from '@torc/storage/read/record-view';
import type { RecoveryReport } from '@torc/storage/recovery';
import type { Bucket } from './bucket.ts';
import { explainKey } from './explain/explain.ts';
import type { Coordinator } from './coordinator/coordinator.ts';
import type { NodeLimits } from './options.ts';
import type { ExpiryClock } from './replica/expiry-clock.ts';
import { deleteRange } from './replica/delete-range.ts';
import { bucketRange, prefixRange } from './replica/ranges.ts';
import { RecordWalk, type ScanPlace } from './replica/record-walk.ts';
import type { Replica } from './replica/replica.ts';
import type { StampSource } from './replica/stamp-source.ts';

/** Told what becomes of batches; the same events as the engine's, after the node has handled them. */
export interface NodeListener {
  durable(batch: number): void;
  refused(batch: number): void;
  stopped(error: Error): void;
}

export interface NodeIdentity {
  /** Given once and never reused: the first half of every dot made here. */
  readonly actor: number;
  /** How often this node has started: rises by one each time. */
  readonly boot: number;
}

export interface NodeParts {
  readonly ports: { readonly clock: Clock };
  readonly clock: ExpiryClock;
  readonly engine: Engine;
  readonly replica: Replica;
  readonly stamps: StampSource;
  readonly coordinator: Coordinator;
  readonly identity: NodeIdentity;
  readonly limits: NodeLimits;
  readonly buckets: readonly Bucket[];
}

export type { ScanPlace };

/** Is given a key and a value as ranges of bytes. */
export type ValueVisit = (
  key: Uint8Array,
  keyStart: number,
  keyEnd: number,
  value: Uint8Array,
  valueStart: number,
  valueEnd: number,
) => void;

/** Is given a key as a range of bytes, and its record. */
export type RecordVisit = (bytes: Uint8Array, start: number, end: number, record: TorcRecord) => void;

/** Others have their turn after so many records of a scan. */
const PAUSE_EVERY = 1024;

export class TorcNode {
  readonly coordinator: Coordinator;
  readonly identity: NodeIdentity;
  readonly limits: NodeLimits;
  readonly buckets: readonly Bucket[];
  readonly #parts: NodeParts;
  readonly #view = new RecordView();
  readonly #loads = new Set<Promise<void>>();

  constructor(parts: NodeParts) {
    this.coordinator = parts.coordinator;
    this.identity = parts.identity;
    this.limits = parts.limits;
    this.buckets = parts.buckets;
    this.#parts = parts;
  }

  /** The batch that takes what is written now: an answer to a write leaves when it is durable. */
  get openBatch(): number {
    return this.#parts.engine.openBatch;
  }

  get durableBatch(): number {
    return this.#parts.engine.durableBatch;
  }

  /** Bytes waiting for the next sync: a door that has much to write looks here before it takes more. */
  get openBytes(): number {
    return this.#parts.engine.openBytes;
  }

  /** Writes and syncs what is open now, where the disk is fast enough for that to be done in the turn. */
  commitSoon(): void {
    this.#parts.engine.commitSoon();
  }

  /** What this node stands on: for checks and tools, which look below what doors may see. */
  get engine(): Engine {
    return this.#parts.engine;
  }

  get recovery(): RecoveryReport {
    return this.#parts.engine.recovery;
  }

  /** ms since 1970, by the same clock that expiry is judged by. */
  wallMs(): number {
    return this.#parts.clock.wallMs();
  }

  /** Whether every key is in memory: then no read needs the disk. */
  get isInMemory(): boolean {
    return this.#parts.engine.isInMemory;
  }

  /** Brings what reads and writes of these keys need into memory. `withLoaded` in the turn in which this settles. */
  load(keys: readonly EngineKey[]): Promise<void> {
    const load = this.#parts.engine.load(keys, this.#view).finally(() => this.#loads.delete(load));
    this.#loads.add(load);
    return load;
  }

  /** Runs `work`, in which what is not in memory after all is read in the turn. */
  withLoaded<T>(work: () => T): T {
    return this.#parts.engine.withLoaded(work);
  }

  /**
   * Hands the live keys of a bucket to `visit` in order (position, then key bytes), at most `limit`, from behind `after`,
   * all as they were at one moment. Answers where to go on, or `undefined` at the end. What `visit` is given is valid
   * during the call only.
   */
  scan(db: number, after: ScanPlace | undefined, limit: number, visit: RecordVisit): Promise<ScanPlace | undefined> {
    return this.#scan(bucketRange(db), after, limit, visit);
  }

  /** As `scan`, of the keys that begin with a prefix, which holds a whole `{tag}`: they stand together, in order. */
  scanPrefix(
    db: number,
    prefix: Uint8Array,
    after: ScanPlace | undefined,
    limit: number,
    visit: RecordVisit,
  ): Promise<ScanPlace | undefined> {
    return this.#scan(prefixRange(db, prefix), after, limit, visit);
  }

  async #scan(
    range: KeyRange,
    after: ScanPlace | undefined,
    limit: number,
    visit: RecordVisit,
  ): Promise<ScanPlace | undefined> {
    return this.#walk(range, after, limit, (walk) => {
      const { bytes, start, end } = walk.key;
      visit(bytes, start, end, walk.record());
    });
  }

  /** As `scan`, of keys and the values that a `latest` bucket answers: nothing is decoded for it. */
  scanValues(
    db: number,
    after: ScanPlace | undefined,
    limit: number,
    visit: ValueVisit,
  ): Promise<ScanPlace | undefined> {
    return this.#walk(bucketRange(db), after, limit, (walk) => {
      const { bytes, start, end } = walk.key;
      const value = winnerValueAt(walk.recordBytes, walk.recordStart);
      visit(bytes, start, end, walk.recordBytes, value, value + winnerValueBytes(walk.recordBytes, walk.recordStart));
    });
  }

  async #walk(
    range: KeyRange,
    after: ScanPlace | undefined,
    limit: number,
    visit: (walk: RecordWalk) => void,
  ): Promise<ScanPlace | undefined> {
    const { engine } = this.#parts;
    const wallMs = this.wallMs();
    const snapshot = engine.snapshots.take();
    try {
      const walk = new RecordWalk(engine, snapshot, range);
      let left = limit;
      let last: ScanPlace | undefined;
      for (let more = await walk.begin(after); more; more = walk.nextNow() ?? (await walk.next())) {
        if (left === 0) return last;
        if (!winnerIsLive(walk.recordBytes, walk.recordStart, wallMs)) continue;
        visit(walk);
        left -= 1;
        // Copied only where it may be needed: at the last one.
        if (left === 0) last = walk.place();
        else if (left % PAUSE_EVERY === 0) await engine.pause();
      }
      return undefined;
    } finally {
      snapshot.close();
    }
  }

  /** Deletes every live key of a bucket, or those that begin with a prefix (`scanPrefix`). Answers how many there were. */
  deleteRange(db: number, prefix?: Uint8Array): Promise<number> {
    const { engine, replica } = this.#parts;
    const range = prefix === undefined ? bucketRange(db) : prefixRange(db, prefix);
    return deleteRange(engine, replica, range, () => this.wallMs());
  }

  /** How a read of the key goes, step by step, as lines for a person. It may block the turn for reads of the disk. */
  explain(db: number, bytes: Uint8Array, start: number, end: number): string[] {
    const { engine, ports } = this.#parts;
    return explainKey(engine, ports.clock, this.wallMs(), new EngineKey().aim(db, bytes, start, end));
  }

  /** A consistent copy of everything acknowledged so far, in `checkpoints/<name>` of the data directory. */
  checkpoint(name: string): Promise<CheckpointReport> {
    return this.#parts.engine.checkpoint(name);
  }

  /** Figures for INFO and, later, metrics. */
  figures(): NodeFigures {
    const { engine, stamps } = this.#parts;
    return {
      keysByDb: new Map(this.buckets.map(({ db }) => [db, engine.valueCount(db)])),
      engine: engineFigures(engine),
      lastStamp: stamps.last,
    };
  }

  /** Brings everything written so far into tables, so that the log before it can go. */
  flush(): Promise<void> {
    return this.#parts.engine.flush();
  }

  /** Makes everything accepted so far durable, marks a clean end and lets go of the disk. */
  async close(): Promise<void> {
    // They read files that the engine is about to close.
    await Promise.allSettled(this.#loads);
    await this.#parts.engine.close();
  }
}

export interface NodeFigures {
  /** By bucket number: keys that have a value, expired ones included until they are forgotten. */
  readonly keysByDb: ReadonlyMap<number, number>;
  readonly engine: EngineFigures;
  readonly lastStamp: number;
}
