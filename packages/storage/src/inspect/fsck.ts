/**
 * Checks everything in a data directory, and writes nothing: the manifest, every table that it names down to each record,
 * every segment of the log. What a start would refuse is an error here, by the start's own rules; what a crash may leave is
 * a note.
 */
import { DamageError, DiskError } from '@torc/base/errors';
import type { Compressor } from '@torc/base/ports/compressor';
import type { Disk } from '@torc/base/ports/disk';
import { SILENT_PROBE } from '@torc/base/ports/probe';
import type { Random } from '@torc/base/ports/random';
import type { EntrySink } from '../commit-log/entry.ts';
import {
  checkpointName,
  checkpointNumbers,
  logName,
  logNumbers,
  manifestName,
  manifestNumbers,
} from '../commit-log/names.ts';
import { LogRecovery } from '../commit-log/recovery.ts';
import { DamagePolicy, type Gap } from '../commit-log/salvage.ts';
import { readCheckpoint } from '../legacy/checkpoint-reader.ts';
import type { ManifestContents } from '../manifest/edit.ts';
import { recoverManifest } from '../manifest/manifest-recovery.ts';
import { tableNumbers } from '../sstable/names.ts';
import { faultText, listFiles, type FileReport } from './files.ts';
import { Findings, type Advised, type Finding } from './findings.ts';
import { TablesFsck } from './fsck-tables.ts';
import { inspectLog } from './log-report.ts';
import { ScratchDisk } from './scratch-disk.ts';

export interface FsckReport {
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly notes: readonly Finding[];
  readonly checked: FsckCounts;
}

export interface FsckCounts {
  readonly bytes: number;
  readonly tables: number;
  readonly blocks: number;
  /** Of the tables. */
  readonly entries: number;
  readonly segments: number;
  readonly batches: number;
}

/** Told now and then how many bytes of how many have been checked. */
export type FsckProgress = (doneBytes: number, totalBytes: number) => void;

export function fsckDirectory(disk: Disk, compressor: Compressor, progress: FsckProgress = () => {}): FsckReport {
  return new Fsck(disk, compressor, progress).run();
}

/** Nothing is drawn that matters: what is made with it is thrown away. */
const NO_RANDOM: Random = { uint32: () => 0, below: () => 0, fraction: () => 0, fork: () => NO_RANDOM };

const NO_SINK: EntrySink = { record: () => {}, state: () => {} };

class Fsck {
  readonly #disk: Disk;
  readonly #findings = new Findings();
  readonly #files: readonly FileReport[];
  readonly #names: readonly string[];
  readonly #tables: TablesFsck;
  readonly #progress: FsckProgress;
  readonly #totalBytes: number;
  #doneBytes = 0;
  /** Segments that do not open, and why. */
  readonly #closed = new Map<string, string>();
  #segments = 0;
  #batches = 0;

  constructor(disk: Disk, compressor: Compressor, progress: FsckProgress) {
    this.#disk = new ScratchDisk(disk);
    this.#progress = progress;
    this.#files = listFiles(disk);
    this.#names = this.#files.map(({ path }) => path);
    const read = this.#files.filter(({ kind }) => kind === 'manifest' || kind === 'table' || kind === 'log');
    this.#totalBytes = read.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
    this.#tables = new TablesFsck(this.#disk, compressor, this.#findings, (bytes) => this.#worked(bytes));
  }

  run(): FsckReport {
    const contents = this.#checkManifest();
    this.#tables.check(tableNumbers(this.#names), contents);
    this.#checkLog(contents);
    this.#nameOthers();
    const findings = this.#findings;
    return {
      errors: findings.of('error'),
      warnings: findings.of('warning'),
      notes: findings.of('note'),
      checked: {
        bytes: this.#doneBytes,
        ...this.#tables.checked,
        segments: this.#segments,
        batches: this.#batches,
      },
    };
  }

