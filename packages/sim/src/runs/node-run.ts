/**
 * One node on a simulated disk, through a script of writes, reads, restarts and faults, with crashes at chosen disk
 * operations. After every start everything it shows is judged (`key-ledger.ts`), and a second home that was sent records
 * now and then is judged too (`causal-history.ts`): durability, no invention, refusals, expiry, dots, causality.
 *
 * The verdict is a list of violations; empty is good. The same options give the same run.
 */
import { InvariantError } from '@torc/base/assert';
import { DamageError, DiskError, Refusal } from '@torc/base/errors';
import type { PlantedBug } from '@torc/base/ports/probe';
import { compose } from '@torc/node/compose';
import type { NodeListener, TorcNode } from '@torc/node/node';
import { DEFAULT_NODE_OPTIONS, type NodeOptions } from '@torc/node/options';
import { SimClock } from '../clock.ts';
import { Crash } from '../crash.ts';
import { SimDisk } from '../disk/disk.ts';
import { LOSS_MODES, type LossMode } from '../disk/loss.ts';
import type { CrashPoint } from '../disk/operations.ts';
import type { AtWork } from '../disk/job-disk.ts';
import { SimProbe } from '../probe.ts';
import { SimRandom } from '../random.ts';
import { Scheduler } from '../scheduler.ts';
import { drawEngineOptions, enginePorts } from './engine-setting.ts';
import { NodeLedger } from './node-ledger.ts';
import { NodeSteps } from './node-steps.ts';
import { drawScript, type Step, type Weights } from './script.ts';

/** What a crash leaves: after the power went, in five ways; or all that was written, not durable yet, when only the process died. */
export type CrashLoss = LossMode | 'process';

export const CRASH_LOSSES: readonly CrashLoss[] = [...LOSS_MODES, 'process'];

export interface NodeRunOptions {
  readonly seed: number;
  readonly steps: number;
  readonly weights: Weights;
  readonly planted?: readonly PlantedBug[];
  /** Of the first incarnation. */
  readonly crash?: CrashPoint;
  /** What that crash leaves; drawn when absent, as for later ones. */
  readonly loss?: CrashLoss;
  /** So many steps follow that crash; all that are left when absent. */
  readonly stepsAfter?: number;
}

export interface NodeRunResult {
  readonly violations: readonly string[];
  /** Disk operations of the first incarnation: its crash points. */
  readonly operations: number;
  readonly lives: number;
  readonly writes: number;
  readonly reached: ReadonlyMap<string, number>;
  /** Where the crash of the first incarnation struck; `undefined` when none did. */
  readonly struck: Struck | undefined;
}

/** Inside a job of the engine, in a start, or by the kind of file that was written. */
export type Struck = 'flush' | 'compact' | 'scrub' | 'remove' | 'start' | 'manifest' | 'log' | 'directory' | 'other';

const MAX_LIVES = 60;

export class NodeRun {
  readonly #options: NodeRunOptions;
  readonly #random: SimRandom;
  readonly #script: readonly Step[];
  readonly #settings: NodeOptions;
  readonly #scheduler = new Scheduler();
  readonly #probe: SimProbe;
  readonly #ledger = new NodeLedger();
  #clock: SimClock;
  #disk: SimDisk;
  #next = 0;
  /** Where the script ends. */
  #end: number;
  #lives = 0;
  #operations = 0;
  #atWork: AtWork = { job: undefined };
  #serving = false;
  #struck: Struck | undefined;

  constructor(options: NodeRunOptions) {
    this.#options = options;
    this.#random = new SimRandom(options.seed);
    this.#settings = { ...DEFAULT_NODE_OPTIONS, engine: drawEngineOptions(this.#random.fork('engine')) };
    this.#script = drawScript(this.#random.fork('script'), options.steps, options.weights);
    this.#end = this.#script.length;
    const random = this.#random.fork('probe');
    this.#probe = new SimProbe({ random, cruelty: 0.2, planted: options.planted ?? [] });
    this.#clock = new SimClock(this.#scheduler, { wallStartMs: 1_800_000_000_000 });
    this.#disk = new SimDisk({ clock: this.#clock, random: this.#random.fork('disk') });
    this.#disk.faults.set({ shortWrites: 0.2 });
    this.#disk.armCrash(options.crash);
  }

