/**
 * One seed of a whole cluster: members on simulated disks and a simulated network, clients that contend for few keys, faults
 * drawn before it begins. Then everything heals, and the oracle judges what is left.
 *
 * The verdict is a list of violations; empty is good. The same options give the same run: same trace, same hash.
 */
import { InvariantError } from '@torc/base/assert';
import { asciiBytes } from '@torc/base/bytes';
import type { PlantedBug } from '@torc/base/ports/probe';
import { digestRecord } from '@torc/base/record/hash';
import type { Topology } from '@torc/cluster/topology/topology';
import { SimProbe } from '../probe.ts';
import { SimRandom } from '../random.ts';
import { ClusterClient, LATEST_DB, nameOf, SIBLINGS_DB, type OperationCounts } from './cluster-client.ts';
import { ClusterWorld, topologyOf } from './cluster-world.ts';
import { drawFaults, type Fault, type FaultKind } from './fault-plan.ts';
import { FaultRunner } from './fault-runner.ts';
import { Oracle } from './oracle.ts';
import type { SimMember } from './sim-member.ts';

export interface ClusterRunOptions {
  readonly seed: number;
  /** Client operations in all. */
  readonly operations?: number;
  readonly faults?: number;
  readonly planted?: readonly PlantedBug[];
  /** Is given every line of the trace as it happens. */
  readonly print?: (line: string) => void;
}

export interface ClusterRunResult {
  readonly violations: readonly string[];
  readonly nodes: number;
  readonly partitions: number;
  readonly operations: OperationCounts;
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly reached: ReadonlyMap<string, number>;
  readonly virtualMs: number;
  readonly hash: string;
}

const CLIENTS = 8;
const PAUSE_MS = 12;
const DEADLINE_MS = 10_000;

export class ClusterRun {
  readonly #options: ClusterRunOptions;
  readonly #random: SimRandom;
  readonly #oracle = new Oracle((key) => key.startsWith(`${LATEST_DB}/`));
  readonly #probe: SimProbe;
  readonly #world: ClusterWorld;
  readonly #counts: OperationCounts = { writes: 0, reads: 0, applied: 0, rejected: 0, unknown: 0, silent: 0 };

