/**
 * Carries a client's request in a ring (DESIGN section 6). The first home in preference order that is not held down
 * coordinates; any other node forwards to it, with the deadline.
 */
import { Refusal } from '@torc/base/errors';
import type { Clock } from '@torc/base/ports/clock';
import type { Probe } from '@torc/base/ports/probe';
import { covers, unionClocks, type Clock as RecordClock } from '@torc/base/record/clock';
import type { Dot } from '@torc/base/record/dot';
import { isLive } from '@torc/base/record/fate';
import type { Level } from '@torc/cluster/quorum/levels';
import { isMet, needOf, type Need, type Use } from '@torc/cluster/quorum/needs';
import { hasSeat, seatBit, seatCount, type SeatSet } from '@torc/cluster/quorum/seat-set';
import type { Seat } from '@torc/cluster/topology/topology';
import type { Forward } from '@torc/wire/peer/messages';
import { NextVersion } from '../replica/views.ts';
import type { ExpiryClock } from '../replica/expiry-clock.ts';
import type { Begun, HomeStore } from './home-store.ts';
import { Forwarder } from './forwarder.ts';
import { Gather } from './gather.ts';
import type { ReadOperation, RemoveOperation, WriteOperation } from './operation.ts';
import { rejected, type ReadOutcome, type Rejected, type WriteOutcome } from './outcome.ts';
import type { Answer, Peers } from './peers.ts';
import type { Home, RingView } from './ring-view.ts';
import { Spread, type Spreading } from './spread.ts';

export interface RingCoordinatorParts {
  readonly clock: Clock;
  readonly probe: Probe;
  readonly expiry: ExpiryClock;
  readonly ring: RingView;
  readonly peers: Peers;
  readonly store: HomeStore;
  /** The highest stamp of this node. */
  stampNow(): number;
  /** Operation ids of this server: unique among all there ever were. */
  nextId(): Uint8Array;
}

/** A second attempt at an operation whose first coordinator stayed silent. */
export interface SecondAttempt {
  readonly firstStamp: number;
}

export class RingCoordinator {
  readonly #parts: RingCoordinatorParts;
  readonly #forwarder: Forwarder;
  readonly #takesLocalClock: boolean;

  constructor(parts: RingCoordinatorParts) {
    this.#parts = parts;
    this.#forwarder = new Forwarder(parts, this);
    this.#takesLocalClock = parts.probe.planted('second-attempt-takes-local-clock');
  }

