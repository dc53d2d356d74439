/**
 * A replica: one node's records, and the rules by which a write makes a new one. The only caller of the engine.
 *
 * Blind writes over short clocks, nearly all, are built in place in the engine's memory (`record/single.ts`); writes with a
 * context and long clocks go through record objects (`record/write.ts`). Both make the same bytes.
 */
import { copyBytes, equalBytes } from '@torc/base/bytes';
import { Refusal } from '@torc/base/errors';
import { highestStamp, type Clock as RecordClock } from '@torc/base/record/clock';
import { decodeRecord, encodedBytes, encodeRecord, encodeRecordInto } from '@torc/base/record/codec';
import { distinctVersions } from '@torc/base/record/fate';
import { extendableInterval, highestStampIn, rewriteBlindRecord, rewrittenBytes } from '@torc/base/record/in-place';
import { mergeRecords } from '@torc/base/record/merge';
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
import { ADDS_VALUE, REMOVES_VALUE, SAME_VALUES } from '@torc/storage/commit-log/entry';
import type { EngineKey } from '@torc/storage/key';
import { FROM_ACTIVE, RecordView } from '@torc/storage/read/record-view';
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
  /** The planted bug: a merge of three siblings keeps two. */
  readonly dropsSiblings?: boolean;
}

export class Replica {
  #identity: ReplicaIdentity;
  readonly #engine: Engine;
  readonly #stamps: StampSource;
  readonly #clock: ExpiryClock;
  readonly #limits: NodeLimits;
  readonly #version: BlindVersion;
  readonly #dropsSiblings: boolean;
  readonly #view = new RecordView();

  constructor(parts: ReplicaParts, identity: ReplicaIdentity) {
    this.#identity = identity;
    this.#engine = parts.engine;
    this.#stamps = parts.stamps;
    this.#clock = parts.clock;
    this.#limits = parts.limits;
    this.#dropsSiblings = parts.dropsSiblings === true;
    this.#version = { ...identity, stamp: 0, tombstone: false, expiresAtMs: 0, valueBytes: 0 };
  }

  /** Has the memory fetched that reads and writes of these keys are about to need. */
  fetch(keys: readonly EngineKey[], count: number): void {
    this.#engine.fetch(keys, count);
  }

  /** The answer of a `latest` bucket: the winner, if it lives. Throws `NEEDS_LOAD` when that takes the disk. */
  read(key: EngineKey, into: ReadView): boolean {
    const view = this.#view;
    into.live = false;
    into.pendingBatch = 0;
    if (!this.#engine.read(key, view)) return false;
    return this.#show(view, into);
  }

  #show(view: RecordView, into: ReadView): boolean {
    const { bytes, start } = view;
    into.pendingBatch = view.pendingBatch;
    if (winnerIsTombstone(bytes, start)) return false;
    const expiresAtMs = winnerExpiresAtMs(bytes, start);
    if (expiresAtMs !== 0 && expiresAtMs <= this.#clock.wallMs()) return false;
    into.live = true;
    into.bytes = bytes;
    into.valueStart = winnerValueAt(bytes, start);
    into.valueEnd = into.valueStart + winnerValueBytes(bytes, start);
    into.expiresAtMs = expiresAtMs;
    return true;
  }

  /** The whole record, copied out; `undefined` when there is none. Throws `NEEDS_LOAD` when that takes the disk. */
  record(key: EngineKey): TorcRecord | undefined {
    const view = this.#view;
    return this.#engine.read(key, view) ? decodeRecord(view.bytes, view.start, view.end) : undefined;
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
    if (next.id !== undefined) return this.#writeLong(key, next, { lineageFloor: this.#identity.lineageFloor });
    const old = this.#view;
    let found = this.#engine.readForWrite(key, old);
    if (old.from === FROM_ACTIVE) {
      const words = this.#engine.wordsOf(old.ref);
      const above = highestStampIn(words, old.start);
      if (this.#stamps.prepare(above)) {
        found = this.#engine.readForWrite(key, old);
      } else {
        const own = extendableInterval(words, old.start, this.#identity.actor, this.#identity.lineageFloor);
        if (own >= 0) return this.#overwrite(key, next, words, own, above);
      }
    }
    return this.#replace(key, next, found);
  }

  /** Over a record in the active memtable whose clock gains no entry: in place, where the engine allows it. */
  #overwrite(key: EngineKey, next: NextVersion, words: DataView, own: number, above: number): number {
    const engine = this.#engine;
    const old = this.#view;
    const version = this.#aim(next, above);
    const change = changeOf(!winnerIsTombstone(old.bytes, old.start), !next.tombstone);
    const clockBytes = rewrittenBytes(words, old.start, 0);
    const ref = engine.stage(key, old, clockBytes + version.valueBytes, true);
    const into = engine.bytesOf(ref);
    const at = engine.recordAt(ref);
    // A new entry takes the clock along; one that is written over has it.
    if (ref !== old.ref) copyBytes(old.bytes, old.start, old.start + clockBytes, into, at);
    const valueAt = rewriteBlindRecord(engine.wordsOf(ref), at, own + at - old.start, version);
    copyBytes(next.bytes, next.valueStart, next.valueEnd, into, valueAt);
    engine.publish(ref, key, old, change);
    return version.stamp;
  }

  #replace(key: EngineKey, next: NextVersion, foundBefore: boolean): number {
    const engine = this.#engine;
    const old = this.#view;
    let found = foundBefore;
    const above = highestStampAt(old.bytes, found ? old.start : -1);
    if (this.#stamps.prepare(above)) found = engine.readForWrite(key, old);
    const oldAt = found ? old.start : -1;
    const { actor, lineageFloor } = this.#identity;
    const intervals = blindIntervals(old.bytes, oldAt, actor, lineageFloor);
    if (intervals < 0) return this.#writeLong(key, next, { lineageFloor });
    const version = this.#aim(next, above);
    const change = changeOf(found && !winnerIsTombstone(old.bytes, oldAt), !next.tombstone);
    const ref = engine.stage(key, old, blindRecordBytes(intervals, version.valueBytes), false);
    const into = engine.bytesOf(ref);
    const valueAt = writeBlindRecord(into, engine.recordAt(ref), old.bytes, oldAt, version);
    copyBytes(next.bytes, next.valueStart, next.valueEnd, into, valueAt);
    engine.publish(ref, key, old, change);
    return version.stamp;
  }

  #aim(next: NextVersion, above: number): BlindVersion {
    const version = this.#version;
    version.stamp = this.#stamps.next(above);
    version.tombstone = next.tombstone;
    version.expiresAtMs = next.expiresAtMs;
    version.valueBytes = next.valueEnd - next.valueStart;
    return version;
  }

