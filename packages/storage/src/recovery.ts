/**
 * Opening a directory: checkpoint, then log, into a fresh memtable. Every entry goes through record rules: a whole record
 * stands for all before it, a part is merged with it.
 */
import { CodecError, DamageError, DiskError } from '@torc/base/errors';
import { decodeRecord, encodeRecord } from '@torc/base/record/codec';
import { mergeRecords } from '@torc/base/record/merge';
import { copyBytes } from '@torc/base/bytes';
import { readCheckpoint } from './checkpoint/checkpoint-reader.ts';
import { ENTRY_PART, type EntrySink } from './commit-log/entry.ts';
import type { LogFile, FilePorts } from './commit-log/log-file.ts';
import { checkpointName, checkpointNumbers, logName, logNumbers, TEMPORARY_SUFFIX } from './commit-log/names.ts';
import { LogRecovery, type RecoveredLog } from './commit-log/recovery.ts';
import { DamagePolicy, type Gap } from './commit-log/salvage.ts';
import { EngineKey, KEY_PREFIX_BYTES } from './key.ts';
import { Memtable } from './memtable/memtable.ts';
import type { EngineOptions } from './options.ts';
import { Reserve } from './reserve.ts';

export interface RecoveryReport {
  /** Whether the directory was empty. */
  readonly fresh: boolean;
  readonly checkpoint: number;
  readonly segments: number;
  readonly batches: number;
  readonly keys: number;
  /** Torn tail that a crash left and nobody was promised: cut. */
  readonly cutBytes: number;
  /** What a salvage gave up; empty otherwise. */
  readonly gaps: readonly Gap[];
}

export interface Recovered {
  readonly memtable: Memtable;
  readonly state: Map<number, number>;
  readonly file: LogFile;
  readonly nextBatch: number;
  readonly report: RecoveryReport;
}

export function recoverEngine(ports: FilePorts, options: EngineOptions): Recovered {
  const { disk } = ports;
  const policy = new DamagePolicy(options.salvage);
  const secrets = ports.random.fork('memtable');
  const sink = new MemtableSink(new Memtable(secrets.uint32() | 0, secrets.uint32() | 0));
  // What the process before saw of names may not be durable yet; nothing is built on a name that can still be lost.
  disk.syncDirectory('');
  const names = disk.list('');
  for (const name of names) if (name.endsWith(TEMPORARY_SUFFIX)) disk.remove(name);
  const checkpoint = checkpointNumbers(names).at(-1) ?? 0;
  const fresh = checkpoint === 0 && logNumbers(names).length === 0;
  if (checkpoint > 0) readCheckpoint(disk, checkpoint, policy, sink);
  const log = recoverLog(ports, policy, sink, checkpoint);
  removeStale(ports, names, checkpoint);
  const report = {
    fresh,
    checkpoint,
    segments: log.segments,
    batches: log.batches,
    keys: sink.memtable.count,
    cutBytes: log.cutBytes,
    gaps: policy.gaps,
  };
  return { memtable: sink.memtable, state: sink.stateTable, file: log.file, nextBatch: log.nextBatch, report };
}

/** On a full disk the reserve makes room for the fresh segment: a node must start to be read and deleted from. */
function recoverLog(ports: FilePorts, policy: DamagePolicy, sink: EntrySink, checkpoint: number): RecoveredLog {
  try {
    return new LogRecovery(ports, policy, sink).run(checkpoint);
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== 'full') throw error;
    new Reserve(ports.disk, 0).release();
    ports.probe.reached('reserve-spent-to-start');
    // Whole records replace what the first try delivered, so delivering them again changes nothing.
    return new LogRecovery(ports, policy, sink).run(checkpoint);
  }
}

/** Files that a newer checkpoint stands for, left by a crash between its naming and their removal. */
function removeStale(ports: FilePorts, names: readonly string[], checkpoint: number): void {
  for (const number of logNumbers(names)) if (number < checkpoint) ports.disk.remove(logName(number));
  for (const number of checkpointNumbers(names)) if (number < checkpoint) ports.disk.remove(checkpointName(number));
}

class MemtableSink implements EntrySink {
  readonly memtable: Memtable;
  readonly stateTable = new Map<number, number>();
  readonly #key = new EngineKey();

  constructor(memtable: Memtable) {
    this.memtable = memtable;
  }

  record(kind: number, bytes: Uint8Array, keyStart: number, recordStart: number, recordEnd: number): void {
    if (recordStart - keyStart < KEY_PREFIX_BYTES) throw new DamageError('entry', keyStart, 'a key has no prefix');
    const bucket = ((bytes[keyStart] as number) << 8) | (bytes[keyStart + 1] as number);
    const key = this.#key.aim(bucket, bytes, keyStart + KEY_PREFIX_BYTES, recordStart);
    if (kind === ENTRY_PART) return this.#merge(key, bytes, recordStart, recordEnd);
    this.#put(key, bytes, recordStart, recordEnd);
    this.memtable.compact();
  }

  state(name: number, value: number): void {
    this.stateTable.set(name, value);
  }

  #put(key: EngineKey, bytes: Uint8Array, recordStart: number, recordEnd: number): void {
    const ref = this.memtable.stage(key, recordEnd - recordStart);
    copyBytes(bytes, recordStart, recordEnd, this.memtable.bytesOf(ref), this.memtable.recordAt(ref));
    this.memtable.link(ref, key, 0);
  }

  #merge(key: EngineKey, bytes: Uint8Array, recordStart: number, recordEnd: number): void {
    const found = this.memtable.find(key);
    if (found === 0) return this.#put(key, bytes, recordStart, recordEnd);
    try {
      const at = this.memtable.recordAt(found);
      const mine = decodeRecord(this.memtable.bytesOf(found), at, at + this.memtable.recordBytes(found));
      const merged = encodeRecord(mergeRecords(mine, decodeRecord(bytes, recordStart, recordEnd)));
      this.#put(key, merged, 0, merged.length);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      throw new DamageError('entry', recordStart, error.message);
    }
  }
}
