/**
 * A world for storage tests: virtual time, one simulated disk, and short ways to open a log or an engine on it, to stop it
 * in every way, and to open it again.
 */
import { asciiBytes } from '@torc/base/bytes';
import type { PlantedBug } from '@torc/base/ports/probe';
import { decodeRecord, encodeRecord } from '@torc/base/record/codec';
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcRecord } from '@torc/base/record/record';
import { winnerIsTombstone } from '@torc/base/record/single';
import { SimClock } from '@torc/sim/clock';
import { SimDisk, type DiskImage, type SimDiskOptions } from '@torc/sim/disk/disk';
import type { LossMode } from '@torc/sim/disk/loss';
import { SimCompressor } from '@torc/sim/compressor';
import { SimExecutor } from '@torc/sim/executor';
import { SimProbe } from '@torc/sim/probe';
import { SimRandom } from '@torc/sim/random';
import { Scheduler } from '@torc/sim/scheduler';
import type { LogListener } from '../../src/commit-log/commit-log.ts';
import { ADDS_VALUE, REMOVES_VALUE, SAME_VALUES } from '../../src/commit-log/entry.ts';
import { Engine } from '../../src/engine.ts';
import type { EnginePorts } from '../../src/engine-parts.ts';
import { storageJobs } from '../../src/jobs.ts';
import { EngineKey } from '../../src/key.ts';
import type { EngineOptions } from '../../src/options.ts';
import { RecordView } from '../../src/read/record-view.ts';

/** Nothing is flushed by itself, nothing written ahead: many tests here look at the log alone, and at lengths of files. */
export const SMALL: EngineOptions = {
  segmentBytes: 1 << 20,
  aheadBytes: 0,
  syncEveryMs: 0,
  reserveBytes: 0,
  memoryBytes: 1 << 26,
  memtableBytes: 1 << 30,
  logBytes: 1 << 30,
  blockBytes: 512,
  filterBitsPerKey: 10,
  codec: 1,
  bottomCodec: 1,
  tableBytes: 1 << 20,
  tierRuns: 4,
  upperShare: 0.25,
  compactionBytesPerSecond: 0,
  scrubBytesPerSecond: 0,
  salvage: false,
};

/** What a log or an engine told its listener, as readable lines. */
export class Events implements LogListener {
  readonly lines: string[] = [];

  durable(batch: number): void {
    this.lines.push(`durable ${batch}`);
  }

  refused(batch: number): void {
    this.lines.push(`refused ${batch}`);
  }

  stopped(): void {
    this.lines.push('stopped');
  }
}

export interface WorldOptions extends SimDiskOptions {
  readonly seed?: number | string;
  /** 1: every sync, and every read of a table, goes to the pool. */
  readonly cruelty?: number;
  readonly planted?: readonly PlantedBug[];
  /** How long a job waits for the worker, in virtual milliseconds. */
  readonly jobMs?: readonly [least: number, most: number];
}

export class World {
  readonly scheduler: Scheduler = new Scheduler();
  readonly random: SimRandom;
  readonly probe: SimProbe;
  clock: SimClock;
  disk: SimDisk;
  jobMs: readonly [least: number, most: number];
  #lives = 0;

  constructor(options: WorldOptions = {}) {
    const { seed = 1, cruelty = 0, planted = [], jobMs = [0.1, 2], ...disk } = options;
    this.jobMs = jobMs;
    this.random = new SimRandom(seed);
    this.probe = new SimProbe({ random: this.random.fork('probe'), cruelty, planted });
    this.clock = new SimClock(this.scheduler, { wallStartMs: 1_800_000_000_000 });
    this.disk = new SimDisk({ clock: this.clock, random: this.random.fork('disk') }, disk);
  }

  /** A world of its own that starts from a copy of a disk. */
  static from(image: DiskImage): World {
    return new World({ image });
  }

