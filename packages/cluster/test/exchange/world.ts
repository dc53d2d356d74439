/**
 * Stores that exchange with each other over links that a seed makes slow, doubling or broken. Messages between two nodes keep
 * their order, as on a connection; everything else happens in any order.
 */
import assert from 'node:assert/strict';
import { CodecError } from '@torc/base/errors';
import { digestRecord } from '@torc/base/record/hash';
import { decodeRecord } from '@torc/base/record/codec';
import type { SimRandom } from '@torc/sim/random';
import { decodeExchange } from '../../src/exchange/codec.ts';
import { Exchanges, type HandledEffect } from '../../src/exchange/exchanges.ts';
import type { SessionResult } from '../../src/exchange/session.ts';
import type { LeafSource } from '../../src/exchange/source.ts';
import { type MemoryStore, textOf } from './memory-store.ts';

export const STAMPS_PER_MS = 4096;
export const CLASS = 'three';

/** What goes wrong, in chances per message. */
export interface Faults {
  readonly duplicate: number;
  /** The connection breaks: what is on it is gone, and both sides hear of it. */
  readonly reset: number;
}

export interface WorldOptions {
  readonly stores: readonly MemoryStore[];
  /** Without one everything happens in order. */
  readonly random?: SimRandom;
  readonly faults?: Faults;
  readonly youngMs?: number;
  /** Instead of the store itself: to plant a bug. */
  readonly sourceOf?: (store: MemoryStore) => LeafSource;
  readonly ageMs?: (stamp: number, nowMs: number) => number;
}

export interface Ended {
  readonly node: number;
  readonly result: SessionResult;
}

interface Link {
  readonly from: number;
  readonly to: number;
  readonly queue: Uint8Array[];
}