  async run(): Promise<NodeRunResult> {
    while (this.#next < this.#end && this.#lives < MAX_LIVES && this.#ledger.sound) await this.#live();
    if (this.#ledger.sound) await this.#live();
    return {
      violations: this.#ledger.violations(),
      operations: this.#operations,
      lives: this.#lives,
      writes: this.#ledger.writes,
      reached: this.#probe.counts,
      struck: this.#struck,
    };
  }

  /** One incarnation: starts, is judged, goes on with the script until it ends or the script does. */
  async #live(): Promise<void> {
    this.#lives += 1;
    const disk = this.#disk;
    const clock = this.#clock;
    this.#atWork = { job: undefined };
    this.#serving = false;
    disk.onCrash(() => {
      clock.kill();
      if (this.#lives === 1 && disk.operations === this.#options.crash?.operation) this.#struck = this.#where(disk);
    });
    let how: 'clean' | 'process' | 'power' = 'power';
    try {
      how = await this.#serve(disk);
    } catch (error) {
      if (!(error instanceof Crash)) this.#explain(error);
    }
    if (this.#lives === 1) {
      this.#operations = disk.operations;
      this.#end = Math.min(this.#end, this.#next + (this.#options.stepsAfter ?? this.#end));
    }
    this.#restart(disk, how);
  }

  #restart(disk: SimDisk, how: 'clean' | 'process' | 'power'): void {
    disk.crash();
    this.#ledger.crashed();
    const label = String(this.#lives);
    const wallStartMs = this.#clock.wallMs();
    this.#clock = new SimClock(this.#scheduler, { wallStartMs });
    const options = { label, clock: this.#clock };
    const drawn = this.#random.fork(`loss ${label}`).pick(CRASH_LOSSES);
    let loss: CrashLoss = (this.#lives === 1 ? this.#options.loss : undefined) ?? drawn;
    // What a clean stop left must survive the loss of everything unsynced, too.
    if (how === 'clean') loss = 'dropped';
    if (how === 'process') loss = 'process';
    this.#disk = loss === 'process' ? disk.restartProcess(options) : disk.restart(loss, options);
    this.#disk.faults.set({ shortWrites: 0.2 });
    const again = this.#random.fork(`again ${label}`);
    if (again.chance(0.3)) this.#disk.armCrash({ operation: 1 + again.below(12), moment: 'during' });
  }

  async #serve(disk: SimDisk): Promise<'clean' | 'process' | 'power'> {
    const settle = <T>(work: Promise<T>): Promise<T> => this.#scheduler.settle(disk.alive(work));
    let failed = false;
    const listener: NodeListener = {
      durable: (batch) => this.#ledger.durable(batch),
      refused: (batch) => this.#ledger.refused(batch),
      stopped: () => {
        failed = true;
      },
    };
    const random = this.#random.fork(`node ${this.#lives}`);
    const ports = enginePorts({ clock: this.#clock, disk, random, probe: this.#probe, atWork: this.#atWork });
    const node = await settle(compose(ports, listener, this.#settings));
    this.#serving = true;
    await this.#ledger.settle(node, settle);
    const steps = new NodeSteps(node, disk, this.#scheduler, this.#ledger, this.#random.fork(`steps ${this.#lives}`));
    for (; this.#next < this.#end && this.#ledger.sound; this.#next += 1) {
      const step = this.#script[this.#next] as Step;
      if (step.kind === 'restart') {
        this.#next += 1;
        return this.#stop(node, steps, step.how, settle);
      }
      await steps.run(step, settle);
      if (failed) {
        this.#probe.reached('stopped-by-failed-sync');
        return 'power';
      }
    }
    return this.#stop(node, steps, 'clean', settle);
  }

  async #stop(
    node: TorcNode,
    steps: NodeSteps,
    how: 'clean' | 'process' | 'power',
    settle: <T>(work: Promise<T>) => Promise<T>,
  ): Promise<'clean' | 'process' | 'power'> {
    if (node.figures().engine.blockReads > 0) this.#probe.reached('tables-read-from');
    if (how === 'clean') {
      await steps.finish(settle);
      await settle(node.close());
    }
    return how;
  }

  #where(disk: SimDisk): Struck {
    const { job } = this.#atWork;
    if (job !== undefined) return job as Struck;
    if (!this.#serving) return 'start';
    const path = /^#\d+ \w+ (\S*)/.exec(disk.trace().at(-1) ?? '')?.[1] ?? '';
    if (path.startsWith('manifest-')) return 'manifest';
    if (path.startsWith('log-')) return 'log';
    return path === '' ? 'directory' : 'other';
  }

  #explain(error: unknown): void {
    if (error instanceof DamageError) this.#ledger.accuse(`it refused to open what a crash left: ${error.message}`);
    else if (error instanceof DiskError && error.code === 'missing')
      this.#ledger.accuse(`a file is gone: ${error.message}`);
    else if (error instanceof InvariantError) this.#ledger.accuse(`an invariant broke: ${error.message}`);
    else if (error instanceof DiskError && error.code === 'full') this.#disk.capacityBytes = Number.POSITIVE_INFINITY;
    else if (!(error instanceof DiskError || error instanceof Refusal)) throw error;
  }
}
