/** The real door and the real node in a simulated world: virtual time, one simulated disk, sockets without a network. */
import { compose, type NodePorts } from '@torc/node/compose';
import type { NodeListener, TorcNode } from '@torc/node/node';
import { DEFAULT_NODE_OPTIONS, type NodeOptions } from '@torc/node/options';
import type { PlantedBug } from '@torc/base/ports/probe';
import { SimClock } from '@torc/sim/clock';
import { SimCompressor } from '@torc/sim/compressor';
import { SimDisk, type DiskImage, type SimDiskOptions } from '@torc/sim/disk/disk';
import { SimExecutor } from '@torc/sim/executor';
import { SimProbe } from '@torc/sim/probe';
import { SimRandom } from '@torc/sim/random';
import { Scheduler } from '@torc/sim/scheduler';
import { storageJobs } from '@torc/storage/jobs';
import type { EngineOptions } from '@torc/storage/options';
import { DEFAULT_RESP_LIMITS } from '@torc/wire/resp/limits';
import { RespDoor } from '../../src/resp/resp-door.ts';
import { DoorClient } from './door-client.ts';
import { DoorLedger, type Known } from './door-ledger.ts';

const MIB = 1024 * 1024;
const WALL_START_MS = 1_800_000_000_000;
const SILENT: NodeListener = { durable(): void {}, refused(): void {}, stopped(): void {} };

export interface DoorWorldOptions {
  readonly seed?: number | string;
  /** 1: every sync goes to the pool, and every read of a table. */
  readonly cruelty?: number;
  readonly engine?: Partial<EngineOptions>;
  readonly disk?: SimDiskOptions;
  readonly planted?: readonly PlantedBug[];
}

export class DoorWorld {
  readonly scheduler: Scheduler = new Scheduler();
  readonly random: SimRandom;
  readonly clock: SimClock;
  readonly disk: SimDisk;
  readonly probe: SimProbe;
  readonly ledger: DoorLedger = new DoorLedger();
  readonly clients: DoorClient[] = [];
  stopped: Error | undefined;
  readonly #options: NodeOptions;
  #node: TorcNode | undefined;
  #door: RespDoor | undefined;

  private constructor({ seed = 1, cruelty = 0, engine = {}, disk = {}, planted = [] }: DoorWorldOptions) {
    this.random = new SimRandom(seed);
    this.clock = new SimClock(this.scheduler, { wallStartMs: WALL_START_MS });
    this.disk = new SimDisk({ clock: this.clock, random: this.random.fork('disk') }, disk);
    this.probe = new SimProbe({ random: this.random.fork('probe'), cruelty, planted });
    const limits = { ...DEFAULT_NODE_OPTIONS.limits, valueBytes: 4 * 1024 * 1024 };
    const small = {
      reserveBytes: 4096,
      aheadBytes: 0,
      scrubBytesPerSecond: 0,
      memoryBytes: 16 * MIB,
      memtableBytes: 4 * MIB,
    };
    const sizes = { ...DEFAULT_NODE_OPTIONS.engine, ...small, ...engine };
    this.#options = { ...DEFAULT_NODE_OPTIONS, limits, engine: sizes };
  }

  static async open(options: DoorWorldOptions = {}): Promise<DoorWorld> {
    const world = new DoorWorld(options);
    await world.#open();
    return world;
  }

  get node(): TorcNode {
    return this.#node as TorcNode;
  }

  get door(): RespDoor {
    return this.#door as RespDoor;
  }

  connect(highWaterMark = 64 * 1024, afterSend?: () => void): DoorClient {
    const client = new DoorClient(`client ${this.clients.length}`, this.ledger, highWaterMark, afterSend);
    this.clients.push(client);
    this.door.accept(client.socket.asSocket());
    return client;
  }

  /** Gives the disk this much room. */
  fill(roomBytes: number): void {
    this.disk.capacityBytes = this.disk.usedBytes() + roomBytes;
  }

  /** Lets time pass until every command is answered; `false` when that does not happen. */
  answered(limitMs = 10_000): Promise<boolean> {
    return this.scheduler.runUntil(() => this.clients.every(({ unanswered }) => unanswered === 0), limitMs);
  }

  /** Opens a second node on a copy of the disk and judges what it shows. */
  async judge(image: DiskImage, known: Known, name: string): Promise<void> {
    const scheduler = new Scheduler();
    const clock = new SimClock(scheduler, { wallStartMs: WALL_START_MS });
    const random = this.random.fork(name);
    const disk = new SimDisk({ clock, random }, { image });
    const probe = new SimProbe({ random, cruelty: 0 });
    const node = await scheduler.settle(compose(portsOf({ clock, disk, random, probe }), SILENT, this.#options));
    this.ledger.judgeImage(node, known, name);
  }

  async #open(): Promise<void> {
    const { clock, disk, probe, ledger } = this;
    const listener: NodeListener = {
      durable: (batch) => {
        ledger.durable(batch);
        this.#door?.durable(batch);
      },
      refused: (batch) => {
        ledger.refused(batch);
        this.#door?.refused(batch);
      },
      stopped: (error) => {
        this.stopped = error;
        this.#door?.stopped();
      },
    };
    const ports = portsOf({ clock, disk, probe, random: this.random.fork('node') });
    this.#node = await this.scheduler.settle(compose(ports, listener, this.#options));
    ledger.listen(this.#node);
    this.#door = new RespDoor(this.#node, clock, {
      host: 'nowhere',
      port: 0,
      maxConnections: 100,
      limits: DEFAULT_RESP_LIMITS,
      version: '0',
      runId: '0',
    });
  }
}

interface SimPorts {
  readonly clock: SimClock;
  readonly disk: SimDisk;
  readonly probe: SimProbe;
  readonly random: SimRandom;
}

function portsOf(ports: SimPorts): NodePorts {
  const files = { ...ports, compressor: new SimCompressor() };
  const jobs = storageJobs(files);
  return { ...files, executor: new SimExecutor({ clock: ports.clock, random: ports.random.fork('executor'), jobs }) };
}
