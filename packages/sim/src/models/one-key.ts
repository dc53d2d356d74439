/**
 * The one-key model: a few replicas of one key, random writes, deliveries and forgetting, on the record rules that ship.
 * Small enough to try thousands of interleavings; it is where a rule of DESIGN section 4 is shown to be needed, by taking
 * it away.
 *
 * - `write`: a client writes at a replica: blind, with what it read there, with what it read elsewhere, or with nothing.
 * - `deliver`: one replica sends its record to another.
 * - `forget`: a replica comes back with nothing, or with what it had some time ago; its lineage floor is raised.
 */
import { unionClocks, type Clock } from '@torc/base/record/clock';
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcRecord } from '@torc/base/record/record';
import { writeRecord } from '@torc/base/record/write';
import { CausalHistory, type Seen } from '../checkers/causal-history.ts';
import type { SimRandom } from '../random.ts';

/** Rules that can be taken away. All false is Torc. */
export interface BrokenRules {
  /** A counter per actor in place of intervals: an entry covers everything up to it. */
  readonly plainCounters?: boolean;
  /** Only the newest version is sent, with the whole clock. */
  readonly deltas?: boolean;
  /** A replica that forgot goes on with its old floor. */
  readonly keepFloor?: boolean;
}

export interface ModelOptions {
  readonly replicas: number;
  readonly steps: number;
  readonly broken?: BrokenRules;
}

interface Replica {
  readonly actor: number;
  record: TorcRecord | undefined;
  /** The truth beside the record. */
  seen: Seen;
  lineageFloor: number;
  /** What an old copy of its disk holds. */
  copy: { readonly record: TorcRecord | undefined; readonly seen: Seen };
}

const NOTHING: Seen = new Set();

export class OneKeyModel {
  readonly history: CausalHistory = new CausalHistory();
  readonly #random: SimRandom;
  readonly #options: ModelOptions;
  readonly #broken: BrokenRules;
  readonly #replicas: Replica[];
  #stamp = 0;

  constructor(random: SimRandom, options: ModelOptions) {
    this.#random = random;
    this.#options = options;
    this.#broken = options.broken ?? {};
    this.#replicas = Array.from({ length: options.replicas }, (_, at) => ({
      actor: at + 1,
      record: undefined,
      seen: NOTHING,
      lineageFloor: 0,
      copy: { record: undefined, seen: NOTHING },
    }));
  }

  /** Runs, lets everything spread, and returns what the checker has against it. */
  run(): readonly string[] {
    for (let step = 0; step < this.#options.steps; step += 1) this.#step();
    this.#spread();
    for (const replica of this.#replicas) {
      this.history.judge(`replica ${replica.actor}`, replica.seen, replica.record?.siblings ?? []);
    }
    return this.history.violations;
  }

  #step(): void {
    const kind = this.#random.below(10);
    const copied = this.#random.pick(this.#replicas);
    if (this.#random.below(8) === 0) copied.copy = { record: copied.record, seen: copied.seen };
    if (kind < 5) this.#write(this.#random.pick(this.#replicas), this.#random.pick(this.#replicas));
    else if (kind < 9) this.#deliver(this.#random.pick(this.#replicas), this.#random.pick(this.#replicas));
    else this.#forget(this.#random.pick(this.#replicas));
  }

  #write(at: Replica, readFrom: Replica): void {
    this.#stamp += 1;
    const dot = { actor: at.actor, stamp: this.#stamp };
    const kind = this.#random.pick(['blind', 'read', 'nothing'] as const);
    // A blind write's context is the local record, so its writer has seen what the replica has.
    const context = kind === 'read' ? (readFrom.record?.clock ?? []) : [];
    const seen = kind === 'blind' ? at.seen : kind === 'read' ? readFrom.seen : NOTHING;
    this.history.wrote(dot, seen);
    const floor = this.#broken.plainCounters === true ? 0 : at.lineageFloor;
    const options = kind === 'blind' ? { lineageFloor: floor } : { lineageFloor: floor, context };
    const record = writeRecord(at.record, { value: new Uint8Array(0) }, dot, options);
    at.record = this.#broken.plainCounters === true ? { ...record, clock: asCounters(record.clock) } : record;
    at.seen = new Set([...at.seen, ...this.history.closure([`${dot.actor}@${dot.stamp}`])]);
  }

  #deliver(from: Replica, to: Replica): void {
    if (from === to || from.record === undefined) return;
    const carried = this.#broken.deltas === true ? newestOnly(from.record) : from.record;
    to.record = to.record === undefined ? carried : mergeRecords(to.record, carried);
    to.seen = new Set([...to.seen, ...from.seen]);
  }

  #forget(replica: Replica): void {
    const { record, seen } = replica.copy;
    replica.record = record;
    replica.seen = seen;
    if (this.#broken.keepFloor !== true) replica.lineageFloor = this.#stamp + 1;
  }

  /** Twice round, so that everybody has everything that anybody still had. */
  #spread(): void {
    for (let round = 0; round < 2; round += 1) {
      for (const from of this.#replicas) for (const to of this.#replicas) this.#deliver(from, to);
    }
  }
}

/** What a clock would say if it were one counter per actor. */
function asCounters(clock: Clock): Clock {
  return clock.reduce<Clock>((union, { actor, upto }) => unionClocks(union, [{ actor, since: 1, upto }]), []);
}

function newestOnly(record: TorcRecord): TorcRecord {
  const newest = record.siblings.reduce((a, b) => (b.dot.stamp > a.dot.stamp ? b : a));
  return { clock: record.clock, siblings: [newest] };
}
