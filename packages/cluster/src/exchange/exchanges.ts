/**
 * All sessions of one node: gives them numbers, brings messages to them, refuses what is too much or not meant.
 *
 * 1. At most `sessions` are open; one more is refused on either side.
 * 2. A message counts once: one that came before is dropped, one that is missing ends its session.
 * 3. A message under another placement number ends its session; it changes nothing.
 * 4. A session in which nothing happened for `idleMs` ends at the next `tick`.
 *
 * What a session wants is handed out with the session's handle; what comes of it comes back with that handle. An event for a
 * session that has ended changes nothing.
 */
import { Answerer } from './answerer.ts';
import { type Enveloped, decodeExchange, encodeExchange } from './codec.ts';
import { EXCHANGE_LIMITS as LIMITS } from './limits.ts';
import type { AbortReason, Envelope, Open } from './messages.ts';
import { Opener } from './opener.ts';
import type { Session, SessionEffect, SessionEvent, SessionTerms } from './session.ts';

/** What the node says to a session that a peer opens. */
export type Acceptance = Pick<SessionTerms, 'placement' | 'source' | 'ageMs'> | AbortReason;

export interface ExchangesOptions {
  /** The number of the first session: above all of earlier runs of this node, or drawn at random. u32. */
  readonly firstSession: number;
  /** Whether to take part. It says the placement number of this node's seat; that it is the peer's as well is seen to here. */
  readonly accept: (peer: number, open: Open) => Acceptance;
}

export interface HandledEffect {
  readonly handle: number;
  /** The actor at the other end, for `send`. */
  readonly peer: number;
  readonly effect: SessionEffect;
}

interface Held {
  readonly handle: number;
  readonly peer: number;
  readonly name: string;
  readonly placement: number;
  readonly session: Session;
  expectedSequence: number;
  lastMs: number;
}

export class Exchanges {
  readonly #accept: ExchangesOptions['accept'];
  readonly #byName = new Map<string, Held>();
  readonly #byHandle = new Map<number, Held>();
  #nextSession: number;
  #nextHandle = 1;

  constructor({ firstSession, accept }: ExchangesOptions) {
    this.#nextSession = firstSession;
    this.#accept = accept;
  }

  get count(): number {
    return this.#byHandle.size;
  }

  /** Opens a session with a peer. `undefined`: too many are open. */
  open(peer: number, terms: Omit<SessionTerms, 'session'>, nowMs: number): readonly HandledEffect[] | undefined {
    if (this.count >= LIMITS.sessions) return undefined;
    const session = this.#nextSession;
    this.#nextSession = (session + 1) >>> 0;
    const opener = new Opener({ ...terms, session }, nowMs);
    const held = this.#hold(peer, session, true, terms.placement, opener, nowMs);
    return this.#handled(held, opener.begin(nowMs));
  }

  /** A message of a peer. Throws a `CodecError` for what is none; its sender is not to be listened to any longer. */
  receive(peer: number, bytes: Uint8Array, nowMs: number): readonly HandledEffect[] {
    const enveloped = decodeExchange(bytes);
    const { envelope, message } = enveloped;
    const held = this.#byName.get(nameOf(peer, envelope.session, !envelope.fromOpener));
    if (held === undefined) return this.#receiveUnknown(peer, enveloped, bytes.length, nowMs);
    if (message.kind !== 'abort') {
      if (envelope.placement !== held.placement) return this.#step(held, failure('placement-changed'), nowMs);
      if (envelope.sequence < held.expectedSequence) return [];
      if (envelope.sequence > held.expectedSequence) return this.#step(held, failure('message-lost'), nowMs);
    }
    held.expectedSequence += 1;
    return this.#step(held, { kind: 'message', message, sizeBytes: bytes.length }, nowMs);
  }

  /** What came of an effect. */
  answer(handle: number, event: SessionEvent, nowMs: number): readonly HandledEffect[] {
    const held = this.#byHandle.get(handle);
    return held === undefined ? [] : this.#step(held, event, nowMs);
  }

  /** The connection to a peer is gone, and with it every session. */
  peerLost(peer: number, nowMs: number): readonly HandledEffect[] {
    return this.#endAll(({ peer: other }) => other === peer, 'peer-lost', nowMs);
  }

  /** Now and then: ends sessions that stand still. */
  tick(nowMs: number): readonly HandledEffect[] {
    return this.#endAll(({ lastMs }) => nowMs - lastMs >= LIMITS.idleMs, 'idle', nowMs);
  }

  #endAll(isMeant: (held: Held) => boolean, reason: AbortReason, nowMs: number): readonly HandledEffect[] {
    const meant = [...this.#byHandle.values()].filter(isMeant);
    return meant.flatMap((held) => this.#step(held, failure(reason), nowMs));
  }

  #receiveUnknown(
    peer: number,
    { envelope, message }: Enveloped,
    sizeBytes: number,
    nowMs: number,
  ): readonly HandledEffect[] {
    if (message.kind === 'abort') return [];
    if (message.kind !== 'open' || !envelope.fromOpener || envelope.sequence !== 0)
      return refusal(peer, envelope, 'unknown-session', envelope.placement);
    if (this.count >= LIMITS.sessions) return refusal(peer, envelope, 'too-many-sessions', envelope.placement);
    const accepted = this.#accept(peer, message);
    if (typeof accepted === 'string') return refusal(peer, envelope, accepted, envelope.placement);
    if (accepted.placement !== envelope.placement)
      return refusal(peer, envelope, 'placement-changed', accepted.placement);
    const { partitionBits, partition, placementClass, youngMs } = message;
    const { session } = envelope;
    const answerer = new Answerer({ ...accepted, session, partitionBits, partition, placementClass, youngMs }, nowMs);
    const held = this.#hold(peer, session, false, accepted.placement, answerer, nowMs);
    held.expectedSequence = 1;
    return this.#step(held, { kind: 'message', message, sizeBytes }, nowMs);
  }

  #hold(peer: number, number: number, isOpener: boolean, placement: number, session: Session, nowMs: number): Held {
    const handle = this.#nextHandle;
    this.#nextHandle += 1;
    const name = nameOf(peer, number, isOpener);
    const held: Held = { handle, peer, name, placement, session, expectedSequence: 0, lastMs: nowMs };
    this.#byName.set(name, held);
    this.#byHandle.set(handle, held);
    return held;
  }

  #step(held: Held, event: SessionEvent, nowMs: number): readonly HandledEffect[] {
    held.lastMs = nowMs;
    return this.#handled(held, held.session.step(event, nowMs));
  }

  #handled(held: Held, effects: readonly SessionEffect[]): readonly HandledEffect[] {
    if (held.session.isEnded) {
      this.#byName.delete(held.name);
      this.#byHandle.delete(held.handle);
    }
    return effects.map((effect) => ({ handle: held.handle, peer: held.peer, effect }));
  }
}

function nameOf(peer: number, session: number, isOpener: boolean): string {
  return `${peer} ${session} ${isOpener ? 'opened' : 'answered'}`;
}

function failure(reason: AbortReason): SessionEvent {
  return { kind: 'fail', reason };
}

/** Of a session that is not held here. Handle 0 names none. */
function refusal(peer: number, to: Envelope, reason: AbortReason, placement: number): readonly HandledEffect[] {
  const envelope: Envelope = { session: to.session, fromOpener: !to.fromOpener, sequence: 0, placement };
  const bytes = encodeExchange({ envelope, message: { kind: 'abort', reason } });
  return [{ handle: 0, peer, effect: { kind: 'send', bytes } }];
}
