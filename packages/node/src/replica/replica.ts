/**
 * A replica: one node's records, and the rules by which a write makes a new one. The only caller of the engine.
 *
 * Blind writes over short clocks, nearly all, are built in place in the engine's memory (`record/single.ts`); writes with a
 * context and long clocks go through record objects (`record/write.ts`). Both make the same bytes.
 */
import { copyBytes } from '@torc/base/bytes';
import { Refusal } from '@torc/base/errors';
import { highestStamp, type Clock as RecordClock } from '@torc/base/record/clock';
import { decodeRecord, encodedBytes, encodeRecordInto } from '@torc/base/record/codec';
import { distinctVersions } from '@torc/base/record/fate';
import type { TorcRecord } from '@torc/base/record/record';
import {
  blindIntervals,
  blindRecordBytes,
  highestStampAt,
  winnerExpiresAtMs,
  winnerIsTombstone,
  winnerValueAt,
  winnerValueBytes,
  writeBlindRecord,
  type BlindVersion,
} from '@torc/base/record/single';
import { writeRecord, type WriteOptions } from '@torc/base/record/write';
import type { Engine } from '@torc/storage/engine';
import type { EngineKey } from '@torc/storage/key';
import type { NodeLimits } from '../options.ts';
import type { ExpiryClock } from './expiry-clock.ts';
import type { StampSource } from './stamp-source.ts';
import type { NextVersion, ReadView } from './views.ts';

export interface ReplicaIdentity {
  readonly actor: number;
  /** No interval of ours that ends below this is extended: what stood above may have been forgotten. */
  readonly lineageFloor: number;
}

/** The parts of a node that a replica stands on. */
export interface ReplicaParts {
  readonly engine: Engine;
  readonly stamps: StampSource;
  readonly clock: ExpiryClock;
  readonly limits: NodeLimits;
}

const NO_BYTES = new Uint8Array(0);

export class Replica {
  #identity: ReplicaIdentity;
  readonly #engine: Engine;
  readonly #stamps: StampSource;
  readonly #clock: ExpiryClock;
  readonly #limits: NodeLimits;
  readonly #version: BlindVersion;

  constructor(parts: ReplicaParts, identity: ReplicaIdentity) {
    this.#identity = identity;
    this.#engine = parts.engine;
    this.#stamps = parts.stamps;
    this.#clock = parts.clock;
    this.#limits = parts.limits;
    this.#version = { ...identity, stamp: 0, tombstone: false, expiresAtMs: 0, valueBytes: 0 };
  }

