/**
 * A world for storage tests: virtual time, one simulated disk, and short ways to open a log or an engine on it, to stop it
 * in every way, and to open it again.
 */
import { asciiBytes } from '@torc/base/bytes';
import { encodeRecord } from '@torc/base/record/codec';
import { decodeRecord } from '@torc/base/record/codec';
import type { TorcRecord } from '@torc/base/record/record';
import { SimClock } from '@torc/sim/clock';
import { SimDisk, type DiskImage, type SimDiskOptions } from '@torc/sim/disk/disk';
import type { LossMode } from '@torc/sim/disk/loss';
import { SimProbe } from '@torc/sim/probe';
import { SimRandom } from '@torc/sim/random';
import { Scheduler } from '@torc/sim/scheduler';
import type { LogListener, LogPorts } from '../../src/commit-log/commit-log.ts';
import { Engine } from '../../src/engine.ts';
import { EngineKey } from '../../src/key.ts';
import type { EngineOptions } from '../../src/options.ts';

export const SMALL: EngineOptions = {
  segmentBytes: 1 << 20,
  // No zeros ahead: tests here look at the lengths of files. The simulated runs write ahead.
  aheadBytes: 0,
  checkpointAfterBytes: 1 << 30,
  reserveBytes: 0,
  memtableBytes: 1 << 30,
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
  /** 1: every sync goes to the pool. */
  readonly cruelty?: number;
}

export class World {
  readonly scheduler: Scheduler = new Scheduler();
  readonly random: SimRandom;
  readonly probe: SimProbe;
  clock: SimClock;
  disk: SimDisk;
  #lives = 0;

  constructor(options: WorldOptions = {}) {
    const { seed = 1, cruelty = 0, ...disk } = options;
    this.random = new SimRandom(seed);
    this.probe = new SimProbe({ random: this.random.fork('probe'), cruelty });
    this.clock = new SimClock(this.scheduler, { wallStartMs: 1_800_000_000_000 });
    this.disk = new SimDisk({ clock: this.clock, random: this.random.fork('disk') }, disk);
  }

  /** A world of its own that starts from a copy of a disk. */
  static from(image: DiskImage): World {
    return new World({ image });
  }

  ports(): LogPorts {
    this.#lives += 1;
    const { clock, disk, probe } = this;
    return { clock, disk, probe, random: this.random.fork(`life ${this.#lives}`) };
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

/** Admits, stages and publishes a record. Returns its ref. */
export function put(engine: Engine, key: EngineKey, record: TorcRecord): number {
  engine.admit(record.siblings[0]?.tombstone === true);
  const bytes = encodeRecord(record);
  const ref = engine.stage(key, bytes.length);
  engine.memtable.bytesOf(ref).set(bytes, engine.memtable.recordAt(ref));
  engine.publish(ref, key);
  return ref;
}

export function recordUnder(engine: Engine, key: EngineKey): TorcRecord | undefined {
  const ref = engine.find(key);
  if (ref === 0) return undefined;
  const at = engine.memtable.recordAt(ref);
  return decodeRecord(engine.memtable.bytesOf(ref), at, at + engine.memtable.recordBytes(ref));
}

/** The winner's value as text; `undefined` when there is none. */
export function valueUnder(engine: Engine, key: EngineKey | string): string | undefined {
  const winner = recordUnder(engine, typeof key === 'string' ? keyOf(key) : key)?.siblings[0];
  return winner === undefined || winner.tombstone === true ? undefined : String.fromCharCode(...winner.value);
}
