/**
 * Hands a request to the home that coordinates, and serves what others hand over.
 *
 * A read is simply tried at the next home. A write whose coordinator stays silent may have been carried out: it is
 * coordinated again elsewhere under its operation id and first stamp, and is one version with the first attempt.
 */
import type { Clock } from '@torc/base/ports/clock';
import { decodeClock, encodeClock } from '@torc/base/record/clock-codec';
import { decodeRecord, encodeRecord } from '@torc/base/record/codec';
import { levelNumber, levelOfNumber } from '@torc/cluster/quorum/levels';
import type { Forward, Forwarded, Operation } from '@torc/wire/peer/messages';
import type { ReadOperation, WriteOperation } from './operation.ts';
import { rejected, type ReadOutcome, type RejectionCode, type WriteOutcome } from './outcome.ts';
import type { Answer, Peers } from './peers.ts';
import type { Home, RingView } from './ring-view.ts';
import type { RingCoordinator, RingCoordinatorParts } from './ring-coordinator.ts';

/** Of what is left of the deadline, the first coordinator gets this share; the rest is for a second attempt. */
const FIRST_SHARE = 0.6;

export class Forwarder {
  readonly #clock: Clock;
  readonly #ring: RingView;
  readonly #peers: Peers;
  readonly #parts: RingCoordinatorParts;
  readonly #coordinator: RingCoordinator;

  constructor(parts: RingCoordinatorParts, coordinator: RingCoordinator) {
    this.#clock = parts.clock;
    this.#ring = parts.ring;
    this.#peers = parts.peers;
    this.#parts = parts;
    this.#coordinator = coordinator;
  }