  /** What it comes to; `undefined` when there is none, or none that counts. */
  #checkManifest(): ManifestContents | undefined {
    const numbers = manifestNumbers(this.#names);
    const newest = numbers.at(-1);
    if (newest === undefined) {
      this.#sayWhyNoManifest();
      return undefined;
    }
    for (const number of numbers.slice(0, -1)) {
      this.#findings.add('orphan', { path: manifestName(number) }, 'a newer manifest stands in its place');
    }
    const path = manifestName(newest);
    this.#worked(this.#bytesOf(path));
    const policy = new DamagePolicy(true);
    const contents = this.#guarded('manifestDamaged', path, policy, () => {
      const recovered = recoverManifest(this.#ports(), policy);
      const { cutBytes } = recovered;
      if (cutBytes > 0) this.#findings.add('tornTail', { path }, `${cutBytes} bytes behind the last whole edit`);
      return recovered.contents;
    });
    // An older one that a salvage would fall back to says nothing about what should be here.
    return policy.gaps.length > 0 ? undefined : contents;
  }

  #sayWhyNoManifest(): void {
    const has = (kind: FileReport['kind']): boolean => this.#files.some((file) => file.kind === kind);
    if (has('table')) this.#findings.add('manifestMissing', { path: 'manifest' }, 'there are tables, and no manifest');
    else if (has('log') || has('checkpoint')) this.#findings.add('oldFormat', { path: '' }, 'no manifest');
    else this.#findings.add('empty', { path: '' }, 'no manifest, no table, no log');
  }

  #checkLog(contents: ManifestContents | undefined): void {
    const numbers = logNumbers(this.#names);
    const floor = contents?.logFloor ?? this.#floorWithoutManifest(numbers);
    for (const number of numbers) {
      if (number >= floor) continue;
      this.#findings.add(
        'orphan',
        { path: logName(number) },
        `the manifest needs the log from segment ${floor} on only`,
      );
    }
    for (const number of numbers) if (number >= floor) this.#checkEntries(number, number === numbers.at(-1));
    const policy = new DamagePolicy(true);
    const last = logName(numbers.at(-1) ?? floor);
    this.#guarded('logDamaged', last, policy, () => {
      const recovered = new LogRecovery(this.#ports(), policy, NO_SINK).run(floor);
      // The recovery counts the segment that it would begin.
      this.#segments = recovered.segments - 1;
      this.#batches = recovered.batches;
      const { cutBytes } = recovered;
      if (cutBytes > 0) this.#findings.add('tornTail', { path: last }, `${cutBytes} bytes behind the last whole frame`);
    });
    for (const [path, problem] of this.#closed) {
      // Nearly always the recovery has said so in its own words.
      if (!this.#findings.has('error', path)) this.#findings.add('logDamaged', { path }, problem);
    }
  }

  /** Before there were manifests a memory image said where the log begins; without either, it begins where it begins. */
  #floorWithoutManifest(numbers: readonly number[]): number {
    const image = manifestNumbers(this.#names).length === 0 ? checkpointNumbers(this.#names).at(-1) : undefined;
    if (image === undefined) {
      const isNew = this.#files.some(({ kind }) => kind === 'table' || kind === 'manifest');
      return isNew ? (numbers[0] ?? 0) : 0;
    }
    const policy = new DamagePolicy(true);
    const path = checkpointName(image);
    this.#guarded('logDamaged', path, policy, () => readCheckpoint(this.#disk, image, policy, NO_SINK));
    return image;
  }

  /** What the recovery takes on trust: that an entry's record is one. */
  #checkEntries(number: number, isLast: boolean): void {
    const { path, malformed, end, fileBytes, problem } = inspectLog(this.#disk, number, { entries: 0 });
    this.#worked(fileBytes);
    if (problem !== undefined) this.#closed.set(path, problem);
    for (const { offset, detail } of malformed) this.#findings.add('entryMalformed', { path, offset }, detail);
    if (isLast && (end === 'whole' || end === 'torn')) {
      this.#findings.add('notClosed', { path }, 'no mark of a clean close');
    }
  }

  #nameOthers(): void {
    for (const { path, kind } of this.#files) {
      if (kind === 'temporary') this.#findings.add('orphan', { path }, 'it was not finished');
      if (kind === 'salvaged') this.#findings.add('keptAside', { path }, 'a file that was damaged');
      if (kind === 'unknown') this.#findings.add('unknownFile', { path }, 'a name that Torc does not give');
    }
  }

  #addGaps(kind: Advised, gaps: readonly Gap[]): void {
    for (const { path, fromBytes, toBytes, firstBatch, lastBatch, detail } of gaps) {
      const batches =
        firstBatch > 0 ? `; from batch ${firstBatch} ${lastBatch === undefined ? 'on' : `to ${lastBatch}`}` : '';
      const bytes = toBytes > fromBytes ? `; bytes ${fromBytes} to ${toBytes}` : '';
      this.#findings.add(kind, { path, offset: fromBytes }, `${detail}${bytes}${batches}`);
    }
  }

  /** Runs a recovery to its end. What it gave up, and what it throws if that is more, are findings. */
  #guarded<T>(kind: Advised, path: string, policy: DamagePolicy, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (error instanceof DiskError) this.#findings.add('unreadable', { path }, faultText(error));
      else if (!(error instanceof DamageError)) throw error;
      else if (policy.gaps.length === 0) this.#findings.add(kind, error, faultText(error));
      return undefined;
    } finally {
      this.#addGaps(kind, policy.gaps);
    }
  }

  #ports(): { disk: Disk; random: Random; probe: typeof SILENT_PROBE } {
    return { disk: this.#disk, random: NO_RANDOM, probe: SILENT_PROBE };
  }

  #bytesOf(path: string): number {
    return this.#files.find((file) => file.path === path)?.bytes ?? 0;
  }

  #worked(bytes: number): void {
    this.#doneBytes += bytes;
    this.#progress(this.#doneBytes, this.#totalBytes);
  }
}
