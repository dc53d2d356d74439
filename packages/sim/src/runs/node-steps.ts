/** Carries out the steps of a script on a running node. */
import { Refusal } from '@torc/base/errors';
import { KEEP, WRITE, type Change } from '@torc/node/coordinator/coordinator';
import type { TorcNode } from '@torc/node/node';
import { NextVersion, ReadView } from '@torc/node/replica/views';
import type { SimDisk } from '../disk/disk.ts';
import type { SimRandom } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { keyBytes, type NodeLedger } from './node-ledger.ts';
import type { Step } from './script.ts';

type Settle = <T>(work: Promise<T>) => Promise<T>;

export class NodeSteps {
  readonly #node: TorcNode;
  readonly #disk: SimDisk;
  readonly #scheduler: Scheduler;
  readonly #ledger: NodeLedger;
  readonly #random: SimRandom;
  readonly #view = new ReadView();

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
  }

  async #carryOut(step: Step, settle: Settle): Promise<void> {
    switch (step.kind) {
      case 'write':
        return this.#write(step.key, this.#value(step.valueBytes), step.ttlMs);
      case 'delete':
        return this.#write(step.key, undefined, 0);
      case 'update':
        return this.#update(step.key, step.wanted, this.#value(step.valueBytes));
      case 'read':
        return this.#ledger.read(this.#node, step.key);
      case 'ship':
        return this.#ledger.ship(this.#node, step.key);
      case 'pass':
        return this.#scheduler.runFor(step.ms);
      case 'jump':
        return this.#disk.clock.jumpWall(step.ms);
      case 'checkpoint':
        return settle(this.#node.checkpoint()).catch((error: unknown) => this.#tolerateFull(error));
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

  /** Unique, so that what is shown names who wrote it. */
  #value(bytes: number): string {
    return `${this.#ledger.writes}:${'x'.repeat(bytes)}`;
  }

  #write(key: number, value: string | undefined, ttlMs: number): void {
    const node = this.#node;
    const bytes = keyBytes(key);
    const next = new NextVersion();
    const expiresAtMs = ttlMs === 0 ? 0 : node.wallMs() + ttlMs;
    if (value === undefined) next.deletion();
    else next.value(asBytes(value), 0, value.length, expiresAtMs);
    node.coordinator.prepare();
    const before = node.coordinator.record(0, bytes, 0, bytes.length);
    const stamp = node.coordinator.write(0, bytes, 0, bytes.length, next);
    this.#ledger.wrote(key, { stamp, value, expiresAtMs, batch: node.openBatch }, node.identity.actor, before);
    this.#maybeShipEarly(key);
  }

  #update(key: number, wanted: 'absent' | 'present', value: string): void {
    const node = this.#node;
    const bytes = keyBytes(key);
    const change: Change = {
      decide(current, next): typeof KEEP | typeof WRITE {
        if (current.live !== (wanted === 'present')) return KEEP;
        next.value(asBytes(value), 0, value.length, 0);
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

  #tolerateFull(error: unknown): void {
    if (!(error instanceof Error) || !['DiskError', 'Refusal'].includes(error.name)) throw error;
  }
}

function asBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}