  /** A write by a client that had seen `context`: it supersedes that and leaves the rest. Returns its stamp. */
  writeSeen(key: EngineKey, next: NextVersion, context: RecordClock): number {
    this.#admit(key, next);
    return this.#writeLong(key, next, { lineageFloor: this.#identity.lineageFloor, context });
  }

  /**
   * Merges what another replica holds into what is here. Returns the batch that makes the whole durable, 0 when it is.
   * Convergence is never refused but for room: a `Refusal` then, and nothing changed.
   */
  merge(key: EngineKey, incoming: TorcRecord): number {
    const view = this.#view;
    const found = this.#engine.readForWrite(key, view);
    const local = found ? decodeRecord(view.bytes, view.start, view.end) : undefined;
    const merged = this.#mergeWith(local, incoming);
    const size = encodedBytes(merged);
    if (local !== undefined && size === view.end - view.start) {
      const bytes = encodeRecord(merged);
      if (equalBytes(bytes, 0, size, view.bytes, view.start, view.end)) return view.pendingBatch;
    }
    this.#engine.admit(merged.siblings.every((sibling) => sibling.tombstone === true));
    const ref = this.#engine.stage(key, view, size, false);
    encodeRecordInto(merged, this.#engine.bytesOf(ref), this.#engine.recordAt(ref));
    const batch = this.#engine.openBatch;
    this.#engine.publish(ref, key, view, changeOf(isValue(local), isValue(merged)));
    return batch;
  }

  #mergeWith(local: TorcRecord | undefined, incoming: TorcRecord): TorcRecord {
    const merged = local === undefined ? incoming : mergeRecords(local, incoming);
    if (this.#dropsSiblings && merged.siblings.length > 2) return { ...merged, siblings: merged.siblings.slice(0, 2) };
    return merged;
  }

  /** As `record`, with the batch that the answer waits for: 0 when it is durable. */
  recordNow(key: EngineKey): { readonly record: TorcRecord | undefined; readonly pendingBatch: number } {
    const record = this.record(key);
    return { record, pendingBatch: record === undefined ? 0 : this.#view.pendingBatch };
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
    const view = this.#view;
    const before = this.record(key);
    const above = Math.max(highestStamp(before?.clock ?? []), highestStamp(options.context ?? []));
    // A durable write may have taken back what was found.
    const local = this.#stamps.prepare(above) ? this.record(key) : before;
    const dot = { actor: this.#identity.actor, stamp: this.#stamps.next(above) };
    const record = writeRecord(local, versionOf(next), dot, options);
    if (distinctVersions(record.siblings).length > this.#limits.siblings) {
      throw new Refusal(
        'too-many-siblings',
        `a key has at most ${this.#limits.siblings} siblings: read, merge, write back`,
      );
    }
    const change = changeOf(isValue(local), isValue(record));
    const ref = this.#engine.stage(key, view, encodedBytes(record), false);
    encodeRecordInto(record, this.#engine.bytesOf(ref), this.#engine.recordAt(ref));
    this.#engine.publish(ref, key, view, change);
    return dot.stamp;
  }
}

/** What a write does to the number of values of its bucket. */
function changeOf(before: boolean, after: boolean): number {
  if (before === after) return SAME_VALUES;
  return after ? ADDS_VALUE : REMOVES_VALUE;
}

function isValue(record: TorcRecord | undefined): boolean {
  const winner = record?.siblings[0];
  return winner !== undefined && winner.tombstone !== true;
}

function versionOf(next: NextVersion): Parameters<typeof writeRecord>[1] {
  return {
    value: next.bytes.slice(next.valueStart, next.valueEnd),
    ...(next.tombstone ? { tombstone: true as const } : {}),
    ...(next.expiresAtMs === 0 ? {} : { expiresAtMs: next.expiresAtMs }),
    ...(next.id === undefined ? {} : { id: next.id }),
    ...(next.firstStamp === 0 ? {} : { firstStamp: next.firstStamp }),
  };
}
