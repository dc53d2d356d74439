/**
 * One record on its way to the homes of its partition, under one placement number: until enough of them hold it durably,
 * enough never will, the deadline passes, or the placement changes.
 *
 * A home is asked again after a lost connection, since to merge a record twice is to merge it once. Homes that have not
 * acknowledged when the round is over are not waited for: the exchange brings them what they lack.
 */
import { CodecError, Refusal } from '@torc/base/errors';
import type { Clock } from '@torc/base/ports/clock';
import { decodeRecord, encodeRecord } from '@torc/base/record/codec';
import type { TorcRecord } from '@torc/base/record/record';
import { isMet, type Need } from '@torc/cluster/quorum/needs';
import { hasSeat, seatBit, type SeatSet } from '@torc/cluster/quorum/seat-set';
import type { Seat } from '@torc/cluster/topology/topology';
import { runAside } from '@torc/storage/background/run-aside';
import type { Peers } from './peers.ts';
import type { RingView } from './ring-view.ts';
import { sleep } from './sleep.ts';

/** How long after a failure a home is asked again. */
const RETRY_MS = 50;

export interface SpreadParts {
  readonly clock: Clock;
  readonly ring: RingView;
  readonly peers: Peers;
}

export interface SpreadWork {
  readonly bucket: number;
  readonly key: Uint8Array;
  readonly record: TorcRecord;
  readonly placement: number;
  readonly seats: readonly Seat[];
  readonly need: Need;
  readonly deadlineMs: number;
  /** Homes shall send what they answer instead, if it is newer. */
  readonly wantsNewer: boolean;
  /** Of this node, when it holds a seat: whether the record is durable here. */
  readonly isDurableHere: Promise<boolean>;
}

export type SpreadEnd = 'met' | 'failed' | 'timed-out' | 'placement-changed';

export interface Spreading {
  readonly end: SpreadEnd;
  /** Seats that hold it durably. */
  readonly holders: SeatSet;
  /** Seats that certainly hold nothing of it. */
  readonly without: SeatSet;
  /** What homes answer instead. */
  readonly newer: readonly TorcRecord[];
}

export class Spread {
  readonly #parts: SpreadParts;
  readonly #work: SpreadWork;
  readonly #bytes: Uint8Array;
  readonly #resolve: (end: SpreadEnd) => void;
  readonly #done: Promise<SpreadEnd>;
  readonly #newer: TorcRecord[] = [];
  #holders = 0;
  #without = 0;
  /** Seats that will not acknowledge any more. */
  #lost = 0;
  #isOver = false;

  constructor(parts: SpreadParts, work: SpreadWork) {
    this.#parts = parts;
    this.#work = work;
    this.#bytes = encodeRecord(work.record);
    let resolve: (end: SpreadEnd) => void = () => {};
    this.#done = new Promise((settle) => {
      resolve = settle;
    });
    this.#resolve = resolve;
  }

  async run(): Promise<Spreading> {
    const { clock, ring } = this.#parts;
    const { seats, deadlineMs } = this.#work;
    const timer = clock.setTimer(Math.max(deadlineMs - clock.monotonicMs(), 0), () => this.#end('timed-out'));
    for (const [seat, { actor }] of seats.entries()) {
      void runAside(clock, actor === ring.actor ? this.#here(seat) : this.#deliver(seat, actor));
    }
    const end = await this.#done;
    timer.cancel();
    return { end, holders: this.#holders, without: this.#without, newer: this.#newer };
  }

  async #here(seat: number): Promise<void> {
    try {
      if (await this.#work.isDurableHere) this.#holds(seat);
      else this.#hasNothing(seat);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#cannot(seat);
    }
  }

  async #deliver(seat: number, actor: number): Promise<void> {
    const { clock, peers, ring } = this.#parts;
    const { bucket, key, placement, wantsNewer, deadlineMs } = this.#work;
    let wasSent = false;
    while (!this.#isOver && clock.monotonicMs() < deadlineMs) {
      if (!peers.isDown(actor)) {
        const ask = { kind: 'store', placement, bucket, key, record: this.#bytes, wantsNewer } as const;
        const reply = await peers.ask(actor, ask, deadlineMs);
        if (this.#isOver) return;
        if (typeof reply === 'string') {
          wasSent ||= reply !== 'unreachable';
        } else if (reply.kind === 'stored') {
          return this.#stored(seat, reply.newer);
        } else if (reply.kind === 'refused' && reply.code === 'placement-changed') {
          if (reply.topology !== undefined) ring.adoptBytes(reply.topology);
          if (ring.homeOf(bucket, key)?.placement.number !== placement) return this.#end('placement-changed');
        } else {
          return wasSent ? this.#cannot(seat) : this.#hasNothing(seat);
        }
      }
      await sleep(clock, RETRY_MS);
    }
  }

  #stored(seat: number, newer: Uint8Array | undefined): void {
    try {
      if (newer !== undefined) this.#newer.push(decodeRecord(newer));
      this.#holds(seat);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.#cannot(seat);
    }
  }

  #holds(seat: number): void {
    if (this.#isOver) return;
    this.#holders |= seatBit(seat);
    if (isMet(this.#work.need, this.#holders)) this.#end('met');
  }

  #hasNothing(seat: number): void {
    this.#without |= seatBit(seat);
    this.#cannot(seat);
  }

  #cannot(seat: number): void {
    this.#lost |= seatBit(seat);
    const all = seatBit(this.#work.seats.length) - 1;
    if (!hasSeat(this.#holders, seat) && !isMet(this.#work.need, all & ~this.#lost)) this.#end('failed');
  }

  #end(end: SpreadEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#resolve(end);
  }
}
