/**
 * Bit flips: a small data directory with tables, manifest and log, and then every byte of it damaged, one at a time. Each
 * opening, and each read after it, must give the right value or an error; a value that is wrong, or an acknowledged write
 * that is silently missing, is a violation. And every flip must be noticed, by the start, a read or the scrub: damage that
 * happens to do no harm today is a checksum with a hole.
 *
 * Two directories: one closed cleanly, where every write must be there; and one left by a kill, where the newest batch may
 * be taken for a torn tail, since no later frame says that it was durable.
 */
import { DamageError, DiskError } from '@torc/base/errors';
import type { PlantedBug } from '@torc/base/ports/probe';
import { compose } from '@torc/node/compose';
import type { TorcNode } from '@torc/node/node';
import { DEFAULT_NODE_OPTIONS } from '@torc/node/options';
import { NextVersion, ReadView } from '@torc/node/replica/views';
import type { EngineOptions } from '@torc/storage/options';
import { SimClock } from '../clock.ts';
import { SimDisk, type DiskImage } from '../disk/disk.ts';
import { SimProbe } from '../probe.ts';
import { SimRandom } from '../random.ts';
import { Scheduler } from '../scheduler.ts';
import { asADoor } from './as-a-door.ts';
import { enginePorts } from './engine-setting.ts';
import { keyBytes } from './node-ledger.ts';

/** Tables stay as they are while they are judged: three runs above the bottom do not yet call for a compaction. */
const ENGINE: EngineOptions = {
  ...DEFAULT_NODE_OPTIONS.engine,
  reserveBytes: 0,
  segmentBytes: 600,
  memoryBytes: 8 * 1024,
  memtableBytes: 64 * 1024,
  blockBytes: 128,
  tableBytes: 512,
  tierRuns: 3,
  upperShare: 4,
  scrubBytesPerSecond: 0,
};
const WRITES = 30;
/** So many writes come before each of these. */
const FLUSHES: readonly number[] = [6, 11, 16, 24];
const SILENT = { durable(): void {}, refused(): void {}, stopped(): void {} };
const KEYS = 6;

export interface FlipResult {
  readonly flips: number;
  /** Openings that were refused. */
  readonly errors: number;
  /** Openings in which a read, or only the scrub, said "damaged". */
  readonly damagedReads: number;
  readonly scrubbed: number;
  /** By kind of file: table, manifest, log. */
  readonly bytes: ReadonlyMap<string, number>;
  readonly reached: ReadonlyMap<string, number>;
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
  readonly #reached = new Map<string, number>();
  #lastBatch = 0;
  #errors = 0;
  #damagedReads = 0;
  #scrubbed = 0;

  constructor(seed: number, clean: boolean, planted: readonly PlantedBug[] = []) {
    this.#random = new SimRandom(seed);
    this.#clean = clean;
    this.#planted = planted;
  }

  async run(): Promise<FlipResult> {
    const image = await this.#build();
    let flips = 0;
    const bytes = new Map<string, number>();
    for (const { path, sizeBytes } of new SimDisk(this.#ports(), { image }).inspect()) {
      const kind = path.replace(/-\d+.*$/, '');
      bytes.set(kind, (bytes.get(kind) ?? 0) + sizeBytes);
      for (let offset = 0; offset < sizeBytes; offset += 1) {
        flips += 1;
        await this.#judge(image, path, offset, this.#random.below(8));
      }
    }
    return {
      flips,
      errors: this.#errors,
      damagedReads: this.#damagedReads,
      scrubbed: this.#scrubbed,
      bytes,
      reached: this.#reached,
      violations: this.#violations,
    };
  }

  /** Some writes, in several batches and segments; flushes in the middle, and a compaction of the first ones. */
  async #build(): Promise<DiskImage> {
    const scheduler = new Scheduler();
    const ports = this.#ports(scheduler);
    const disk = new SimDisk(ports);
    const node = await scheduler.settle(this.#open(disk, ports.clock));
    for (let n = 0; n < WRITES; n += 1) {
      if (FLUSHES.includes(n)) {
        await scheduler.settle(node.flush());
        await scheduler.settle(node.engine.compact());
      }
      const key = this.#random.below(KEYS);
      const value = `${n}:${'v'.repeat(this.#random.below(60))}`;
      await asADoor(
        node,
        [keyBytes(key)],
        (work) => scheduler.settle(work),
        () => this.#write(node, key, value),
      );
      if (n === WRITES - 1 || this.#random.chance(0.6)) await scheduler.runFor(1);
    }
    // Files that nothing names any more are removed at leisure.
    await scheduler.runFor(200);
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

  /** Opens the damaged copy, and reads everything. */
  async #judge(image: DiskImage, path: string, offset: number, bit: number): Promise<void> {
    const scheduler = new Scheduler();
    const ports = this.#ports(scheduler);
    const disk = new SimDisk(ports, { image });
    disk.flipBit(path, offset, bit);
    const flip = `${path} byte ${offset} bit ${bit}`;
    try {
      const node = await scheduler.settle(this.#open(disk, ports.clock));
      const damaged = this.#compareAll(node, flip);
      const { manifest, scrubber } = node.engine.parts;
      const cut = node.recovery.cutBytes + manifest.recovered.cutBytes;
      if (damaged > 0) this.#damagedReads += 1;
      else if (cut === 0) {
        const { damagedBlocks } = await scheduler.settle(scrubber.scrubAll());
        if (damagedBlocks > 0) this.#scrubbed += 1;
        else this.#violations.push(`${flip} flipped, and nobody noticed`);
        // What is marked damaged is no reason to answer otherwise.
        this.#compareAll(node, `${flip}, scrubbed`);
      }
    } catch (error) {
      const gone = error instanceof DiskError && error.code === 'missing';
      if (!(error instanceof DamageError || gone)) throw error;
      this.#errors += 1;
      return;
    }
    if (!path.startsWith('table-')) await this.#judgeAgain(disk, flip);
  }

  /** What was read once is a promise: it must be there after the next start, too. */
  async #judgeAgain(opened: SimDisk, flip: string): Promise<void> {
    const scheduler = new Scheduler();
    const { clock } = this.#ports(scheduler);
    const disk = opened.restart('dropped', { clock });
    try {
      const node = await scheduler.settle(this.#open(disk, clock));
      this.#compareAll(node, `${flip}, second start`);
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      this.#violations.push(`${flip} flipped: it opened once, and then never again: ${error.message}`);
    }
  }

  /** How many keys answer that they are damaged; the others answer right. */
  #compareAll(node: TorcNode, flip: string): number {
    let damaged = 0;
    for (const [key, expected] of this.#expected) {
      try {
        node.withLoaded(() => this.#compare(node, key, expected, flip));
      } catch (error) {
        if (!(error instanceof DamageError)) throw error;
        damaged += 1;
      }
    }
    return damaged;
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
    const random = this.#random.fork('probe');
    const probe = new SimProbe({ random, cruelty: 0, planted: this.#planted, counts: this.#reached });
    const ports = enginePorts({ clock, disk, probe, random: this.#random.fork('node') });
    return compose(ports, SILENT, { ...DEFAULT_NODE_OPTIONS, engine: ENGINE });
  }

  #ports(scheduler: Scheduler = new Scheduler()): { clock: SimClock; random: SimRandom } {
    const clock = new SimClock(scheduler, { wallStartMs: 1_800_000_000_000 });
    return { clock, random: this.#random.fork('disk') };
  }
}
