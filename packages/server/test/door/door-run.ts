/**
 * A seeded run of the door: several connections with random pipelines cut at random bytes, slow readers, a disk that fills
 * up, slows down and recovers, syncs on the pool, and a wall clock that jumps.
 *
 * Judged: one reply a command, in order; no reply leaves before what it tells is durable, also by crash images taken at
 * the moment that bytes leave; nothing that was refused is shown; in the end everything is answered.
 */
import type { PlantedBug } from '@torc/base/ports/probe';
import type { DiskImage } from '@torc/sim/disk/disk';
import { LOSS_MODES } from '@torc/sim/disk/loss';
import { SimRandom } from '@torc/sim/random';
import type { Command, DoorClient } from './door-client.ts';
import type { Known } from './door-ledger.ts';
import { DoorWorld } from './door-world.ts';

const IMAGES = 3;
const SHARED_KEYS = 3;
const OWN_KEYS = 2;

interface Taken {
  readonly image: DiskImage;
  readonly known: Known;
  readonly name: string;
}

export interface DoorRunResult {
  readonly violations: readonly string[];
  readonly replies: number;
  readonly reached: ReadonlyMap<string, number>;
}

export class DoorRun {
  readonly #random: SimRandom;
  readonly #world: DoorWorld;
  readonly #lastChunkMs: number[] = [];
  readonly #taken: Taken[] = [];
  /** Some runs move much data, to reach the bounds at which connections stop. */
  readonly #heavy: boolean;
  #sets = 0;

  private constructor(random: SimRandom, world: DoorWorld, heavy: boolean) {
    this.#random = random;
    this.#world = world;
    this.#heavy = heavy;
  }

  static async run(seed: number, planted: readonly PlantedBug[] = []): Promise<DoorRunResult> {
    const random = new SimRandom(seed).fork('door run');
    const heavy = random.chance(0.06);
    const engine = {
      segmentBytes: random.pick([4096, 1 << 20]),
      memtableBytes: heavy ? 4 << 20 : random.pick([8 * 1024, 32 * 1024, 1 << 20]),
      memoryBytes: random.pick([64 * 1024, 4 << 20]),
      logBytes: random.pick([16 * 1024, 1 << 20]),
      blockBytes: random.pick([256, 4096]),
      tableBytes: random.pick([2048, 1 << 20]),
      tierRuns: random.pick([2, 4]),
      reserveBytes: random.pick([0, 2048, 8192]),
      aheadBytes: random.pick([0, 1000, 16_384]),
    };
    const cruelty = random.pick([0, 0.3, 1]);
    const world = await DoorWorld.open({ seed, cruelty, engine, planted, disk: { faults: { shortWrites: 0.1 } } });
    return new DoorRun(random, world, heavy).#go();
  }

  async #go(): Promise<DoorRunResult> {
    const world = this.#world;
    for (let n = 2 + this.#random.below(4); n > 0; n -= 1) {
      world.connect(this.#random.pick([100, 4096, 65_536]), () => this.#maybeImage());
      this.#lastChunkMs.push(0);
    }
    for (let step = 0; step < 60; step += 1) await this.#step();
    await this.#finish();
    for (const { image, known, name } of this.#taken) await world.judge(image, known, name);
    const replies = world.clients.reduce((sum, client) => sum + client.replies.length, 0);
    return { violations: world.ledger.violations, replies, reached: world.probe.counts };
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const world = this.#world;
    const client = random.below(world.clients.length);
    const { socket } = world.clients[client] as DoorClient;
    const dice = random.below(100);
    if (dice < 45) this.#send(client);
    else if (dice < 52) socket.stall();
    else if (dice < 57) socket.sip();
    else if (dice < 62) socket.drain();
    else if (dice < 67) world.fill(random.below(4000));
    else if (dice < 72) world.disk.capacityBytes = Number.POSITIVE_INFINITY;
    else if (dice < 75) world.disk.faults.set({ nowMs: random.pick([0, 0, 2]), laterMs: [0, random.pick([0.2, 20])] });
    else if (dice < 80) world.clock.jumpWall(random.pick([6000, 20_000, 60_000, -3000]));
    else await world.scheduler.runFor(random.pick([0.1, 1, 5, 30, 2000]));
  }

  /** A pipeline, cut at random bytes; the pieces arrive in order, some of them in one turn. */
  #send(client: number): void {
    const random = this.#random;
    const { scheduler, clients } = this.#world;
    const sender = clients[client] as DoorClient;
    const commands = Array.from({ length: 1 + random.below(random.pick([2, 12, 40])) }, () => this.#draw(client));
    const bytes = sender.encode(commands);
    let dueMs = Math.max(scheduler.nowMs(), this.#lastChunkMs[client] as number);
    for (let at = 0; at < bytes.length; ) {
      const end = random.chance(0.5) ? bytes.length : at + 1 + random.below(bytes.length - at);
      const chunk = bytes.subarray(at, end);
      scheduler.at(dueMs, () => void sender.socket.push(chunk));
      if (random.chance(0.6)) dueMs += random.fraction() * 2;
      at = end;
    }
    this.#lastChunkMs[client] = dueMs;
  }

  #draw(client: number): Command {
    const random = this.#random;
    const own = `own-${client}-${random.below(OWN_KEYS)}`;
    const any = random.chance(0.5)
      ? `shared-${random.below(SHARED_KEYS)}`
      : `own-${random.below(this.#world.clients.length)}-${random.below(OWN_KEYS)}`;
    const dice = random.below(100);
    if (dice < 45) return { kind: 'set', key: any, value: this.#value() };
    if (dice < 60) return { kind: 'del', key: own };
    if (dice < 85) return { kind: 'get', key: any };
    return dice < 95 ? { kind: 'exists', key: any } : { kind: 'ping' };
  }

  #value(): string {
    const random = this.#random;
    this.#sets += 1;
    const large = this.#heavy ? random.pick([300_000, 1_200_000]) : 3000;
    return `${this.#sets}:${'x'.repeat(random.below(random.chance(0.15) ? large : 60))}`;
  }

  /** What a crash would leave at the moment that bytes have just left. */
  #maybeImage(): void {
    if (this.#taken.length >= IMAGES || !this.#random.chance(0.05)) return;
    const mode = this.#random.pick(LOSS_MODES);
    const name = `crash image ${this.#taken.length} (${mode})`;
    this.#taken.push({ image: this.#world.disk.snapshot(mode, name), known: this.#world.ledger.known(), name });
  }

  /** The disk is well and every client reads: then nothing may stay unanswered, and every connection ends. */
  async #finish(): Promise<void> {
    const { ledger, disk, clients, scheduler } = this.#world;
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    disk.faults.heal();
    for (const { socket } of clients) socket.drain();
    if (!(await this.#world.answered())) {
      for (const { name, unanswered } of clients) if (unanswered > 0) ledger.accuse(`${name} waits for ${unanswered}`);
      return;
    }
    this.#taken.push({ image: disk.snapshot('dropped'), known: ledger.known(), name: 'the image at the end' });
    for (const { socket } of clients) socket.push(null);
    await scheduler.runUntilIdle();
    for (const { name, socket } of clients) if (!socket.ended) ledger.accuse(`${name} was not ended`);
    if (this.#world.stopped !== undefined) ledger.accuse(`the node stopped: ${this.#world.stopped.message}`);
  }
}
