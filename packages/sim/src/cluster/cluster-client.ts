/**
 * A client of a simulated cluster: one operation after the other, at a node of its choice, each told to the oracle. It knows
 * nothing that a real client would not know.
 */
import { asciiBytes } from '@torc/base/bytes';
import type { Clock as RecordClock } from '@torc/base/record/clock';
import type { Dot } from '@torc/base/record/dot';
import type { TorcRecord } from '@torc/base/record/record';
import type { Level } from '@torc/cluster/quorum/levels';
import type { SimClock } from '../clock.ts';
import { Crash } from '../crash.ts';
import type { SimRandom } from '../random.ts';
import type { Oracle } from './oracle.ts';
import type { SimMember } from './sim-member.ts';

/** A client gives up so long after the deadline that it gave the node. */
const PATIENCE_MS = 500;

/** The bucket with one answer, and the one that shows all siblings. */
export const LATEST_DB = 0;
export const SIBLINGS_DB = 1;

export interface ClientWorld {
  readonly clock: SimClock;
  readonly members: readonly SimMember[];
  readonly oracle: Oracle;
  readonly keys: readonly Uint8Array[];
  readonly counts: OperationCounts;
  note(text: () => string): void;
}

export interface OperationCounts {
  writes: number;
  reads: number;
  applied: number;
  rejected: number;
  unknown: number;
  silent: number;
}

/** What a client has read of a key, and hands back with its next write. */
interface Read {
  readonly context: RecordClock;
  readonly dots: readonly Dot[];
}

/** Levels at a majority of the homes: these read what those wrote. */
const LEVELS: readonly Level[] = ['quorum', 'strict', 'quorum', 'one', 'all'];

export class ClusterClient {
  readonly #name: string;
  readonly #world: ClientWorld;
  readonly #random: SimRandom;
  readonly #read = new Map<string, Read>();
  #written = 0;

  constructor(name: string, world: ClientWorld, random: SimRandom) {
    this.#name = name;
    this.#world = world;
    this.#random = random;
  }

  /** So many operations, with pauses. */
  async run(operations: number, pauseMs: number): Promise<void> {
    for (let left = operations; left > 0; ) {
      await this.#sleep(this.#random.fraction() * 2 * pauseMs);
      const member = this.#random.pick(this.#world.members);
      // Nobody listens there: a client takes another node.
      if (member.member === undefined) continue;
      left -= 1;
      const db = this.#random.chance(0.5) ? LATEST_DB : SIBLINGS_DB;
      const key = this.#random.pick(this.#world.keys);
      const level = this.#random.pick(LEVELS);
      if (this.#random.chance(0.45)) await this.#readAt(member, db, key, level);
      else await this.#writeAt(member, db, key, level);
    }
  }

  async #readAt(at: SimMember, db: number, key: Uint8Array, level: Level): Promise<void> {
    const { oracle, counts } = this.#world;
    const name = nameOf(db, key);
    const isSettled = isMajority(level);
    const floor = isSettled ? oracle.readBegins(name) : { dots: [] };
    counts.reads += 1;
    const { coordinator } = at.member as NonNullable<typeof at.member>;
    const outcome = await this.#patient(coordinator.read({ bucket: db, key, level, deadlineMs: this.#deadline(at) }));
    this.#note(at, `reads ${name} at ${String(level)}: ${describe(outcome)}`);
    if (outcome === undefined) counts.silent += 1;
    else if (outcome.outcome === 'rejected') counts.rejected += 1;
    else {
      counts.applied += 1;
      const who = `${this.#name}, reading at ${String(level)} from ${at.id},`;
      oracle.readEnds(name, floor, outcome.record, who, isSettled);
      const { record } = outcome;
      if (record !== undefined) {
        this.#read.set(name, { context: record.clock, dots: record.siblings.map(({ dot }) => dot) });
      }
    }
  }

  async #writeAt(at: SimMember, db: number, key: Uint8Array, level: Level): Promise<void> {
    const { oracle, counts } = this.#world;
    const name = nameOf(db, key);
    const read = this.#read.get(name);
    // With a context where siblings show, blind where one answer does; now and then the other way round.
    const seen = this.#random.chance(db === SIBLINGS_DB ? 0.8 : 0.2) ? read : undefined;
    const isSeen = seen !== undefined;
    this.#written += 1;
    const value = this.#random.chance(isSeen ? 0.2 : 0) ? undefined : `${this.#name}.${this.#written}`;
    const id = asciiBytes(`${this.#name}#${this.#written}`);
    const withId = isSeen || this.#random.chance(0.3);
    if (withId) oracle.intends(id, seen?.dots);
    counts.writes += 1;
    const asked = oracle.now();
    const { coordinator } = at.member as NonNullable<typeof at.member>;
    const outcome = await this.#patient(
      coordinator.write({
        bucket: db,
        key,
        level,
        deadlineMs: this.#deadline(at),
        value: value === undefined ? undefined : asciiBytes(value),
        expiresAtMs: 0,
        ...(seen === undefined ? {} : { context: seen.context }),
        ...(withId ? { id } : {}),
      }),
    );
    this.#note(at, `writes ${name}=${value} at ${String(level)}${isSeen ? ' having seen' : ''}: ${describe(outcome)}`);
    if (outcome === undefined) counts.silent += 1;
    else if (outcome.outcome === 'rejected') {
      counts.rejected += 1;
    } else if (outcome.outcome === 'unknown') {
      counts.unknown += 1;
    } else {
      counts.applied += 1;
      oracle.acked(name, outcome.dot, isMajority(level), asked);
    }
  }

  #deadline(at: SimMember): number {
    return at.clock.monotonicMs() + (this.#random.chance(0.1) ? 50 : 1500);
  }

  /** `undefined`: the node never answered. */
  #patient<T>(work: Promise<T>): Promise<T | undefined> {
    const answered = work.catch((error: unknown) => {
      // The node died inside this very call: its client hears nothing.
      if (error instanceof Crash) return new Promise<undefined>(() => {});
      throw error;
    });
    return Promise.race([answered, this.#sleep(1500 + PATIENCE_MS).then(() => undefined)]);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.clock.setTimer(ms, resolve);
    });
  }

  #note(at: SimMember, text: string): void {
    this.#world.note(() => `${this.#name} at ${at.id} ${text}`);
  }
}

export function nameOf(db: number, key: Uint8Array): string {
  return `${db}/${String.fromCharCode(...key)}`;
}

function isMajority(level: Level): boolean {
  return level === 'quorum' || level === 'strict' || level === 'all';
}

interface Described {
  readonly outcome: string;
  readonly record?: TorcRecord | undefined;
  readonly dot?: Dot;
  readonly text?: string;
}

function describe(outcome: Described | undefined): string {
  if (outcome === undefined) return 'no answer';
  const { record, dot, text } = outcome;
  const shown = record?.siblings.map((one) => `${one.dot.actor}@${one.dot.stamp}`).join(' ');
  return [outcome.outcome, shown, dot === undefined ? '' : `${dot.actor}@${dot.stamp}`, text].filter(Boolean).join(' ');
}
