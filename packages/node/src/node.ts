/**
 * One node: what every door calls. It owns the engine, the stamps and the coordinator; it does no I/O of its own.
 */
import { compareBytes } from '@torc/base/bytes';
import { isLive } from '@torc/base/record/fate';
import type { TorcRecord } from '@torc/base/record/record';
import { decodeRecord } from '@torc/base/record/codec';
import type { Engine } from '@torc/storage/engine';
import { EngineKey } from '@torc/storage/key';
import type { RecoveryReport } from '@torc/storage/recovery';
import type { Bucket } from './bucket.ts';
import type { Coordinator } from './coordinator/coordinator.ts';
import type { NodeLimits } from './options.ts';
import type { ExpiryClock } from './replica/expiry-clock.ts';
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
  readonly clock: ExpiryClock;
  readonly engine: Engine;
  readonly stamps: StampSource;
  readonly coordinator: Coordinator;
  readonly identity: NodeIdentity;
  readonly limits: NodeLimits;
  readonly buckets: readonly Bucket[];
}

/** Where a scan goes on: behind this key of this position. */
export interface ScanPlace {
  readonly position: number;
  readonly key: Uint8Array;
}

export class TorcNode {
  readonly coordinator: Coordinator;
  readonly identity: NodeIdentity;
  readonly limits: NodeLimits;
  readonly buckets: readonly Bucket[];
  readonly #parts: NodeParts;
  readonly #scanKey = new EngineKey();

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

  get recovery(): RecoveryReport {
    return this.#parts.engine.recovery;
  }

  /** ms since 1970, by the same clock that expiry is judged by. */
  wallMs(): number {
    return this.#parts.clock.wallMs();
  }

  /**
   * Hands the live keys of a bucket to `visit` in order (position, then key bytes), at most `limit`, from behind `after`.
   * Returns where to go on, or `undefined` at the end. What `visit` is given is valid during the call only.
   */
  scan(
    db: number,
    after: ScanPlace | undefined,
    limit: number,
    visit: (bytes: Uint8Array, start: number, end: number, record: TorcRecord) => void,
  ): ScanPlace | undefined {
    const { memtable } = this.#parts.engine;
    const wallMs = this.wallMs();
    let left = limit;
    let last: ScanPlace | undefined;
    for (const ref of memtable.inOrder(db, after?.position ?? 0, 0xffffffff)) {
      const key = memtable.keyOf(ref, this.#scanKey);
      if (after !== undefined && key.position === after.position && !isBehind(key, after.key)) continue;
      if (left === 0) return last;
      const at = memtable.recordAt(ref);
      const record = decodeRecord(memtable.bytesOf(ref), at, at + memtable.recordBytes(ref));
      const winner = record.siblings[0];
      if (winner === undefined || !isLive(winner, wallMs)) continue;
      visit(key.bytes, key.start, key.end, record);
      last = { position: key.position, key: key.bytes.slice(key.start, key.end) };
      left -= 1;
    }
    return undefined;
  }

  /** Figures for INFO and, later, metrics. */
  figures(): NodeFigures {
    const { engine, stamps } = this.#parts;
    return {
      keys: engine.memtable.count,
      keysByDb: new Map(this.buckets.map(({ db }) => [db, engine.memtable.valueCount(db)])),
      memtableLiveBytes: engine.memtable.liveBytes,
      memtableHeldBytes: engine.memtable.heldBytes,
      logBytes: engine.logBytes,
      syncP99Ms: engine.syncP99Ms,
      diskFull: engine.isFull,
      lastStamp: stamps.last,
    };
  }

  /** Writes a checkpoint, so that the log before it can go. */
  checkpoint(): Promise<void> {
    return this.#parts.engine.checkpoint();
  }

  /** Makes everything accepted so far durable, marks a clean end and lets go of the disk. */
  close(): Promise<void> {
    return this.#parts.engine.close();
  }
}

export interface NodeFigures {
  /** Keys held, tombstones included. */
  readonly keys: number;
  /** By bucket number: keys that have a value, expired ones included until they are forgotten. */
  readonly keysByDb: ReadonlyMap<number, number>;
  readonly memtableLiveBytes: number;
  readonly memtableHeldBytes: number;
  readonly logBytes: number;
  readonly syncP99Ms: number;
  readonly diskFull: boolean;
  readonly lastStamp: number;
}

function isBehind(key: EngineKey, other: Uint8Array): boolean {
  return compareBytes(key.bytes, key.start, key.end, other, 0, other.length) > 0;
}
