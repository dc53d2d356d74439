/**
 * Opening a directory: the manifest says which tables live, then the log behind its floor goes into a fresh memtable. Every
 * entry goes through record rules: a whole record stands for all before it, a part is merged with it.
 */
import { copyBytes } from '@torc/base/bytes';
import { DamageError, DiskError } from '@torc/base/errors';
import { encodeRecord } from '@torc/base/record/codec';
import { mergeRecords } from '@torc/base/record/merge';
import { winnerIsTombstone } from '@torc/base/record/single';
import { ENTRY_PART, type EntrySink } from './commit-log/entry.ts';
import type { LogFile, FilePorts } from './commit-log/log-file.ts';
import {
  checkpointName,
  checkpointNumbers,
  logName,
  logNumbers,
  manifestNumbers,
  TEMPORARY_SUFFIX,
} from './commit-log/names.ts';
import { LogRecovery } from './commit-log/recovery.ts';
import { DamagePolicy, type Gap } from './commit-log/salvage.ts';
import { readCheckpoint } from './legacy/checkpoint-reader.ts';
import { EngineKey, KEY_PREFIX_BYTES } from './key.ts';
import { Manifest } from './manifest/manifest.ts';
import { recoverManifest } from './manifest/manifest-recovery.ts';
import type { Memtable } from './memtable/memtable.ts';
import type { MemtableSet } from './memtable/memtable-set.ts';
import type { EngineOptions } from './options.ts';
import { decodeStored } from './read/fold.ts';
import { Reserve } from './reserve.ts';
import { tableName, tableNumbers } from './sstable/names.ts';
import { ValueCounts } from './value-counts.ts';
import type { TableShelf } from './version/table-shelf.ts';

export interface RecoveryReport {
  /** Whether the directory was empty. */
  readonly fresh: boolean;
  readonly tables: number;
  readonly segments: number;
  readonly batches: number;
  /** Keys that came from the log. */
  readonly keys: number;
  /** Torn tail that a crash left and nobody was promised: cut. */
  readonly cutBytes: number;
  /** What a salvage gave up; empty otherwise. */
  readonly gaps: readonly Gap[];
}

export interface Recovered {
  readonly manifest: Manifest;
  readonly memtables: MemtableSet;
  readonly state: Map<number, number>;
  readonly counts: ValueCounts;
  readonly file: LogFile;
  readonly nextBatch: number;
  readonly report: RecoveryReport;
}

export function recoverEngine(
  ports: FilePorts,
  options: EngineOptions,
  shelf: TableShelf,
  makeMemtables: (hashKey0: number, hashKey1: number) => MemtableSet,
): Recovered {
  const { disk } = ports;
  const policy = new DamagePolicy(options.salvage);
  // What the process before saw of names may not be durable yet; nothing is built on a name that can still be lost.
  disk.syncDirectory('');
  const names = disk.list('');
  for (const name of names) if (name.endsWith(TEMPORARY_SUFFIX)) disk.remove(name);
  requireManifest(names, policy);
  const recovered = recoverManifest(ports, policy);
  const { contents } = recovered;
  shelf.install(contents.tables.values());
  const memtables = makeMemtables(contents.hashKey0, contents.hashKey1);
  // Until the first flush an old directory's memory image counts, and its log, which says nothing of values.
  const isUnflushed = contents.logFloor === 0;
  const counts = new ValueCounts();
  const sink = new MemtableSink(memtables.active.memtable, isUnflushed ? undefined : counts);
  for (const [name, value] of contents.state) sink.state(name, value);
  const floor = isUnflushed ? readOld(ports, policy, sink) : contents.logFloor;
  const log = spendReserve(ports, () => {
    counts.reset(contents.counts);
    return new LogRecovery(ports, policy, sink).run(floor);
  });
  // Last of what is read: once it is there the next start meets no damage of the one before any more.
  const manifest = spendReserve(ports, () => Manifest.begin(ports, recovered));
  if (isUnflushed) countAll(sink.memtable, counts);
  removeStale(ports, contents.tables, floor);
  const report = {
    fresh: recovered.numbers.length === 0 && floor === 0 && log.batches === 0,
    tables: contents.tables.size,
    segments: log.segments,
    batches: log.batches,
    keys: sink.memtable.count,
    cutBytes: log.cutBytes,
    gaps: policy.gaps,
  };
  return { manifest, memtables, state: sink.states, counts, file: log.file, nextBatch: log.nextBatch, report };
}