  /** Of one life: the worker dies with the clock. */
  ports(): EnginePorts {
    this.#lives += 1;
    const { clock, disk, probe, jobMs } = this;
    const random = this.random.fork(`life ${this.#lives}`);
    const compressor = new SimCompressor();
    const jobs = storageJobs({ disk, compressor, clock, probe });
    const executor = new SimExecutor({ clock, random: random.fork('executor'), jobs, takesMs: jobMs });
    disk.onCrash(() => clock.kill());
    return { clock, disk, probe, random, compressor, executor };
  }

  /** The power goes, and comes back. */
  restart(mode: LossMode, label = ''): void {
    this.clock.kill();
    this.clock = new SimClock(this.scheduler, { wallStartMs: 1_800_000_000_000 });
    this.disk = this.disk.restart(mode, { label, clock: this.clock });
  }

  /** The process dies; what it wrote is still in the page cache. */
  restartProcess(): void {
    this.clock.kill();
    this.clock = new SimClock(this.scheduler, { wallStartMs: 1_800_000_000_000 });
    this.disk = this.disk.restartProcess({ clock: this.clock });
  }

  open(options: Partial<EngineOptions> = {}, events: LogListener = new Events()): Promise<Engine> {
    return this.scheduler.settle(Engine.open(this.ports(), { ...SMALL, ...options }, events));
  }

  /** Ends the turn, and with it the batch. */
  turn(): Promise<void> {
    return this.scheduler.runFor(1);
  }

  names(): string[] {
    return this.disk.inspect().map(({ path }) => path);
  }
}

export function keyOf(bytes: Uint8Array | string, bucket = 0): EngineKey {
  const raw = typeof bytes === 'string' ? asciiBytes(bytes) : bytes;
  return new EngineKey().aim(bucket, raw, 0, raw.length);
}

/** A record with one version; without a value, a tombstone. */
export function recordOf(stamp: number, value?: Uint8Array | string, expiresAtMs?: number): TorcRecord {
  const bytes = typeof value === 'string' ? asciiBytes(value) : (value ?? new Uint8Array(0));
  return {
    clock: [{ actor: 1, since: 1, upto: stamp }],
    siblings: [
      {
        dot: { actor: 1, stamp },
        ...(value === undefined ? { tombstone: true as const } : {}),
        ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
        value: bytes,
      },
    ],
  };
}

export interface PutOptions {
  /** Merged with what lies below instead of standing for all of it. */
  readonly part?: boolean;
}

/** Admits, stages and publishes a record; what it needs of the disk is read in the turn. Returns its ref. */
export function put(engine: Engine, key: EngineKey, record: TorcRecord, { part = false }: PutOptions = {}): number {
  engine.admit(record.siblings[0]?.tombstone === true);
  const view = new RecordView();
  return engine.withLoaded(() => {
    const found = engine.read(key, view);
    const had = found && !winnerIsTombstone(view.bytes, view.start);
    const after = part && found ? mergeRecords(decode(view), record) : record;
    const has = after.siblings[0]?.tombstone !== true;
    // A part stands above older tables and memtables, and not above what the memtable itself has.
    const isPart = part && view.ref === 0;
    const bytes = encodeRecord(isPart ? record : after);
    const ref = engine.stage(key, view, bytes.length, found && !isPart);
    engine.bytesOf(ref).set(bytes, engine.recordAt(ref));
    const change = had === has ? SAME_VALUES : has ? ADDS_VALUE : REMOVES_VALUE;
    if (isPart) engine.publishPart(ref, key, view, change);
    else engine.publish(ref, key, view, change);
    return ref;
  });
}

function decode({ bytes, start, end }: RecordView): TorcRecord {
  return decodeRecord(bytes, start, end);
}

export function recordUnder(engine: Engine, key: EngineKey): TorcRecord | undefined {
  const view = new RecordView();
  return engine.withLoaded(() => (engine.read(key, view) ? decode(view) : undefined));
}

/** The winner's value as text; `undefined` when there is none. */
export function valueUnder(engine: Engine, key: EngineKey | string): string | undefined {
  const winner = recordUnder(engine, typeof key === 'string' ? keyOf(key) : key)?.siblings[0];
  return winner === undefined || winner.tombstone === true ? undefined : String.fromCharCode(...winner.value);
}