  async read(operation: ReadOperation): Promise<ReadOutcome> {
    const { bucket, key, deadlineMs, atLeast } = operation;
    const tried = new Set<number>();
    for (;;) {
      const home = this.#ring.homeOf(bucket, key);
      const actor = home === undefined ? undefined : this.#next(home, tried);
      if (home === undefined || actor === undefined) return rejected('unavailable', 'no home can be reached');
      if (actor === this.#ring.actor) return this.#coordinator.coordinateRead(operation);
      tried.add(actor);
      const asked: Operation = {
        ...forwardable(operation),
        op: 'read',
        expiresAtMs: 0,
        isSecondAttempt: false,
        ...(atLeast === undefined ? {} : { atLeast: encodeClock(atLeast) }),
      };
      const ask = { kind: 'forward', placement: home.placement.number, operation: asked } as const;
      const reply = await this.#peers.ask(actor, ask, this.#shareOf(deadlineMs));
      if (typeof reply === 'string') {
        if (this.#clock.monotonicMs() >= deadlineMs) return rejected('timed-out', 'no home answered in time');
      } else if (reply.kind === 'forwarded') return readOutcomeOf(reply);
      else if (reply.kind === 'refused') this.#learn(reply.topology);
    }
  }

  async write(operation: WriteOperation): Promise<WriteOutcome> {
    const { bucket, key, deadlineMs } = operation;
    const id = operation.id ?? this.#parts.nextId();
    const tried = new Set<number>();
    let firstStamp = 0;
    for (;;) {
      const home = this.#ring.homeOf(bucket, key);
      const actor = home === undefined ? undefined : this.#next(home, tried);
      if (home === undefined || actor === undefined || this.#clock.monotonicMs() >= deadlineMs) {
        if (firstStamp !== 0) return { outcome: 'unknown', id, text: 'its coordinator stayed silent' };
        return rejected('unavailable', 'no home can be reached: nothing was written');
      }
      const second = firstStamp === 0 ? undefined : { firstStamp };
      if (actor === this.#ring.actor) {
        return this.#coordinator.coordinateWrite(operation, id, second).then((outcome) => unsure(outcome, second, id));
      }
      tried.add(actor);
      const asked = writeAsked(operation, id, firstStamp);
      const ask = { kind: 'forward', placement: home.placement.number, operation: asked } as const;
      const stamp = this.#parts.stampNow();
      const reply = await this.#peers.ask(actor, ask, this.#shareOf(deadlineMs));
      if (typeof reply === 'string') {
        if (reply !== 'unreachable' && firstStamp === 0) firstStamp = stamp;
      } else if (reply.kind === 'forwarded') return unsure(writeOutcomeOf(reply, id), second, id);
      else if (reply.kind === 'refused') this.#learn(reply.topology);
    }
  }

  /** Carries out what another node hands over. */
  async serve({ operation }: Forward, deadlineMs: number): Promise<Answer> {
    const { bucket, key, op } = operation;
    const level = levelOfNumber(operation.level);
    const home = this.#ring.homeOf(bucket, key);
    if (level === undefined) return { kind: 'refused', code: 'bad-message', text: 'there is no such level' };
    if (home?.placement.seats.some(({ actor }) => actor === this.#ring.actor) !== true) {
      const text = 'this node holds no seat of the partition';
      return { kind: 'refused', code: 'not-home', text, topology: this.#ring.bytes };
    }
    if (op === 'read') {
      const { atLeast } = operation;
      const seen = atLeast === undefined ? {} : { atLeast: decodeClock(atLeast) };
      return forwardedRead(await this.#coordinator.coordinateRead({ bucket, key, level, deadlineMs, ...seen }));
    }
    const { value, expiresAtMs, context, operationId, firstStamp, isSecondAttempt } = operation;
    const outcome = await this.#coordinator.coordinateWrite(
      {
        bucket,
        key,
        level,
        deadlineMs,
        value: op === 'remove' ? undefined : (value ?? new Uint8Array(0)),
        expiresAtMs,
        ...(context === undefined ? {} : { context: decodeClock(context) }),
      },
      operationId,
      isSecondAttempt ? { firstStamp: firstStamp ?? 0 } : undefined,
    );
    return forwardedWrite(outcome);
  }

  /** The first home that is not held down and was not tried. */
  #next({ placement }: Home, tried: ReadonlySet<number>): number | undefined {
    return placement.seats.find(
      ({ actor }) => actor === this.#ring.actor || !(tried.has(actor) || this.#peers.isDown(actor)),
    )?.actor;
  }

  #shareOf(deadlineMs: number): number {
    const nowMs = this.#clock.monotonicMs();
    return nowMs + (deadlineMs - nowMs) * FIRST_SHARE;
  }

  #learn(topology: Uint8Array | undefined): void {
    if (topology !== undefined) this.#ring.adoptBytes(topology);
  }
}

function forwardable({
  bucket,
  key,
  level,
}: ReadOperation | WriteOperation): Pick<Operation, 'bucket' | 'key' | 'level'> {
  return { bucket, key, level: levelNumber(level) };
}

function writeAsked(operation: WriteOperation, id: Uint8Array, firstStamp: number): Operation {
  const { value, expiresAtMs, context } = operation;
  return {
    ...forwardable(operation),
    op: value === undefined ? 'remove' : 'write',
    expiresAtMs,
    operationId: id,
    isSecondAttempt: firstStamp !== 0,
    ...(firstStamp === 0 ? {} : { firstStamp }),
    ...(value === undefined ? {} : { value }),
    ...(context === undefined ? {} : { context: encodeClock(context) }),
  };
}

/** After a silent first attempt nobody can say that nothing was written. */
function unsure(outcome: WriteOutcome, second: object | undefined, id: Uint8Array): WriteOutcome {
  if (second === undefined || outcome.outcome !== 'rejected') return outcome;
  return { outcome: 'unknown', id, text: `its first coordinator stayed silent, and then: ${outcome.text}` };
}

const NO_MET = { met: 0 } as const;

function forwardedRead(outcome: ReadOutcome): Answer {
  if (outcome.outcome === 'rejected') {
    return { kind: 'forwarded', outcome: 'rejected', code: outcome.code, text: outcome.text, ...NO_MET };
  }
  const record = outcome.record === undefined ? {} : { record: encodeRecord(outcome.record) };
  return { kind: 'forwarded', outcome: 'applied', ...NO_MET, ...record };
}

function forwardedWrite(outcome: WriteOutcome): Answer {
  if (outcome.outcome === 'applied') {
    const { actor, stamp } = outcome.dot;
    return { kind: 'forwarded', outcome: 'applied', actor0: actor, stamp0: stamp, ...NO_MET };
  }
  if (outcome.outcome === 'unknown') {
    return { kind: 'forwarded', outcome: 'unknown', operationId: outcome.id, text: outcome.text, ...NO_MET };
  }
  return { kind: 'forwarded', outcome: 'rejected', code: outcome.code, text: outcome.text, ...NO_MET };
}

function readOutcomeOf({ outcome, code, text, record }: Forwarded): ReadOutcome {
  if (outcome === 'applied') {
    return { outcome: 'answered', record: record === undefined ? undefined : decodeRecord(record), homes: [] };
  }
  return rejected((code ?? 'unavailable') as RejectionCode, text ?? 'it was refused');
}

function writeOutcomeOf({ outcome, code, text, stamp0, actor0, operationId }: Forwarded, id: Uint8Array): WriteOutcome {
  if (outcome === 'applied') {
    return { outcome: 'applied', dot: { actor: actor0 ?? 0, stamp: stamp0 ?? 0 }, homes: [] };
  }
  if (outcome === 'unknown') return { outcome: 'unknown', id: operationId ?? id, text: text ?? 'nobody can say' };
  return rejected((code ?? 'unavailable') as RejectionCode, text ?? 'it was refused');
}