/** Tables without any manifest: the file that says which of them count is gone. */
function requireManifest(names: readonly string[], policy: DamagePolicy): void {
  if (manifestNumbers(names).length > 0 || tableNumbers(names).length === 0) return;
  const path = 'manifest';
  const detail = 'there are tables, and no manifest that says which of them count';
  policy.meet(new DamageError(path, 0, detail), { path, fromBytes: 0, toBytes: 0, firstBatch: 0, detail });
}

/** A directory from before there were manifests: a memory image, if there is one, and the log behind it. */
function readOld(ports: FilePorts, policy: DamagePolicy, sink: EntrySink): number {
  const newest = checkpointNumbers(ports.disk.list('')).at(-1);
  if (newest === undefined) return 0;
  readCheckpoint(ports.disk, newest, policy, sink);
  return newest;
}

/** On a full disk the reserve makes room for what a start has to write: a node must start to be read and deleted from. */
function spendReserve<T>(ports: FilePorts, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== 'full') throw error;
    new Reserve(ports.disk, 0).release();
    ports.probe.reached('reserve-spent-to-start');
    // Whole records replace what the first try delivered, so delivering them again changes nothing.
    return work();
  }
}

/** What the manifest does not name, left by a crash before it was named or after it was let go. */
function removeStale(ports: FilePorts, tables: ReadonlyMap<number, unknown>, floor: number): void {
  const { disk } = ports;
  const names = disk.list('');
  for (const number of logNumbers(names)) if (number < floor) disk.remove(logName(number));
  for (const number of checkpointNumbers(names)) if (number < floor) disk.remove(checkpointName(number));
  for (const number of tableNumbers(names)) if (!tables.has(number)) disk.remove(tableName(number));
  // Else every crash would bring back what every start removes, and it would pile up.
  disk.syncDirectory('');
}

function countAll(memtable: Memtable, counts: ValueCounts): void {
  const key = new EngineKey();
  for (let part = 0; part < 256; part += 1) {
    for (const ref of memtable.part(part).refs()) {
      if (winnerIsTombstone(memtable.bytesOf(ref), memtable.recordAt(ref))) continue;
      counts.add(memtable.keyOf(ref, key).bucket, 1);
    }
  }
}

class MemtableSink implements EntrySink {
  readonly memtable: Memtable;
  readonly states = new Map<number, number>();
  readonly #counts: ValueCounts | undefined;
  readonly #key = new EngineKey();

  constructor(memtable: Memtable, counts: ValueCounts | undefined) {
    this.memtable = memtable;
    this.#counts = counts;
  }

  record(
    kind: number,
    change: number,
    bytes: Uint8Array,
    keyStart: number,
    recordStart: number,
    recordEnd: number,
  ): void {
    if (recordStart - keyStart < KEY_PREFIX_BYTES) throw new DamageError('entry', keyStart, 'a key has no prefix');
    const bucket = ((bytes[keyStart] as number) << 8) | (bytes[keyStart + 1] as number);
    const key = this.#key.aim(bucket, bytes, keyStart + KEY_PREFIX_BYTES, recordStart);
    this.#counts?.count(bucket, change, 0);
    const found = this.memtable.find(key);
    if (kind === ENTRY_PART && found !== 0) this.#merge(key, found, bytes, recordStart, recordEnd);
    else this.#put(kind, key, found, bytes, recordStart, recordEnd);
    this.memtable.settle();
  }

  state(name: number, value: number): void {
    this.states.set(name, value);
  }

  #put(kind: number, key: EngineKey, found: number, bytes: Uint8Array, start: number, end: number): void {
    const { memtable } = this;
    const ref = memtable.stage(key, found, end - start, 0, kind !== ENTRY_PART);
    copyBytes(bytes, start, end, memtable.bytesOf(ref), memtable.recordAt(ref));
    memtable.publish(ref, key, found, 0, kind);
  }

  #merge(key: EngineKey, found: number, bytes: Uint8Array, start: number, end: number): void {
    const { memtable } = this;
    const at = memtable.recordAt(found);
    const mine = decodeStored(memtable.bytesOf(found), at, at + memtable.recordBytes(found));
    const merged = encodeRecord(mergeRecords(mine, decodeStored(bytes, start, end)));
    this.#put(memtable.kindOf(found), key, found, merged, 0, merged.length);
  }
}
