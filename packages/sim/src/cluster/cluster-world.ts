/**
 * A cluster in virtual time: members on simulated disks, a network between them, clocks that lie, and one topology that
 * stands for the authority which raises placement numbers.
 */
import { editsOf } from '@torc/cluster/placement/moves';
import { planSeats } from '@torc/cluster/placement/plan';
import { addMember, bootstrap, changeMember, type NewMember } from '@torc/cluster/topology/edits';
import { changeSeats } from '@torc/cluster/topology/seat-edits';
import type { Bucket, PlacementClass, Topology } from '@torc/cluster/topology/topology';
import { DEFAULT_NODE_OPTIONS } from '@torc/node/options';
import type { MemberListener } from '@torc/node/ring/member';
import { SimClock } from '../clock.ts';
import { Crash } from '../crash.ts';
import { SimNetwork } from '../network/network.ts';
import type { SimProbe } from '../probe.ts';
import type { SimRandom } from '../random.ts';
import { drawEngineOptions } from '../runs/engine-setting.ts';
import { Scheduler } from '../scheduler.ts';
import { SimMember } from './sim-member.ts';
import { Trace } from './trace.ts';

export interface ClusterWorldOptions {
  readonly random: SimRandom;
  readonly probe: SimProbe;
  readonly topology: Topology;
  readonly began?: MemberListener['began'];
  /** How far wall clocks are off at most, ms. */
  readonly skewMs?: number;
  /** Is given every line of the trace as it happens. */
  readonly print?: ((line: string) => void) | undefined;
  accuse(what: string): void;
}

export class ClusterWorld {
  readonly scheduler: Scheduler = new Scheduler();
  readonly trace: Trace;
  readonly network: SimNetwork;
  readonly members: readonly SimMember[];
  /** Of nobody: clients and the authority go by it. */
  readonly clock: SimClock;
  readonly #options: ClusterWorldOptions;
  #topology: Topology;

  constructor(options: ClusterWorldOptions) {
    const { random, topology, print } = options;
    this.#options = options;
    this.#topology = topology;
    this.trace = new Trace(() => this.scheduler.nowMs(), print);
    this.clock = new SimClock(this.scheduler);
    this.network = new SimNetwork({ scheduler: this.scheduler, random: random.fork('network'), trace: this.trace });
    this.members = topology.members.map(({ id, actor, host, rack, dc }) => {
      this.network.addHost({ name: host, rack, dc });
      return this.#member(id, actor, host, random.fork(`member ${id}`));
    });
  }

  get topology(): Topology {
    return this.#topology;
  }

  /** The authority has a newer document. It tells one node that runs; the others learn of it by beats. */
  agree(topology: Topology): void {
    this.#topology = topology;
    this.members.find(({ member }) => member !== undefined)?.member?.ring.adopt(topology);
  }

  /** Starts every member and lets them meet. */
  async start(): Promise<void> {
    await this.settle(Promise.all(this.members.map((member) => member.start())));
    await this.pass(500);
  }

  /** Lets time pass until `work` is settled. A crash that strikes in an event of its own goes by: its node is dead. */
  async settle<T>(work: Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.scheduler.settle(work);
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    }
  }

  pass(ms: number): Promise<void> {
    return this.settle(
      new Promise((resolve) => {
        this.clock.setTimer(ms, resolve);
      }),
    );
  }

  #member(id: string, actor: number, host: string, random: SimRandom): SimMember {
    const { probe, began, skewMs = 0 } = this.#options;
    const engine = { ...drawEngineOptions(random.fork('engine')), scrubBytesPerSecond: 0 };
    return new SimMember({
      id,
      actor,
      host,
      scheduler: this.scheduler,
      network: this.network,
      random,
      probe,
      options: { ...DEFAULT_NODE_OPTIONS, engine },
      skewMs: Math.floor((random.fraction() * 2 - 1) * skewMs),
      rate: skewMs === 0 ? 1 : 1 + (random.fraction() - 0.5) * 0.001,
      topology: () => this.#topology,
      listener: began === undefined ? {} : { began },
      accuse: (what) => this.#options.accuse(what),
      note: (text) => this.trace.note(text),
    });
  }
}

export interface ClusterShape {
  readonly members: readonly NewMember[];
  readonly partitionBits: number;
  readonly classes: readonly PlacementClass[];
  readonly buckets: readonly Bucket[];
}

/** The topology of such a cluster: all members active, all seats planned and full. */
export function topologyOf({ members, partitionBits, classes, buckets }: ClusterShape): Topology {
  const [first, ...others] = members as readonly [NewMember, ...NewMember[]];
  let topology = bootstrap({ clusterId: 'sim', formatNumber: 1, partitionBits, member: first, classes, buckets });
  for (const member of others) {
    const actor = topology.nextActor;
    topology = changeMember(addMember(topology, member), actor, { state: 'active' });
  }
  return changeSeats(topology, editsOf(topology, planSeats(topology)));
}
