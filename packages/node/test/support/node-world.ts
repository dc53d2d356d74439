/** A world with one node on a simulated disk, and short ways to ask it things, to stop it and to start it again. */
import { asciiBytes } from '@torc/base/bytes';
import type { Clock as RecordClock } from '@torc/base/record/clock';
import type { TorcRecord } from '@torc/base/record/record';
import { SimClock } from '@torc/sim/clock';
import { SimCompressor } from '@torc/sim/compressor';
import { SimDisk } from '@torc/sim/disk/disk';
import type { LossMode } from '@torc/sim/disk/loss';
import { SimExecutor } from '@torc/sim/executor';
import { SimProbe } from '@torc/sim/probe';
import { SimRandom } from '@torc/sim/random';
import { Scheduler } from '@torc/sim/scheduler';
import { EngineKey } from '@torc/storage/key';
import { storageJobs } from '@torc/storage/jobs';
import { compose } from '../../src/compose.ts';
import type { NodeListener, TorcNode } from '../../src/node.ts';
import { DEFAULT_NODE_OPTIONS, type NodeOptions } from '../../src/options.ts';
import { NextVersion, ReadView } from '../../src/replica/views.ts';

export const OPTIONS: NodeOptions = {
  ...DEFAULT_NODE_OPTIONS,
  engine: {
    ...DEFAULT_NODE_OPTIONS.engine,
    reserveBytes: 0,
    segmentBytes: 1 << 20,
    aheadBytes: 0,
    memoryBytes: 16 << 20,
    memtableBytes: 1 << 20,
    scrubBytesPerSecond: 0,
  },
};

/** Every flush goes on to the bottom, where what is dead is forgotten. */
export const FORGETTING: NodeOptions = { ...OPTIONS, engine: { ...OPTIONS.engine, tierRuns: 1, upperShare: 0 } };

const SILENT: NodeListener = { durable(): void {}, refused(): void {}, stopped(): void {} };

export interface Answer {
  readonly value: string | undefined;
  readonly pendingBatch: number;
}

export interface WriteOptions {
  readonly expiresAtMs?: number;
  readonly context?: RecordClock;
}

export class NodeWorld {
  readonly scheduler: Scheduler = new Scheduler();
  readonly random: SimRandom;
  clock: SimClock;
  disk: SimDisk;
  /** Of the life that runs. */
  probe: SimProbe | undefined;
  #lives = 0;
  #node: TorcNode | undefined;
  readonly #view = new ReadView();

  constructor(seed: number | string = 1) {
    this.random = new SimRandom(seed);
    this.clock = new SimClock(this.scheduler, { wallStartMs: 1_800_000_000_000 });
    this.disk = new SimDisk({ clock: this.clock, random: this.random.fork('disk') });
  }

  get node(): TorcNode {
    if (this.#node === undefined) throw new Error('the node is not open');
    return this.#node;
  }

  async open(options: NodeOptions = OPTIONS, cruelty = 0, listener: NodeListener = SILENT): Promise<TorcNode> {
    this.#lives += 1;
    const random = this.random.fork(`life ${this.#lives}`);
    const probe = new SimProbe({ random: random.fork('probe'), cruelty });
    const { clock, disk } = this;
    this.probe = probe;
    const compressor = new SimCompressor();
    const jobs = storageJobs({ disk, compressor, clock, probe });
    const executor = new SimExecutor({ clock, random: random.fork('executor'), jobs });
    const ports = { clock, disk, random, probe, compressor, executor };
    this.#node = await this.scheduler.settle(compose(ports, listener, options));
    return this.#node;
  }

  /** The power goes and comes back; the wall clock goes on, moved by `jumpMs`. */
  async restart(mode: LossMode = 'dropped', jumpMs = 0, options: NodeOptions = OPTIONS): Promise<TorcNode> {
    const wallStartMs = this.clock.wallMs() - this.scheduler.nowMs() + jumpMs;
    this.clock.kill();
    this.clock = new SimClock(this.scheduler, { wallStartMs });
    this.disk = this.disk.restart(mode, { label: String(this.#lives), clock: this.clock });
    return this.open(options);
  }

  /** Ends the turn, and with it the batch. */
  turn(): Promise<void> {
    return this.scheduler.runFor(1);
  }

  pass(ms: number): Promise<void> {
    return this.scheduler.runFor(ms);
  }

  /** Returns the stamp. */
  write(key: string | Uint8Array, value: string | Uint8Array, options: WriteOptions = {}): number {
    const [bytes, raw] = [asBytes(key), asBytes(value)];
    const next = new NextVersion().value(raw, 0, raw.length, options.expiresAtMs ?? 0);
    return this.node.coordinator.write(0, bytes, 0, bytes.length, next, options.context);
  }

  read(key: string | Uint8Array): Answer {
    const bytes = asBytes(key);
    const view = this.#view;
    const live = this.node.coordinator.read(0, bytes, 0, bytes.length, view);
    const value = live ? String.fromCharCode(...view.bytes.subarray(view.valueStart, view.valueEnd)) : undefined;
    return { value, pendingBatch: view.pendingBatch };
  }

  value(key: string | Uint8Array): string | undefined {
    return this.read(key).value;
  }

  remove(key: string | Uint8Array, seen: ReadView = this.#view): boolean {
    const bytes = asBytes(key);
    return this.node.coordinator.remove(0, bytes, 0, bytes.length, seen);
  }

  record(key: string | Uint8Array): TorcRecord | undefined {
    const bytes = asBytes(key);
    return this.node.coordinator.record(0, bytes, 0, bytes.length);
  }

  /** Brings what reads and writes of the key need into memory. */
  load(key: string | Uint8Array): Promise<void> {
    const bytes = asBytes(key);
    return this.scheduler.settle(this.node.load([new EngineKey().aim(0, bytes, 0, bytes.length)]));
  }

  /** Everything written so far is in tables, and what compactions then had to do is done. */
  async flush(): Promise<void> {
    await this.scheduler.settle(this.node.flush());
    await this.scheduler.runFor(1000);
  }

  /** Keys of database 0 that have a value, as INFO tells. */
  get valueCount(): number {
    return this.node.figures().keysByDb.get(0) ?? 0;
  }
}

export function asBytes(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? asciiBytes(text) : text;
}