  /** Reads the key: the merge of what as many homes hold as the level asks for. */
  async read(operation: ReadOperation): Promise<ReadOutcome> {
    const home = this.#parts.ring.homeOf(operation.bucket, operation.key);
    if (home === undefined) return noBucket(operation.bucket);
    if (this.#isFirst(home)) return this.coordinateRead(operation);
    return this.#forwarder.read(operation);
  }

  /** Writes a version, or a tombstone. */
  async write(operation: WriteOperation): Promise<WriteOutcome> {
    const home = this.#parts.ring.homeOf(operation.bucket, operation.key);
    if (home === undefined) return noBucket(operation.bucket);
    if (this.#isFirst(home)) return this.coordinateWrite(operation, operation.id);
    return this.#forwarder.write(operation);
  }

  /** Deletes what it reads at its own level: it leaves what it did not see. `removed`: whether there was a live value. */
  async remove(operation: RemoveOperation): Promise<WriteOutcome & { readonly removed?: boolean }> {
    const { bucket, key, level, readLevel, deadlineMs, id } = operation;
    const read = await this.read({ bucket, key, level: readLevel, deadlineMs });
    if (read.outcome === 'rejected') return read;
    const { record } = read;
    const wallMs = this.#parts.expiry.wallMs();
    const removed = record?.siblings.some((sibling) => isLive(sibling, wallMs)) === true;
    const write = { bucket, key, level, deadlineMs, value: undefined, expiresAtMs: 0, context: record?.clock ?? [] };
    const outcome = await this.write({ ...write, ...(id === undefined ? {} : { id }) });
    return { ...outcome, removed };
  }

  /** Carries out what another node hands over. */
  serve(request: Forward, deadlineMs: number): Promise<Answer> {
    return this.#forwarder.serve(request, deadlineMs);
  }

  /** Coordinates a read here, whoever would be first. */
  async coordinateRead(operation: ReadOperation): Promise<ReadOutcome> {
    const { bucket, key, level, deadlineMs, atLeast } = operation;
    for (;;) {
      const home = this.#parts.ring.homeOf(bucket, key);
      if (home === undefined) return noBucket(bucket);
      const { seats, number } = home.placement;
      const need = this.#needOf(level, seats, 'read');
      if ('outcome' in need) return need;
      const found = await new Gather(this.#parts, {
        bucket,
        key,
        placement: number,
        seats,
        need,
        deadlineMs,
        isEnough: (record) => atLeast === undefined || coversAll(record?.clock ?? [], atLeast),
      }).run();
      switch (found.end) {
        case 'answered':
          return { outcome: 'answered', record: found.record, homes: actorsOf(seats, found.holders) };
        case 'placement-changed':
          continue;
        case 'timed-out':
          return rejected('timed-out', 'too few homes answered in time');
        case 'damaged':
          return rejected('damaged', 'a replica is damaged here, and too few others answered');
        case 'unavailable':
          return rejected('unavailable', 'too few homes can be reached');
      }
    }
  }

  /** Coordinates a write here. `second`: the first coordinator stayed silent, and may have written it. */
  async coordinateWrite(operation: WriteOperation, id?: Uint8Array, second?: SecondAttempt): Promise<WriteOutcome> {
    const { bucket, key, level } = operation;
    const home = this.#parts.ring.homeOf(bucket, key);
    if (home === undefined) return noBucket(bucket);
    const need = this.#needOf(level, home.placement.seats, 'write');
    if ('outcome' in need) return need;
    if (!isMet(need, this.#reachable(home.placement.seats))) {
      return rejected('unavailable', 'too few homes can be reached: nothing was written');
    }
    if (!home.placement.seats.some(({ actor }) => actor === this.#parts.ring.actor)) {
      return rejected('unavailable', 'this node holds no seat of the partition: nothing was written');
    }
    // A second attempt never takes the local clock: that may cover what the first one wrote.
    const context = operation.context ?? (second === undefined || this.#takesLocalClock ? undefined : []);
    let begun: Begun;
    try {
      const next = nextOf(operation).named(id, second?.firstStamp ?? 0);
      begun = await this.#parts.store.begin(bucket, key, next, context);
    } catch (error) {
      if (error instanceof Refusal) return rejected(error.code, error.message);
      throw error;
    }
    return this.#bring(operation, begun, home, id, second);
  }

  /** Brings what was begun to as many homes as the level asks for; above whatever newer they answer instead. */
  async #bring(
    operation: WriteOperation,
    first: Begun,
    home: Home,
    id: Uint8Array | undefined,
    second: SecondAttempt | undefined,
  ): Promise<WriteOutcome> {
    const { store } = this.#parts;
    const { bucket, key } = operation;
    // Ordered by its first stamp, a second attempt stands below what came between.
    const wantsNewer = home.bucket.conflict === 'latest' && second === undefined;
    let begun = first;
    let seen = operation.context ?? first.record.clock;
    for (;;) {
      const { spreading, seats } = await this.#spread(operation, begun, wantsNewer);
      if (spreading.end !== 'met') return this.#notMet(spreading, seats, id);
      if (spreading.newer.length === 0) {
        return { outcome: 'applied', dot: begun.dot, homes: actorsOf(seats, spreading.holders) };
      }
      try {
        for (const newer of spreading.newer) await store.merge(bucket, key, newer);
        // It supersedes what this write saw, and its own first version; what is newer stays as a sibling that lost.
        seen = unionClocks(seen, ownClock(begun.dot));
        begun = await store.begin(bucket, key, nextOf(operation).named(id), seen);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return this.#unknown(id, `written, but below something newer: ${error.message}`);
      }
    }
  }

  async #spread(
    operation: WriteOperation,
    begun: Begun,
    wantsNewer: boolean,
  ): Promise<{ readonly spreading: Spreading; readonly seats: readonly Seat[] }> {
    const { bucket, key, level, deadlineMs } = operation;
    for (;;) {
      const home = this.#parts.ring.homeOf(bucket, key);
      const seats = home?.placement.seats ?? [];
      const need = this.#needOf(level, seats, 'write');
      if (home === undefined || 'outcome' in need) {
        return { spreading: { end: 'failed', holders: 0, without: 0, newer: [] }, seats };
      }
      const spreading = await new Spread(this.#parts, {
        bucket,
        key,
        record: begun.record,
        placement: home.placement.number,
        seats,
        need,
        deadlineMs,
        wantsNewer,
        isDurableHere: begun.isDurable,
      }).run();
      if (spreading.end !== 'placement-changed') return { spreading, seats };
    }
  }

  #notMet({ end, without }: Spreading, seats: readonly Seat[], id: Uint8Array | undefined): WriteOutcome {
    if (end === 'failed' && seats.length > 0 && seatCount(without) === seats.length) {
      return rejected('disk-full', 'no home took it: nothing was written');
    }
    return this.#unknown(id, 'too few homes acknowledged it in time');
  }

  #unknown(id: Uint8Array | undefined, text: string): WriteOutcome {
    return { outcome: 'unknown', id: id ?? this.#parts.nextId(), text };
  }

  /** Whether this node is the one to coordinate. */
  #isFirst({ placement }: Home): boolean {
    const { ring, peers } = this.#parts;
    const first = placement.seats.find(({ actor }) => actor === ring.actor || !peers.isDown(actor));
    return first?.actor === ring.actor;
  }

  #needOf(level: Level, seats: readonly Seat[], use: Use): Need | Rejected {
    const { ring } = this.#parts;
    const placed = seats.map((seat) => ({ ...seat, dc: ring.dcOf(seat.actor) }));
    const need = needOf(level, placed, { use, dc: ring.dcOf(ring.actor) });
    return 'impossible' in need ? rejected('level-impossible', need.impossible) : need;
  }

  /** Seats of homes that are not held down, this one included. */
  #reachable(seats: readonly Seat[]): SeatSet {
    const { ring, peers } = this.#parts;
    let reachable = 0;
    for (const [seat, { actor }] of seats.entries()) {
      if (actor === ring.actor || !peers.isDown(actor)) reachable |= seatBit(seat);
    }
    return reachable;
  }
}

function nextOf({ value, expiresAtMs }: WriteOperation): NextVersion {
  const next = new NextVersion();
  return value === undefined ? next.deletion() : next.value(value, 0, value.length, expiresAtMs);
}

function ownClock({ actor, stamp }: Dot): RecordClock {
  return [{ actor, since: stamp, upto: stamp }];
}

function actorsOf(seats: readonly Seat[], which: SeatSet): readonly number[] {
  return seats.filter((_, seat) => hasSeat(which, seat)).map(({ actor }) => actor);
}

/** Whether a clock has seen all that another has: what a session saw is in the answer, or was superseded by it. */
function coversAll(clock: RecordClock, seen: RecordClock): boolean {
  return seen.every(({ actor, upto }) => covers(clock, { actor, stamp: upto }));
}

function noBucket(db: number): Rejected {
  return rejected('no-bucket', `there is no bucket ${db}`);
}
