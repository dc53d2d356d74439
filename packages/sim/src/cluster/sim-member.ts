/**
 * One member of a simulated cluster through its lives: a disk that outlives them, a clock that lies, a place in the network.
 */
import { DamageError, DiskError, Refusal } from '@torc/base/errors';
import type { NodeOptions } from '@torc/node/options';
import { composeMember, type Member, type MemberListener } from '@torc/node/ring/member';
import type { Topology } from '@torc/cluster/topology/topology';
import { SimClock } from '../clock.ts';
import { Crash } from '../crash.ts';
import { SimDisk } from '../disk/disk.ts';
import type { LossMode } from '../disk/loss.ts';
import type { SimNetwork } from '../network/network.ts';
import type { SimProbe } from '../probe.ts';
import type { SimRandom } from '../random.ts';
import { enginePorts } from '../runs/engine-setting.ts';
import type { Scheduler } from '../scheduler.ts';

const WALL_START_MS = 1_800_000_000_000;

export interface SimMemberOptions {
  readonly id: string;
  readonly actor: number;
  readonly host: string;
  readonly scheduler: Scheduler;
  readonly network: SimNetwork;
  readonly random: SimRandom;
  readonly probe: SimProbe;
  readonly options: NodeOptions;
  /** How far its wall clock is off, and how much faster it runs. */
  readonly skewMs: number;
  readonly rate: number;
  readonly topology: () => Topology;
  readonly listener: Pick<MemberListener, 'began'>;
  accuse(what: string): void;
  note(text: () => string): void;
}

export class SimMember {
  readonly id: string;
  readonly host: string;
  readonly actor: number;
  readonly #options: SimMemberOptions;
  #clock: SimClock;
  #disk: SimDisk;
  #member: Member | undefined;
  #lives = 0;
  #isStarting = false;
  #stopping: Promise<void> = Promise.resolve();
  /** Its host is silent afterwards, until it starts again. */
  #losesPower = false;
  /** Set while it is down on purpose. */
  #isHeld = false;

  constructor(options: SimMemberOptions) {
    this.id = options.id;
    this.host = options.host;
    this.actor = options.actor;
    this.#options = options;
    this.#clock = this.#freshClock(options.skewMs);
    this.#disk = new SimDisk({ clock: this.#clock, random: options.random.fork('disk') });
  }

  /** The running node. */
  get member(): Member | undefined {
    return this.#member;
  }

  get disk(): SimDisk {
    return this.#disk;
  }

  get clock(): SimClock {
    return this.#clock;
  }

  get lives(): number {
    return this.#lives;
  }

  /** Starts it, and again whenever a start dies of a crash that was armed. */
  async start(): Promise<void> {
    await this.#stopping;
    if (this.#member !== undefined || this.#isStarting) return;
    this.#isStarting = true;
    this.#isHeld = false;
    this.#lives += 1;
    const { host, network, random, probe, options, topology, listener } = this.#options;
    const identity = { clusterId: topology().clusterId, formatNumber: 1, features: [] };
    const life = this.#lives;
    const disk = this.#disk;
    const clock = this.#clock;
    disk.onCrash(() => this.#died(life));
    disk.faults.set({ shortWrites: 0.1 });
    const ports = {
      ...enginePorts({ clock, disk, random: random.fork(`life ${life}`), probe }),
      transport: (boot: number) => network.open({ host, clock, identity: { ...identity, node: this.id, boot } }),
    };
    this.#options.note(() => `${this.id} starts, life ${life}`);
    try {
      const events: MemberListener = {
        durable: () => {},
        refused: () => {},
        stopped: (error) => {
          this.#options.note(() => `${this.id} stops: ${error.message}`);
          // A process whose log has stopped ends itself.
          clock.onTurnEnd(() => disk.crash('its log stopped'));
        },
        ...listener,
      };
      const composed = composeMember(ports, events, options, { actor: this.actor, topology: topology() });
      const member = await disk.alive(composed);
      if (life === this.#lives && disk.crashed === undefined) this.#member = member;
    } catch (error) {
      this.#explain(error);
    } finally {
      if (life === this.#lives) this.#isStarting = false;
    }
  }

  /** Ends it as a process that is killed, or a machine without power, does. */
  crash(how: 'process' | LossMode): void {
    this.#options.note(() => `${this.id} dies: ${how}`);
    this.#losesPower = how !== 'process';
    this.#disk.crash('killed by a fault');
    this.#losesPower = false;
    this.#next(how);
  }

  /** Asks it to stop; whatever happens on the way, it is down afterwards. */
  stop(): Promise<void> {
    this.#stopping = this.#stopping.then(() => this.#stop());
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const member = this.#member;
    const disk = this.#disk;
    this.#isHeld = true;
    if (member === undefined) return;
    this.#options.note(() => `${this.id} is asked to stop`);
    this.#member = undefined;
    await disk.alive(member.close()).catch((error: unknown) => {
      if (!(error instanceof Crash || error instanceof DiskError || error instanceof Refusal)) throw error;
    });
    if (disk.crashed === undefined) {
      disk.crash('stopped');
      this.#next('dropped');
    }
  }

  /** What died of a crash inside one of its operations gets a new life ahead. */
  revive(how: 'process' | LossMode): void {
    if (this.#disk.crashed !== undefined && !this.#isHeld) this.#next(how);
  }

  #next(how: 'process' | LossMode): void {
    const label = String(this.#lives);
    const offsetMs = this.#clock.wallMs() - WALL_START_MS - this.#options.scheduler.nowMs();
    const clock = this.#freshClock(offsetMs);
    this.#disk =
      how === 'process' ? this.#disk.restartProcess({ label, clock }) : this.#disk.restart(how, { label, clock });
    this.#clock = clock;
    this.#isHeld = false;
  }

  #died(life: number): void {
    this.#clock.kill();
    if (this.#losesPower) this.#options.network.powerOff(this.host);
    else this.#options.network.kill(this.id);
    if (life !== this.#lives) return;
    this.#member = undefined;
    this.#isStarting = false;
  }

  #freshClock(offsetMs: number): SimClock {
    const { scheduler, rate } = this.#options;
    const startedMs = scheduler.nowMs();
    return new SimClock(scheduler, {
      wallStartMs: WALL_START_MS + offsetMs + startedMs - startedMs * rate,
      wallRate: rate,
    });
  }

  #explain(error: unknown): void {
    if (error instanceof Crash) return;
    if (error instanceof DamageError)
      this.#options.accuse(`${this.id} refused to open what a crash left: ${error.message}`);
    else if (!(error instanceof DiskError || error instanceof Refusal)) throw error;
    this.#disk.crash('its start failed');
  }
}
