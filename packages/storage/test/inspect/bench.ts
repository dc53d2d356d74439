/** A data directory put together from its pieces: a manifest, tables, a log; and ways to tamper with it. */
import { asciiBytes } from '@torc/base/bytes';
import type { DiskFile } from '@torc/base/ports/disk';
import { SILENT_PROBE } from '@torc/base/ports/probe';
import { encodeRecord } from '@torc/base/record/codec';
import { SimClock } from '@torc/sim/clock';
import { SimCompressor } from '@torc/sim/compressor';
import { SimDisk, type DiskImage } from '@torc/sim/disk/disk';
import { SimRandom } from '@torc/sim/random';
import { Scheduler } from '@torc/sim/scheduler';
import {
  ENTRY_HEADER_BYTES,
  ENTRY_PART,
  ENTRY_WHOLE,
  stateEntry,
  writeEntryHeader,
} from '../../src/commit-log/entry.ts';
import {
  FRAME_ALIGNMENT,
  FRAME_CLOSED,
  FRAME_ENTRIES,
  FRAME_HEADER_BYTES,
  frameBytes,
  sealFrame,
} from '../../src/commit-log/frame.ts';
import { LogFile, type FilePorts } from '../../src/commit-log/log-file.ts';
import { logName } from '../../src/commit-log/names.ts';
import { DamagePolicy } from '../../src/commit-log/salvage.ts';
import { fsckDirectory, type FsckReport } from '../../src/inspect/fsck.ts';
import type { PlacedTable, VersionEdit } from '../../src/manifest/edit.ts';
import { Manifest } from '../../src/manifest/manifest.ts';
import type { PartitionLimits } from '../../src/sstable/limits.ts';
import { tableName } from '../../src/sstable/names.ts';
import type { TableMeta, TableSettings } from '../../src/sstable/table-meta.ts';
import { TableWriter } from '../../src/sstable/table-writer.ts';
import { engineKey, type Entry, recordOf, sorted } from '../sstable/bench.ts';

export const compressor: SimCompressor = new SimCompressor();

export interface TableShape {
  readonly settings?: Partial<TableSettings>;
  readonly limits?: PartitionLimits;
}

export class Directory {
  readonly scheduler: Scheduler = new Scheduler();
  readonly clock: SimClock;
  readonly random: SimRandom;
  readonly disk: SimDisk;
  readonly #opened: Manifest;

  private constructor(image: DiskImage | undefined, withManifest: boolean) {
    this.random = new SimRandom(7);
    this.clock = new SimClock(this.scheduler, { wallStartMs: 1_800_000_000_000 });
    const ports = { clock: this.clock, random: this.random.fork('disk') };
    this.disk = new SimDisk(ports, image === undefined ? {} : { image });
    this.#opened = withManifest ? Manifest.open(this.ports, new DamagePolicy(false)) : (undefined as never);
  }

  /** With a manifest that names nothing yet. */
  static make(): Directory {
    return new Directory(undefined, true);
  }

  /** A copy, just its files. */
  static from(image: DiskImage): Directory {
    return new Directory(image, false);
  }

  get ports(): FilePorts {
    return { disk: this.disk, random: this.random, probe: SILENT_PROBE };
  }

  get manifest(): Manifest {
    return this.#opened;
  }

  get image(): DiskImage {
    return this.disk.snapshot('kept');
  }

  settingsWith(settings: Partial<TableSettings> = {}): TableSettings {
    const { hashKey0, hashKey1 } = this.manifest.contents;
    return { blockBytes: 200, filterBitsPerKey: 10, codec: 0, hashKey0, hashKey1, ...settings };
  }

  /** A table under its name; no manifest knows of it yet. */
  writeTable(number: number, entries: readonly Entry[], { settings, limits }: TableShape = {}): TableMeta {
    const nonce = { nonceLow: this.random.uint32(), nonceHigh: this.random.uint32() };
    const file = { number, path: tableName(number), ...nonce };
    const writer = new TableWriter({ disk: this.disk, compressor }, file, this.settingsWith(settings), limits);
    for (const { kind, key, record } of entries) writer.add(kind, key, 0, key.length, record, 0, record.length);
    const meta = writer.finish();
    this.disk.syncDirectory('');
    return meta;
  }

