/**
 * One read: the homes' records and digests, merged, and what lags behind the merge repaired, durably, before the answer
 * leaves. So a later read of as many homes never goes back (trap 6 of the field notes).
 *
 * A home counts when it contributed what it holds, and holds the merge of all that was contributed. The first full record
 * is this node's own if it holds a seat that votes; others are asked for a digest, and for the record only when it differs.
 */
import { CodecError, DamageError, Refusal } from '@torc/base/errors';
import type { Clock } from '@torc/base/ports/clock';
import type { Probe } from '@torc/base/ports/probe';
import { decodeRecord, encodeRecord } from '@torc/base/record/codec';
import { digestRecord, type Digest } from '@torc/base/record/hash';
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcRecord } from '@torc/base/record/record';
import { isMet, type Need } from '@torc/cluster/quorum/needs';
import { hasSeat, seatBit, type SeatSet } from '@torc/cluster/quorum/seat-set';
import type { Seat } from '@torc/cluster/topology/topology';
import { runAside } from '@torc/storage/background/run-aside';
import type { HomeStore } from './home-store.ts';
import type { Peers } from './peers.ts';
import type { RingView } from './ring-view.ts';
import { sleep } from './sleep.ts';

/** After so long without an answer one home more is asked. */
const SPARE_AFTER_MS = 100;

export interface GatherParts {
  readonly clock: Clock;
  readonly probe: Probe;
  readonly ring: RingView;
  readonly peers: Peers;
  readonly store: HomeStore;
}

export interface GatherWork {
  readonly bucket: number;
  readonly key: Uint8Array;
  readonly placement: number;
  readonly seats: readonly Seat[];
  readonly need: Need;
  readonly deadlineMs: number;
  /** Whether the answer is new enough for who asks; more homes are asked while it is not. */
  isEnough(record: TorcRecord | undefined): boolean;
}

export type GatherEnd =
  | { readonly end: 'answered'; readonly record: TorcRecord | undefined; readonly holders: SeatSet }
  | { readonly end: 'unavailable' | 'timed-out' | 'placement-changed' | 'damaged' };

/** What a home was last known to hold. `undefined`: nothing. */
interface Contribution {
  digest: Digest | undefined;
}

export class Gather {
  readonly #parts: GatherParts;
  readonly #work: GatherWork;
  readonly #contributions = new Map<number, Contribution>();
  /** Seats that were asked and have not answered yet. */
  readonly #asked = new Set<number>();
  /** Seats that answered that they will not. */
  #refused = 0;
  #sawDamage = false;
  #merged: TorcRecord | undefined;
  #changed = false;
  #wake: () => void = () => {};

  constructor(parts: GatherParts, work: GatherWork) {
    this.#parts = parts;
    this.#work = work;
  }

