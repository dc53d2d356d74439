/** Carries out the faults of a plan on a running cluster, and undoes them when their time is over. */
import type { SimNetwork } from '../network/network.ts';
import type { LossMode } from '../disk/loss.ts';
import type { SimRandom } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Fault } from './fault-plan.ts';
import type { SimMember } from './sim-member.ts';

/** How long after a crash of itself a node is started again, at most. */
const REVIVE_MS = 800;

export interface FaultRunnerWorld {
  readonly faults: readonly Fault[];
  readonly members: readonly SimMember[];
  readonly network: SimNetwork;
  readonly scheduler: Scheduler;
  readonly random: SimRandom;
  note(text: () => string): void;
}

export class FaultRunner {
  readonly #world: FaultRunnerWorld;
  /** What ends the faults that hold. */
  readonly #ends = new Set<() => void>();
  #isHealed = false;

  constructor(world: FaultRunnerWorld) {
    this.#world = world;
  }

  begin(): void {
    const { scheduler, faults } = this.#world;
    for (const fault of faults) {
      scheduler.at(scheduler.nowMs() + fault.atMs, () => {
        if (!this.#isHealed) this.#strike(fault);
      });
    }
    this.#watch();
  }

  /** Ends every fault and starts every node. Settles when all of them run. */
  async heal(): Promise<void> {
    const { members, network } = this.#world;
    this.#isHealed = true;
    for (const end of this.#ends) end();
    network.heal();
    for (const { host } of members) network.powerOn(host);
    for (const member of members) {
      member.disk.armCrash(undefined);
      member.disk.capacityBytes = Number.POSITIVE_INFINITY;
      member.disk.faults.heal();
      member.revive('process');
    }
    await Promise.all(members.map((member) => member.start()));
  }

  /** A node that died by itself (a crash inside an operation, a log that stopped) is started again after a while. */
  #watch(): void {
    const { scheduler, members, random } = this.#world;
    if (this.#isHealed) return;
    for (const member of members) {
      if (member.disk.crashed === undefined) continue;
      member.revive(random.pick<'process' | LossMode>(['process', 'random', 'dropped', 'torn-last']));
      void member.start();
    }
    scheduler.at(scheduler.nowMs() + 50 + random.fraction() * REVIVE_MS, () => this.#watch());
  }

  #strike(fault: Fault): void {
    const { members, network } = this.#world;
    const member = members[fault.node] as SimMember;
    const names = fault.side.map((at) => (members[at] as SimMember).host);
    const others = members.map(({ host }) => host).filter((host) => !names.includes(host));
    this.#world.note(() => `fault: ${fault.kind} ${member.id} [${names.join(' ')}] for ${fault.lastsMs} ms`);
    switch (fault.kind) {
      case 'kill':
        member.crash('process');
        return this.#later(fault, () => void member.start());
      case 'power':
        member.crash(fault.loss);
        return this.#later(fault, () => void member.start());
      case 'power-all':
        for (const one of members) one.crash(fault.loss);
        return this.#later(fault, () => members.forEach((one) => void one.start()));
      case 'crash-inside':
        member.disk.armCrash({ operation: member.disk.operations + 1 + (fault.lastsMs % 20), moment: 'during' });
        return undefined;
      case 'stop':
        void member.stop();
        return this.#later(fault, () => void member.start());
      case 'cut':
        return this.#later(fault, network.cut(names, others, cutKindOf(fault)).heal);
      case 'cut-one-way':
        return this.#later(fault, network.cutOneWay(names, others, cutKindOf(fault)).heal);
      case 'reset':
        return network.reset([member.host]);
      case 'slow-link':
        return this.#later(fault, network.slow(names, others, { latencyFactor: 20, bandwidthFactor: 0.01 }).heal);
      case 'slow-disk':
        member.disk.faults.set({ laterMs: [5, 80] });
        return this.#later(fault, () => member.disk.faults.set({ laterMs: [0, 0.2] }));
      case 'full-disk':
        member.disk.capacityBytes = member.disk.usedBytes() + 200;
        return this.#later(fault, () => {
          member.disk.capacityBytes = Number.POSITIVE_INFINITY;
        });
      case 'clock-jump':
        return member.clock.jumpWall(fault.ms);
      case 'stall':
        return member.clock.block(Math.min(fault.lastsMs, 1500));
    }
  }

  #later(fault: Fault, end: () => void): void {
    const { scheduler } = this.#world;
    const ending = (): void => {
      if (this.#ends.delete(ending)) end();
    };
    this.#ends.add(ending);
    scheduler.at(scheduler.nowMs() + fault.lastsMs, ending);
  }
}

/** Packets vanish, or are answered with a refusal. */
function cutKindOf({ ms }: Fault): 'stall' | 'refuse' {
  return ms > 0 ? 'refuse' : 'stall';
}