export class World {
  nowMs = 10_000;
  readonly ended: Ended[] = [];
  readonly sent: { readonly from: number; readonly to: number; readonly bytes: Uint8Array }[] = [];
  /** Keys that were sent though the other side held the very same: what may not be. */
  readonly needless: string[] = [];
  placements: number[];
  readonly #options: WorldOptions;
  readonly #stores: readonly MemoryStore[];
  readonly #nodes: readonly Exchanges[];
  readonly #links: Link[] = [];
  readonly #answers: (() => void)[] = [];

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#stores = options.stores;
    this.placements = options.stores.map(() => 7);
    this.#nodes = options.stores.map((_, node) => new Exchanges({ firstSession: 1, accept: () => this.#terms(node) }));
    for (let from = 0; from < options.stores.length; from += 1)
      for (let to = 0; to < options.stores.length; to += 1) if (from !== to) this.#links.push({ from, to, queue: [] });
  }

  stampNow(): number {
    return this.nowMs * STAMPS_PER_MS;
  }

  open(from: number, to: number): void {
    const { partitionBits, partition } = this.#store(from).tree();
    const terms = { ...this.#terms(from), partitionBits, partition, placementClass: CLASS };
    const effects = this.#exchanges(from).open(to, { ...terms, youngMs: this.#options.youngMs ?? 0 }, this.nowMs);
    assert.ok(effects !== undefined, 'too many sessions');
    this.#carryOut(from, effects);
  }

  /** One thing happens. False when nothing is left to happen. */
  step(): boolean {
    const { random } = this.#options;
    const links = this.#links.filter(({ queue }) => queue.length > 0);
    const count = links.length + this.#answers.length;
    if (count === 0) return false;
    const chosen = random === undefined ? 0 : random.below(count);
    const link = links[chosen];
    if (link === undefined) this.#answers.splice(chosen - links.length, 1)[0]?.();
    else this.#deliver(link);
    return true;
  }

  /** Until nothing is left to happen. */
  run(limit = 200_000): void {
    let steps = 0;
    while (this.step()) {
      steps += 1;
      assert.ok(steps < limit, 'it does not come to an end');
    }
    for (const node of this.#nodes) assert.equal(node.count, 0, 'a session is left though nothing happens');
  }

  /** Gives up on everything, as after a silence. */
  idle(): void {
    this.nowMs += 60_000;
    this.#nodes.forEach((node, at) => this.#carryOut(at, node.tick(this.nowMs)));
  }

  lose(a: number, b: number): void {
    for (const link of this.#links)
      if ((link.from === a && link.to === b) || (link.from === b && link.to === a)) link.queue.length = 0;
    this.#carryOut(a, this.#exchanges(a).peerLost(b, this.nowMs));
    this.#carryOut(b, this.#exchanges(b).peerLost(a, this.nowMs));
  }

  #deliver(link: Link): void {
    const { random, faults } = this.#options;
    if (random !== undefined && faults !== undefined && random.chance(faults.reset)) {
      this.lose(link.from, link.to);
      return;
    }
    const bytes = link.queue.shift() as Uint8Array;
    if (random !== undefined && faults !== undefined && random.chance(faults.duplicate))
      link.queue.splice(random.below(link.queue.length + 1), 0, bytes);
    this.receive(link.from, link.to, bytes);
  }

  receive(from: number, to: number, bytes: Uint8Array): void {
    this.#carryOut(to, this.#exchanges(to).receive(from, bytes, this.nowMs));
  }

  #terms(node: number): {
    placement: number;
    source: LeafSource;
    ageMs: (stamp: number) => number;
  } {
    const store = this.#store(node);
    const { ageMs, sourceOf } = this.#options;
    return {
      placement: this.placements[node] as number,
      source: sourceOf?.(store) ?? store,
      ageMs: (stamp) => ageMs?.(stamp, this.nowMs) ?? this.nowMs - stamp / STAMPS_PER_MS,
    };
  }

  #carryOut(node: number, effects: readonly HandledEffect[]): void {
    for (const { handle, peer, effect } of effects) {
      const store = this.#store(node);
      if (effect.kind === 'send') this.#send(node, peer, effect.bytes);
      else if (effect.kind === 'ended') this.ended.push({ node, result: effect.result });
      else if (effect.kind === 'load') {
        const { load } = effect;
        this.#answers.push(() => {
          store.load(load);
          const next = this.#exchanges(node).answer(handle, { kind: 'loaded' }, this.nowMs);
          store.forget();
          this.#carryOut(node, next);
        });
      } else {
        const { token, key, record } = effect;
        this.#answers.push(() => {
          const { senderLacks } = store.merge(key, record);
          const event = { kind: 'merged', token, senderLacks } as const;
          this.#carryOut(node, this.#exchanges(node).answer(handle, event, this.nowMs));
        });
      }
    }
  }

  #send(from: number, to: number, bytes: Uint8Array): void {
    this.sent.push({ from, to, bytes });
    this.#links.find((link) => link.from === from && link.to === to)?.queue.push(bytes);
    const { message } = decodeExchange(bytes);
    if (message.kind !== 'records') return;
    for (const { key, record } of message.records) {
      const held = this.#store(to).get(key);
      const digest = digestRecord(decodeRecord(record));
      const other = held === undefined ? undefined : digestRecord(held);
      if (other !== undefined && other.low === digest.low && other.high === digest.high)
        this.needless.push(textOf(key));
    }
  }

  #store(node: number): MemoryStore {
    return this.#stores[node] as MemoryStore;
  }

  #exchanges(node: number): Exchanges {
    return this.#nodes[node] as Exchanges;
  }
}

/** The total of both directions. */
export function sentBytes(world: World): number {
  return world.sent.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

export function kindsOf(world: World): readonly string[] {
  return world.sent.map(({ bytes }) => decodeExchange(bytes).message.kind);
}

/** True for bytes that are refused, false for bytes that are read. Anything else than a `CodecError` goes through. */
export function isRefused(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch (error) {
    if (error instanceof CodecError) return true;
    throw error;
  }
}