  async run(): Promise<GatherEnd> {
    const { clock, probe } = this.#parts;
    const { deadlineMs, need } = this.#work;
    const timer = clock.setTimer(Math.max(deadlineMs - clock.monotonicMs(), 0), () => this.#wake());
    try {
      for (;;) {
        if (this.#changed) return { end: 'placement-changed' };
        if (clock.monotonicMs() >= deadlineMs) return { end: 'timed-out' };
        if (this.#isMet()) {
          const lagging = this.#lagging();
          if (lagging.length === 0) {
            if (this.#work.isEnough(this.#merged))
              return { end: 'answered', record: this.#merged, holders: this.#holders() };
            if (!this.#askOneMore()) return { end: 'unavailable' };
          } else {
            const repair = this.#repair(lagging);
            if (probe.planted('repair-not-awaited')) this.#believe(lagging);
            else await repair;
            continue;
          }
        } else {
          this.#askAsNeeded();
        }
        if (!isMet(need, this.#holders() | this.#open())) {
          return { end: this.#sawDamage ? 'damaged' : 'unavailable' };
        }
        await this.#news();
      }
    } finally {
      timer.cancel();
    }
  }

  #holders(): SeatSet {
    let holders = 0;
    for (const seat of this.#contributions.keys()) holders |= seatBit(seat);
    return holders;
  }

  #isMet(): boolean {
    return isMet(this.#work.need, this.#holders());
  }

  /** Seats that vote, are not known to be down, and have not refused. */
  #open(): SeatSet {
    const { ring, peers } = this.#parts;
    let open = 0;
    for (const [seat, { actor, filling }] of this.#work.seats.entries()) {
      if (filling || hasSeat(this.#refused, seat)) continue;
      if (actor === ring.actor || this.#asked.has(seat) || !peers.isDown(actor)) open |= seatBit(seat);
    }
    return open;
  }

  /** As many as the level needs, in preference order, this node first; one more whenever time goes by without an answer. */
  #askAsNeeded(): void {
    const { ring } = this.#parts;
    const { seats, need } = this.#work;
    const order = [...seats.keys()].sort(
      (a, b) => Number(seats[b]?.actor === ring.actor) - Number(seats[a]?.actor === ring.actor) || a - b,
    );
    let hoped = this.#holders();
    for (const seat of this.#asked) hoped |= seatBit(seat);
    const open = this.#open();
    for (const seat of order) {
      if (isMet(need, hoped)) return;
      if (hasSeat(hoped, seat) || !hasSeat(open & need.from, seat)) continue;
      hoped |= seatBit(seat);
      this.#ask(seat);
    }
  }

  /** Whether there was one, or one is on its way. */
  #askOneMore(): boolean {
    const open = this.#open();
    for (const seat of this.#work.seats.keys()) {
      if (!hasSeat(open, seat) || this.#contributions.has(seat) || this.#asked.has(seat)) continue;
      this.#ask(seat);
      return true;
    }
    return this.#asked.size > 0;
  }

  #ask(seat: number): void {
    const { actor } = this.#work.seats[seat] as Seat;
    this.#asked.add(seat);
    const work = actor === this.#parts.ring.actor ? this.#readHere() : this.#fetch(actor);
    void runAside(this.#parts.clock, this.#answered(seat, work));
  }

  async #answered(seat: number, work: Promise<Contribution | undefined>): Promise<void> {
    let contribution: Contribution | undefined;
    try {
      contribution = await work;
    } catch (error) {
      if (error instanceof DamageError) this.#sawDamage = true;
      else if (!(error instanceof Refusal || error instanceof CodecError)) throw error;
    }
    if (contribution === undefined) this.#refused |= seatBit(seat);
    else this.#contributions.set(seat, contribution);
    this.#asked.delete(seat);
    this.#wake();
  }

  async #readHere(): Promise<Contribution> {
    const { bucket, key } = this.#work;
    return this.#contributed(await this.#parts.store.read(bucket, key));
  }

  /** A digest first; the record when it is not the digest of what is known here. */
  async #fetch(actor: number): Promise<Contribution | undefined> {
    const { peers, ring } = this.#parts;
    const { bucket, key, placement, deadlineMs } = this.#work;
    for (let digestOnly = this.#merged !== undefined; ; digestOnly = false) {
      const reply = await peers.ask(actor, { kind: 'fetch', placement, bucket, key, digestOnly }, deadlineMs);
      if (typeof reply === 'string') return undefined;
      if (reply.kind === 'refused') {
        if (reply.code === 'damaged') this.#sawDamage = true;
        if (reply.code === 'placement-changed') {
          if (reply.topology !== undefined) ring.adoptBytes(reply.topology);
          this.#changed = ring.homeOf(bucket, key)?.placement.number !== placement;
        }
        return undefined;
      }
      if (reply.kind !== 'fetched') return undefined;
      if (!reply.found) return { digest: undefined };
      if (reply.record !== undefined) return this.#contributed(decodeRecord(reply.record));
      const { digest } = reply;
      if (digest !== undefined && sameDigest(digest, digestOf(this.#merged))) return { digest };
    }
  }

  #contributed(record: TorcRecord | undefined): Contribution {
    if (record === undefined) return { digest: undefined };
    this.#merged = this.#merged === undefined ? record : mergeRecords(this.#merged, record);
    return { digest: digestRecord(record) };
  }

  #lagging(): readonly number[] {
    const wanted = digestOf(this.#merged);
    return [...this.#contributions].filter(([, { digest }]) => !sameDigest(digest, wanted)).map(([seat]) => seat);
  }

  /** The planted bug: the answer leaves before the repair is done. */
  #believe(lagging: readonly number[]): void {
    for (const seat of lagging) this.#contributions.set(seat, { digest: digestOf(this.#merged) });
  }

  /** Brings the merge to these homes. One that does not confirm it counts no more. */
  async #repair(lagging: readonly number[]): Promise<void> {
    const { ring, peers, store } = this.#parts;
    const { bucket, key, placement, seats, deadlineMs } = this.#work;
    const merged = this.#merged as TorcRecord;
    const digest = digestRecord(merged);
    const bytes = encodeRecord(merged);
    await Promise.all(
      lagging.map(async (seat) => {
        const { actor } = seats[seat] as Seat;
        let isDone = false;
        if (actor === ring.actor) {
          isDone = await store.merge(bucket, key, merged).then(
            () => true,
            (error: unknown) => {
              if (error instanceof Refusal || error instanceof DamageError) return false;
              throw error;
            },
          );
        } else {
          const ask = { kind: 'store', placement, bucket, key, record: bytes, wantsNewer: false } as const;
          const reply = await peers.ask(actor, ask, deadlineMs);
          isDone = typeof reply !== 'string' && reply.kind === 'stored';
        }
        if (isDone) this.#contributions.set(seat, { digest });
        else {
          this.#contributions.delete(seat);
          this.#refused |= seatBit(seat);
        }
      }),
    );
  }

  /** Something was answered, or it took too long: then one home more is asked. */
  async #news(): Promise<void> {
    let isNews = false;
    await Promise.race([
      new Promise<void>((resolve) => {
        this.#wake = () => {
          isNews = true;
          resolve();
        };
      }),
      sleep(this.#parts.clock, SPARE_AFTER_MS),
    ]);
    if (!isNews) this.#askOneMore();
  }
}

function digestOf(record: TorcRecord | undefined): Digest | undefined {
  return record === undefined ? undefined : digestRecord(record);
}

function sameDigest(a: Digest | undefined, b: Digest | undefined): boolean {
  return a?.low === b?.low && a?.high === b?.high;
}
