/**
 * Bit flips: a small data directory, and then every byte of it damaged, one at a time. Each opening must give the right
 * values or an error; a value that is wrong, or an acknowledged write that is silently missing, is a violation. And every
 * flip must be noticed: damage that happens to do no harm today is a checksum with a hole.
 *
 * Two directories: one closed cleanly, where every write must be there; and one left by a kill, where the newest batch may
 * be taken for a torn tail, since no later frame says that it was durable.
 */
import { DamageError } from '@torc/base/errors';
import type { PlantedBug } from '@torc/base/ports/probe';
import { compose } from '@torc/node/compose';
import type { TorcNode } from '@torc/node/node';
import { DEFAULT_NODE_OPTIONS } from '@torc/node/options';
import { NextVersion, ReadView } from '@torc/node/replica/views';
import { SimClock } from '../clock.ts';
import { SimDisk, type DiskImage } from '../disk/disk.ts';
import { SimProbe } from '../probe.ts';
import { SimRandom } from '../random.ts';
import { Scheduler } from '../scheduler.ts';
import { keyBytes } from './node-ledger.ts';

const ENGINE = { ...DEFAULT_NODE_OPTIONS.engine, reserveBytes: 0, segmentBytes: 1024 };
const SILENT = { durable(): void {}, refused(): void {}, stopped(): void {} };
const KEYS = 5;

export interface FlipResult {
  readonly flips: number;
  readonly errors: number;
  readonly violations: readonly string[];
}

/** What each key should answer: the values it had, newest last, with how many of the newest may be missing. */
interface Expected {
  readonly values: string[];
  mayMiss: number;
}

export class FlipRun {
  readonly #random: SimRandom;
  readonly #planted: readonly PlantedBug[];
  readonly #clean: boolean;
  readonly #expected = new Map<number, Expected>();
  readonly #violations: string[] = [];
  #lastBatch = 0;

  constructor(seed: number, clean: boolean, planted: readonly PlantedBug[] = []) {
    this.#random = new SimRandom(seed);
    this.#clean = clean;
    this.#planted = planted;
  }

  async run(): Promise<FlipResult> {
    const image = await this.#build();
    let flips = 0;
    let errors = 0;
    for (const { path, sizeBytes } of new SimDisk(this.#ports(), { image }).inspect()) {
      for (let offset = 0; offset < sizeBytes; offset += 1) {
        flips += 1;
        if (!(await this.#judge(image, path, offset, this.#random.below(8)))) errors += 1;
      }
    }
    return { flips, errors, violations: this.#violations };
  }

  /** Some writes, in several batches and segments, and a checkpoint in the middle. */
  async #build(): Promise<DiskImage> {
    const scheduler = new Scheduler();
    const ports = this.#ports(scheduler);
    const disk = new SimDisk(ports);
    const node = await scheduler.settle(this.#open(disk, ports.clock));
    for (let n = 0; n < 30; n += 1) {
      if (n === 12) await scheduler.settle(node.checkpoint());
      this.#write(node, this.#random.below(KEYS), `${n}:${'v'.repeat(this.#random.below(60))}`);
      if (n === 29 || this.#random.chance(0.6)) await scheduler.runFor(1);
    }
    if (this.#clean) await scheduler.settle(node.close());
    return disk.snapshot('kept');
  }

  #write(node: TorcNode, key: number, value: string): void {
    const bytes = keyBytes(key);
    const raw = Uint8Array.from(value, (c) => c.charCodeAt(0));
    node.coordinator.write(0, bytes, 0, bytes.length, new NextVersion().value(raw, 0, raw.length, 0));
    const expected = this.#expected.get(key) ?? { values: [], mayMiss: 0 };
    expected.values.push(value);
    this.#expected.set(key, expected);
    if (this.#clean) return;
    // A new batch: those before it are vouched for by its frame, and only what it holds may be taken for a tail.
    if (node.openBatch !== this.#lastBatch) for (const other of this.#expected.values()) other.mayMiss = 0;
    this.#lastBatch = node.openBatch;
    expected.mayMiss += 1;
  }

  /** Opens the damaged copy: `false` when it answered with an error. */
  async #judge(image: DiskImage, path: string, offset: number, bit: number): Promise<boolean> {
    const scheduler = new Scheduler();
    const ports = this.#ports(scheduler);
    const disk = new SimDisk(ports, { image });
    disk.flipBit(path, offset, bit);
    const flip = `${path} byte ${offset} bit ${bit}`;
    try {
      const node = await scheduler.settle(this.#open(disk, ports.clock));
      for (const [key, expected] of this.#expected) this.#compare(node, key, expected, flip);
      if (node.recovery.cutBytes === 0) this.#violations.push(`${flip} flipped, and nobody noticed`);
    } catch (error) {
      if (error instanceof DamageError) return false;
      throw error;
    }
    await this.#judgeAgain(disk, flip);
    return true;
  }

  /** What was read once is a promise: it must be there after the next start, too. */
  async #judgeAgain(opened: SimDisk, flip: string): Promise<void> {
    const scheduler = new Scheduler();
    const { clock } = this.#ports(scheduler);
    const disk = opened.restart('dropped', { clock });
    try {
      const node = await scheduler.settle(this.#open(disk, clock));
      for (const [key, expected] of this.#expected) this.#compare(node, key, expected, `${flip}, second start`);
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      this.#violations.push(`${flip} flipped: it opened once, and then never again: ${error.message}`);
    }
  }

  #compare(node: TorcNode, key: number, { values, mayMiss }: Expected, flip: string): void {
    const bytes = keyBytes(key);
    const view = new ReadView();
    const found = node.coordinator.read(0, bytes, 0, bytes.length, view);
    const answer = found ? String.fromCharCode(...view.bytes.subarray(view.valueStart, view.valueEnd)) : undefined;
    const allowed = values.slice(-1 - mayMiss);
    if (answer === undefined ? mayMiss >= values.length : allowed.includes(answer)) return;
    this.#violations.push(`${flip} flipped: key ${key} answers ${answer ?? 'nothing'}, not ${values.at(-1)}`);
  }

  #open(disk: SimDisk, clock: SimClock): Promise<TorcNode> {
    const probe = new SimProbe({ random: this.#random.fork('probe'), cruelty: 0, planted: this.#planted });
    const ports = { clock, disk, probe, random: this.#random.fork('node') };
    return compose(ports, SILENT, { ...DEFAULT_NODE_OPTIONS, engine: ENGINE });
  }

  #ports(scheduler: Scheduler = new Scheduler()): { clock: SimClock; random: SimRandom } {
    const clock = new SimClock(scheduler, { wallStartMs: 1_800_000_000_000 });
    return { clock, random: this.#random.fork('disk') };
  }
}
