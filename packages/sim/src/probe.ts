/**
 * The probe of a simulation: counts what was reached, is cruel by seed, switches planted bugs on.
 *
 * 1. Each choice has a stream of its own, so that a new place that asks does not change what the others hear.
 */
import { PLANTED_BUGS, type PlantedBug, type Probe } from '@torc/base/ports/probe';
import type { SimRandom } from './random.ts';

export interface SimProbeOptions {
  readonly random: SimRandom;
  /** How often `cruel` says yes, from 0 to 1. */
  readonly cruelty: number;
  readonly planted?: readonly PlantedBug[];
  /** Where to count, to add several probes up. */
  readonly counts?: Map<string, number>;
}

export class SimProbe implements Probe {
  /** How often each branch was reached. */
  readonly counts: Map<string, number>;
  /** Which planted bugs were asked for: a bug that nobody asks for cannot be caught. */
  readonly asked: Set<PlantedBug> = new Set();
  readonly #random: SimRandom;
  readonly #cruelty: number;
  readonly #planted: ReadonlySet<PlantedBug>;
  readonly #streams: Map<string, SimRandom> = new Map();

  constructor(options: SimProbeOptions) {
    this.counts = options.counts ?? new Map<string, number>();
    this.#random = options.random;
    this.#cruelty = options.cruelty;
    this.#planted = new Set(options.planted ?? []);
    for (const bug of this.#planted) {
      if (!PLANTED_BUGS.includes(bug)) throw new RangeError(`no such bug: ${bug}`);
    }
  }

  reached(branch: string): void {
    this.counts.set(branch, (this.counts.get(branch) ?? 0) + 1);
  }

  cruel(choice: string): boolean {
    let stream = this.#streams.get(choice);
    if (stream === undefined) {
      stream = this.#random.fork(choice);
      this.#streams.set(choice, stream);
    }
    return stream.chance(this.#cruelty);
  }

  planted(bug: PlantedBug): boolean {
    this.asked.add(bug);
    return this.#planted.has(bug);
  }
}