  /** The answer of a `latest` bucket: the winner, if it lives. */
  read(key: EngineKey, into: ReadView): boolean {
    const ref = this.#engine.find(key);
    into.live = false;
    into.pendingBatch = 0;
    if (ref === 0) return false;
    const { memtable } = this.#engine;
    const bytes = memtable.bytesOf(ref);
    const at = memtable.recordAt(ref);
    into.pendingBatch = this.#engine.pendingBatch(ref);
    if (winnerIsTombstone(bytes, at)) return false;
    const expiresAtMs = winnerExpiresAtMs(bytes, at);
    if (expiresAtMs !== 0 && expiresAtMs <= this.#clock.wallMs()) return false;
    into.live = true;
    into.bytes = bytes;
    into.valueStart = winnerValueAt(bytes, at);
    into.valueEnd = into.valueStart + winnerValueBytes(bytes, at);
    into.expiresAtMs = expiresAtMs;
    return true;
  }

  /** The whole record, copied out; `undefined` when there is none. */
  record(key: EngineKey): TorcRecord | undefined {
    const ref = this.#engine.find(key);
    if (ref === 0) return undefined;
    const { memtable } = this.#engine;
    const at = memtable.recordAt(ref);
    return decodeRecord(memtable.bytesOf(ref), at, at + memtable.recordBytes(ref));
  }

  /**
   * Something was forgotten here: no interval that stands now is extended any more. At every start, and when a batch was
   * refused, since a peer may have been sent what this node then took back.
   */
  raiseLineageFloor(): void {
    this.#identity = { ...this.#identity, lineageFloor: this.#stamps.last + 1 };
    this.#version.lineageFloor = this.#identity.lineageFloor;
  }

  prepare(): void {
    this.#stamps.refresh();
  }

  /** A blind write: its context is the local record's clock. Returns its stamp. Throws a `Refusal`; then nothing changed. */
  write(key: EngineKey, next: NextVersion): number {
    this.#admit(key, next);
    const engine = this.#engine;
    const { memtable } = engine;
    let old = engine.find(key);
    const above = old === 0 ? 0 : highestStampAt(memtable.bytesOf(old), memtable.recordAt(old));
    if (this.#stamps.prepare(above)) old = engine.find(key);
    const oldBytes = old === 0 ? NO_BYTES : memtable.bytesOf(old);
    const oldAt = old === 0 ? -1 : memtable.recordAt(old);
    const { actor, lineageFloor } = this.#identity;
    const intervals = blindIntervals(oldBytes, oldAt, actor, lineageFloor);
    if (intervals < 0) return this.#writeLong(key, next, { lineageFloor });
    const version = this.#version;
    version.stamp = this.#stamps.next(above);
    version.tombstone = next.tombstone;
    version.expiresAtMs = next.expiresAtMs;
    version.valueBytes = next.valueEnd - next.valueStart;
    const ref = engine.stage(key, blindRecordBytes(intervals, version.valueBytes));
    const into = memtable.bytesOf(ref);
    const valueAt = writeBlindRecord(into, memtable.recordAt(ref), oldBytes, oldAt, version);
    copyBytes(next.bytes, next.valueStart, next.valueEnd, into, valueAt);
    engine.publish(ref, key);
    return version.stamp;
  }

  /** A write by a client that had seen `context`: it supersedes that and leaves the rest. Returns its stamp. */
  writeSeen(key: EngineKey, next: NextVersion, context: RecordClock): number {
    this.#admit(key, next);
    return this.#writeLong(key, next, { lineageFloor: this.#identity.lineageFloor, context });
  }

  #admit(key: EngineKey, next: NextVersion): void {
    const limits = this.#limits;
    if (key.end - key.start > limits.keyBytes) {
      throw new Refusal('key-too-long', `a key has at most ${limits.keyBytes} bytes; nothing was written`);
    }
    if (next.valueEnd - next.valueStart > limits.valueBytes) {
      throw new Refusal('value-too-long', `a value has at most ${limits.valueBytes} bytes; nothing was written`);
    }
    this.#engine.admit(next.tombstone);
  }

  #writeLong(key: EngineKey, next: NextVersion, options: WriteOptions): number {
    const local = this.record(key);
    const above = Math.max(highestStamp(local?.clock ?? []), highestStamp(options.context ?? []));
    this.#stamps.prepare(above);
    const dot = { actor: this.#identity.actor, stamp: this.#stamps.next(above) };
    const record = writeRecord(local, versionOf(next), dot, options);
    if (distinctVersions(record.siblings).length > this.#limits.siblings) {
      throw new Refusal(
        'too-many-siblings',
        `a key has at most ${this.#limits.siblings} siblings: read, merge, write back`,
      );
    }
    const ref = this.#engine.stage(key, encodedBytes(record));
    const { memtable } = this.#engine;
    encodeRecordInto(record, memtable.bytesOf(ref), memtable.recordAt(ref));
    this.#engine.publish(ref, key);
    return dot.stamp;
  }
}

function versionOf(next: NextVersion): Parameters<typeof writeRecord>[1] {
  return {
    value: next.bytes.slice(next.valueStart, next.valueEnd),
    ...(next.tombstone ? { tombstone: true as const } : {}),
    ...(next.expiresAtMs === 0 ? {} : { expiresAtMs: next.expiresAtMs }),
  };
}