  append(edit: VersionEdit): Promise<void> {
    return this.scheduler.settle(this.manifest.append(edit));
  }

  /** Writes a segment that holds so many batches of two entries each, and returns where it ends. */
  writeLog(
    number: number,
    place: { firstBatch: number; previousBytes: number; batches: number; closes?: boolean },
  ): number {
    const { firstBatch, previousBytes, batches, closes = false } = place;
    const file = LogFile.create(this.ports, logName(number), { kind: 'log', number, previousBytes, firstBatch });
    for (let i = 0; i < batches; i += 1) appendFrame(file, FRAME_ENTRIES, firstBatch + i, 2, batchOf(firstBatch + i));
    if (closes) appendFrame(file, FRAME_CLOSED, firstBatch + batches, 0, new Uint8Array(0));
    file.publish();
    const { endBytes } = file;
    file.close();
    return endBytes;
  }

  fsck(): FsckReport {
    return fsckDirectory(this.disk, compressor);
  }
}

function appendFrame(file: LogFile, type: number, batch: number, entries: number, payload: Uint8Array): void {
  const bytes = new Uint8Array(frameBytes(payload.length) + FRAME_ALIGNMENT);
  bytes.set(payload, FRAME_HEADER_BYTES);
  const fields = { type, batch, entries, payloadBytes: payload.length, synced: file.endBytes };
  file.append(bytes, 0, sealFrame(bytes, 0, fields, file.seed));
}

/** A record and a number of the engine's own. */
function batchOf(batch: number): Uint8Array {
  const key = engineKey(`log ${batch}`);
  const record = encodeRecord(recordOf(batch, `value ${batch}`));
  const state = stateEntry(1, batch * 1000);
  const bytes = new Uint8Array(ENTRY_HEADER_BYTES + key.length + record.length + state.length);
  writeEntryHeader(bytes, 0, ENTRY_WHOLE, 1, key.length, record.length);
  bytes.set(key, ENTRY_HEADER_BYTES);
  bytes.set(record, ENTRY_HEADER_BYTES + key.length);
  bytes.set(state, ENTRY_HEADER_BYTES + key.length + record.length);
  return bytes;
}

/** Entries under keys of one tag, so that their order is that of their names. */
export function entriesOf(from: number, count: number, valueBytes = 20): Entry[] {
  const entries: Entry[] = [];
  for (let i = from; i < from + count; i += 1) {
    entries.push({
      key: engineKey(`{t}${String(i).padStart(6, '0')}`),
      record: encodeRecord(recordOf(1000 + i, i % 7 === 0 ? undefined : asciiBytes('v'.repeat(valueBytes)))),
      kind: i % 5 === 0 ? ENTRY_PART : ENTRY_WHOLE,
    });
  }
  return sorted(entries);
}

export function placed(meta: TableMeta, facts: Partial<PlacedTable> = {}): PlacedTable {
  return { rank: 0, meta, holes: [], damaged: [], ...facts };
}

/** Two tables in the bottom run, one above, a log of two segments; stopped cleanly. */
export async function healthy(): Promise<Directory> {
  const directory = Directory.make();
  const small = { limits: { entries: 9, dataBytes: 1 << 20 } };
  const one = directory.writeTable(1, entriesOf(0, 24), { ...small, settings: { codec: 1, blockBytes: 400 } });
  const two = directory.writeTable(2, entriesOf(100, 12), small);
  const three = directory.writeTable(3, entriesOf(5, 110));
  const end = directory.writeLog(4, { firstBatch: 9, previousBytes: 0, batches: 3 });
  directory.writeLog(5, { firstBatch: 12, previousBytes: end, batches: 2, closes: true });
  await directory.append({
    put: [placed(one), placed(two), placed(three, { rank: 3 })],
    logFloor: 4,
    state: new Map([[1, 5000]]),
    counts: new Map([[0, 120]]),
    nextTable: 4,
  });
  directory.manifest.close();
  return directory;
}

export function fileBytes(disk: SimDisk, path: string): number {
  const file = disk.open(path);
  const bytes = file.sizeBytes();
  file.close();
  return bytes;
}

/** Changes a file behind everybody's back, durably. */
export function tamper(disk: SimDisk, path: string, change: (file: DiskFile) => void): void {
  const file = disk.open(path);
  change(file);
  file.syncNow();
  file.close();
}
