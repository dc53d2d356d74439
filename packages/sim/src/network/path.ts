/**
 * One direction between two hosts: latency, bandwidth, and what is in the way.
 *
 * 1. What flies lands after a drawn latency; two flights may overtake each other. Order is the pipes' affair.
 * 2. Pipes take turns on the link, one piece each, so that a bulk transfer slows an urgent connection but never stops it.
 * 3. A flight that lands in a cut is lost. If somebody still stands behind it, it is sent again when the cut is healed.
 */
import type { Scheduler } from '../scheduler.ts';
import type { SimRandom } from '../random.ts';
import { drawLatencyMs, type Latency, type NetworkSettings } from './settings.ts';

export interface Host {
  readonly name: string;
  readonly rack: string;
  readonly dc: string;
  /** Without power: it sends nothing and answers nothing. */
  isDark: boolean;
}

/** `stall`: packets vanish. `refuse`: they are answered with a refusal, as a firewall does. */
export type CutKind = 'stall' | 'refuse';

/** A cut as it lies on a path: the same object on each path that it cuts. */
export interface Cut {
  readonly kind: CutKind;
}

export interface Slowness {
  /** Latencies are multiplied by it. */
  readonly latencyFactor: number;
  /** The bandwidth is multiplied by it. */
  readonly bandwidthFactor: number;
}

export interface Flight {
  /** Asked at the landing: false and it is gone, nobody would send it again. */
  isWanted(): boolean;
  /** Whether somebody would send it again once it is lost. */
  isRepeated(): boolean;
  land(): void;
  /** Without it a refusal is as good as a loss. */
  refused?(): void;
}

/** What takes turns on the link. */
export interface Sender {
  /** Takes the next piece off the queue and says how long it is; `undefined`: nothing may leave now. */
  takePiece(): Piece | undefined;
}

export interface Piece extends Flight {
  readonly sizeBytes: number;
  /** On top of the latency. */
  readonly delayMs: number;
}

export interface PathWorld {
  readonly scheduler: Scheduler;
  readonly settings: NetworkSettings;
  readonly random: SimRandom;
}

export class Path {
  readonly from: Host;
  readonly to: Host;
  readonly cuts: Set<Cut> = new Set();
  readonly slowed: Set<Slowness> = new Set();
  readonly #world: PathWorld;
  readonly #latency: Latency;
  readonly #waiting: Set<Sender> = new Set();
  readonly #lost: Flight[] = [];
  /** Whose piece is on the link. It queues again behind those that came meanwhile. */
  #served: Sender | undefined;

  constructor(world: PathWorld, from: Host, to: Host) {
    this.#world = world;
    this.from = from;
    this.to = to;
    this.#latency = latencyBetween(world.settings, from, to);
  }

  /** What becomes of a packet that lands now. */
  get obstacle(): CutKind | undefined {
    if (this.to.isDark) return 'stall';
    let found: CutKind | undefined;
    for (const { kind } of this.cuts) {
      if (kind === 'stall') return kind;
      found = kind;
    }
    return found;
  }

  /** Whether nothing that the one end says reaches the other. */
  get isSilent(): boolean {
    return this.cuts.size > 0 || this.from.isDark;
  }

  latencyMs(): number {
    let ms = drawLatencyMs(this.#latency, this.#world.random);
    for (const { latencyFactor } of this.slowed) ms *= latencyFactor;
    return ms;
  }

  /** Sends something too short to need bandwidth. Returns when it will land. */
  fly(flight: Flight, delayMs: number = 0): number {
    const { scheduler } = this.#world;
    const landsAtMs = scheduler.nowMs() + this.latencyMs() + delayMs;
    scheduler.at(landsAtMs, () => this.#land(flight));
    return landsAtMs;
  }

  /** Gives a sender its turns until it has nothing more. */
  serve(sender: Sender): void {
    if (sender === this.#served) return;
    this.#waiting.add(sender);
    if (this.#served === undefined) this.#serveNext();
  }

  /** Something was taken out of the way: what was lost is sent again, if the way is free. */
  repeatLost(): void {
    if (this.obstacle === 'stall') return;
    const { settings, random } = this.#world;
    const delayMs = settings.retransmitMs * random.fraction();
    for (const flight of this.#lost.splice(0)) {
      if (flight.isRepeated()) this.fly(flight, delayMs);
    }
  }

  #land(flight: Flight): void {
    if (!flight.isWanted()) return;
    const { obstacle } = this;
    if (obstacle === undefined) flight.land();
    else if (obstacle === 'refuse' && flight.refused !== undefined) flight.refused();
    else if (flight.isRepeated()) this.#lost.push(flight);
  }

  #serveNext(): void {
    const { scheduler, settings } = this.#world;
    let bytesPerMs = settings.bytesPerMs;
    for (const { bandwidthFactor } of this.slowed) bytesPerMs *= bandwidthFactor;
    for (const sender of this.#waiting) {
      this.#waiting.delete(sender);
      const piece = sender.takePiece();
      if (piece === undefined) continue;
      this.#served = sender;
      scheduler.at(scheduler.nowMs() + piece.sizeBytes / bytesPerMs, () => {
        this.fly(piece, piece.delayMs);
        this.#served = undefined;
        this.#waiting.add(sender);
        this.#serveNext();
      });
      return;
    }
  }
}

function latencyBetween({ distances }: NetworkSettings, from: Host, to: Host): Latency {
  if (from === to) return distances.host;
  if (from.dc !== to.dc) return distances.world;
  return from.rack === to.rack ? distances.rack : distances.dc;
}
