/** Carries out the steps of a script on a running node. */
import { asciiBytes } from '@torc/base/bytes';
import { Refusal } from '@torc/base/errors';
import { KEEP, WRITE, type Change } from '@torc/node/coordinator/coordinator';
import type { TorcNode } from '@torc/node/node';
import { NextVersion, ReadView } from '@torc/node/replica/views';
import { Crash } from '../crash.ts';
import type { SimDisk } from '../disk/disk.ts';
import type { SimRandom } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { asADoor, type Settle } from './as-a-door.ts';
import { keyBytes, type NodeLedger } from './node-ledger.ts';
import { NodeWalk } from './node-walk.ts';
import { burstKeys, type Step } from './script.ts';

export class NodeSteps {
  readonly #node: TorcNode;
  readonly #disk: SimDisk;
  readonly #scheduler: Scheduler;
  readonly #ledger: NodeLedger;
  readonly #random: SimRandom;
  readonly #view = new ReadView();
  #flushes: Promise<unknown> = Promise.resolve();
  /** Held over later steps. */
  #walk: NodeWalk | undefined;

  constructor(node: TorcNode, disk: SimDisk, scheduler: Scheduler, ledger: NodeLedger, random: SimRandom) {
    this.#node = node;
    this.#disk = disk;
    this.#scheduler = scheduler;
    this.#ledger = ledger;
    this.#random = random;
  }

  async run(step: Step, settle: Settle): Promise<void> {
    try {
      await this.#carryOut(step, settle);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
    // A crash inside a job is thrown to nobody.
    if (this.#disk.crashed !== undefined) throw this.#disk.crashed;
  }

  async #carryOut(step: Step, settle: Settle): Promise<void> {
    switch (step.kind) {
      case 'write':
        return this.#write(step.key, this.#value(step.valueBytes), step.ttlMs, settle);
      case 'delete':
        return this.#write(step.key, undefined, 0, settle);
      case 'burst':
        for (const key of burstKeys(step.key, step.writes)) {
          await this.#write(key, this.#value(step.valueBytes), 0, settle);
        }
        return undefined;
      case 'update':
        return this.#update(step.key, step.wanted, this.#value(step.valueBytes), settle);
      case 'read':
        return this.#ledger.read(this.#node, step.key, settle);
      case 'ship':
        return asADoor(this.#node, [keyBytes(step.key)], settle, () => this.#ledger.ship(this.#node, step.key));
      case 'pass':
        return this.#scheduler.runFor(step.ms);
      case 'jump':
        return this.#disk.clock.jumpWall(step.ms);
      case 'flush':
        await settle(this.#node.flush());
        return this.#ledger.count(this.#node, settle);
      case 'flush-aside':
        this.#flushes = Promise.all([this.#flushes, this.#node.flush()]).catch(notOfACrash);
        return undefined;
      case 'compact':
        await settle(this.#node.engine.compact());
        return this.#ledger.count(this.#node, settle);
      case 'walk':
        return this.#goOnWalking(step.entries, settle);
      case 'full':
        this.#disk.capacityBytes = this.#disk.usedBytes() + this.#random.below(1500);
        return undefined;
      case 'room':
        this.#disk.capacityBytes = Number.POSITIVE_INFINITY;
        return undefined;
      case 'fail-sync':
        return this.#disk.faults.failSync(
          1 + this.#random.below(3),
          this.#random.pick(['dirty', 'forgotten', 'dropped']),
        );
      case 'restart':
        return undefined;
    }
  }

  /** Ends what goes on over several steps: flushes, and the walk that is held, so that nothing holds what the node lets go. */
  async finish(settle: Settle): Promise<void> {
    await settle(this.#flushes);
    await this.#endWalk(settle);
  }

  async #endWalk(settle: Settle): Promise<void> {
    const walk = this.#walk;
    this.#walk = undefined;
    for (const problem of (await walk?.finish(settle)) ?? []) this.#ledger.accuse(problem);
  }

  /** Begins a walk that is held from here on, or ends the one that is. */
  async #goOnWalking(entries: number, settle: Settle): Promise<void> {
    if (this.#walk !== undefined) return this.#endWalk(settle);
    this.#walk = new NodeWalk(this.#node, (takenMs) => this.#ledger.promised(takenMs));
    await this.#walk.go(entries, settle);
  }

  /** Unique, so that what is shown names who wrote it. */
  #value(bytes: number): string {
    return `${this.#ledger.writes}:${'x'.repeat(bytes)}`;
  }

  #write(key: number, value: string | undefined, ttlMs: number, settle: Settle): Promise<void> {
    const keys = [keyBytes(key)];
    return asADoor(this.#node, keys, settle, () => this.#writeNow(key, value, ttlMs));
  }

  #writeNow(key: number, value: string | undefined, ttlMs: number): void {
    const node = this.#node;
    const bytes = keyBytes(key);
    const next = new NextVersion();
    const expiresAtMs = ttlMs === 0 ? 0 : node.wallMs() + ttlMs;
    if (value === undefined) next.deletion();
    else next.value(asciiBytes(value), 0, value.length, expiresAtMs);
    node.coordinator.prepare();
    const before = node.coordinator.record(0, bytes, 0, bytes.length);
    const stamp = node.coordinator.write(0, bytes, 0, bytes.length, next);
    this.#ledger.wrote(key, { stamp, value, expiresAtMs, batch: node.openBatch }, node.identity.actor, before);
    this.#maybeShipEarly(key);
  }

  #update(key: number, wanted: 'absent' | 'present', value: string, settle: Settle): Promise<void> {
    return asADoor(this.#node, [keyBytes(key)], settle, () => this.#updateNow(key, wanted, value));
  }

  #updateNow(key: number, wanted: 'absent' | 'present', value: string): void {
    const node = this.#node;
    const bytes = keyBytes(key);
    const change: Change = {
      decide(current, next): typeof KEEP | typeof WRITE {
        if (current.live !== (wanted === 'present')) return KEEP;
        next.value(asciiBytes(value), 0, value.length, 0);
        return WRITE;
      },
    };
    node.coordinator.prepare();
    const before = node.coordinator.record(0, bytes, 0, bytes.length);
    if (!node.coordinator.update(0, bytes, 0, bytes.length, change, this.#view)) return;
    const stamp = node.coordinator.record(0, bytes, 0, bytes.length)?.siblings[0]?.dot.stamp ?? 0;
    const attempt = { stamp, value, expiresAtMs: 0, batch: node.openBatch };
    this.#ledger.wrote(key, attempt, node.identity.actor, before);
  }

  /** A peer may be sent a record before it is durable here, and keep it when this node loses it. */
  #maybeShipEarly(key: number): void {
    if (this.#random.chance(0.2)) this.#ledger.ship(this.#node, key);
  }
}

/** The step itself throws what the disk died of. */
function notOfACrash(error: unknown): void {
  if (!(error instanceof Crash)) throw error;
}