  constructor(options: ClusterRunOptions) {
    this.#options = options;
    const random = new SimRandom(options.seed).fork('cluster run');
    const oracle = this.#oracle;
    this.#random = random;
    this.#probe = new SimProbe({ random: random.fork('probe'), cruelty: 0.2, planted: options.planted ?? [] });
    this.#world = new ClusterWorld({
      random,
      probe: this.#probe,
      topology: drawTopology(random.fork('topology')),
      skewMs: 1000,
      print: options.print,
      began: (bucket, key, before, { dot, record }, context) =>
        oracle.began(nameOf(bucket, key), before, { dot, record, isBlind: context === undefined }),
      accuse: (what) => oracle.violations.push(what),
    });
  }

  async run(): Promise<ClusterRunResult> {
    const world = this.#world;
    const withinMs = (this.#operations / CLIENTS) * (PAUSE_MS + 20);
    const count = this.#options.faults ?? 14;
    const faults = drawFaults(this.#random.fork('faults'), world.members.length, count, withinMs);
    try {
      await this.#live(faults);
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      this.#oracle.violations.push(`an invariant broke: ${error.message}`);
    }
    return {
      violations: [...this.#oracle.violations],
      nodes: world.members.length,
      partitions: 2 ** world.topology.partitionBits,
      operations: this.#counts,
      faults: countKinds(faults),
      reached: this.#probe.counts,
      virtualMs: world.scheduler.nowMs(),
      hash: world.trace.hash(),
    };
  }

  get #operations(): number {
    return this.#options.operations ?? 2200;
  }

  async #live(faults: readonly Fault[]): Promise<void> {
    const world = this.#world;
    const { members, network, scheduler, trace } = world;
    await world.start();
    const runner = new FaultRunner({
      faults,
      members,
      network,
      scheduler,
      random: this.#random.fork('fault runner'),
      note: (text) => trace.note(text),
    });
    runner.begin();
    const operations = Math.ceil(this.#operations / CLIENTS);
    await world.settle(Promise.all(this.#clients().map((client) => client.run(operations, PAUSE_MS))));
    trace.note(() => 'everything heals');
    await world.settle(runner.heal());
    await world.pass(5000);
    await this.#judge();
  }

  #clients(): readonly ClusterClient[] {
    const { clock, members, trace } = this.#world;
    const world = {
      clock,
      members,
      oracle: this.#oracle,
      keys: keysOf(this.#random.fork('keys')),
      counts: this.#counts,
      note: (text: () => string): void => trace.note(text),
    };
    return Array.from(
      { length: CLIENTS },
      (_, n) => new ClusterClient(`c${n}`, world, this.#random.fork(`client ${n}`)),
    );
  }

  /** Every key is read at all homes, which repairs it; then all hold the same, and the oracle judges it. */
  async #judge(): Promise<void> {
    const [first] = this.#world.members;
    const reader = first?.member;
    if (reader === undefined) {
      this.#oracle.violations.push('a node does not start although everything has healed');
      return;
    }
    for (const name of [...this.#oracle.keys()].sort()) {
      const [db, text] = [Number(name.slice(0, name.indexOf('/'))), name.slice(name.indexOf('/') + 1)];
      const key = asciiBytes(text);
      const deadlineMs = (first?.clock.monotonicMs() ?? 0) + DEADLINE_MS;
      const read = await this.#world.settle(reader.coordinator.read({ bucket: db, key, level: 'all', deadlineMs }));
      if (read.outcome === 'rejected') {
        this.#oracle.violations.push(`key ${name}: it cannot be read at all homes after healing: ${read.text}`);
        continue;
      }
      this.#oracle.healed(name, 'the cluster', read.record);
      await this.#compare(name, db, key);
    }
  }

  async #compare(name: string, db: number, key: Uint8Array): Promise<void> {
    const digests = new Map<string, string>();
    const home = this.#world.members[0]?.member?.ring.homeOf(db, key);
    for (const { actor } of home?.placement.seats ?? []) {
      const member = this.#world.members.find((one) => one.actor === actor) as SimMember;
      const record = await this.#world.settle((member.member as NonNullable<SimMember['member']>).store.read(db, key));
      const digest = record === undefined ? undefined : digestRecord(record);
      digests.set(member.id, digest === undefined ? 'nothing' : `${digest.low} ${digest.high}`);
    }
    if (new Set(digests.values()).size > 1) {
      this.#oracle.violations.push(`key ${name}: homes differ after healing: ${JSON.stringify([...digests])}`);
    }
  }
}

/** Three to five nodes, two buckets, eight or sixteen partitions. */
function drawTopology(random: SimRandom): Topology {
  const nodes = random.pick([3, 3, 4, 5]);
  const members = Array.from({ length: nodes }, (_, n) => ({
    id: `n${n + 1}`,
    host: `h${n + 1}`,
    rack: `r${n % 3}`,
    dc: 'd1',
    weight: 100,
  }));
  return topologyOf({
    members,
    partitionBits: random.pick([3, 4]),
    classes: [{ name: 'main', copies: 3, copiesByDc: [] }],
    buckets: [
      { name: 'default', db: LATEST_DB, conflict: 'latest', placementClass: 'main' },
      { name: 'all', db: SIBLINGS_DB, conflict: 'siblings', placementClass: 'main' },
    ],
  });
}

/** Few enough to be contended, in several partitions. */
function keysOf(random: SimRandom): readonly Uint8Array[] {
  return Array.from({ length: 12 }, (_, n) => asciiBytes(`key-${n}-${random.below(1000)}`));
}

function countKinds(faults: readonly Fault[]): ReadonlyMap<FaultKind, number> {
  const counts = new Map<FaultKind, number>();
  for (const { kind } of faults) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
