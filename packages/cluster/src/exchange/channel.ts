/**
 * One side's way out of a session: messages become effects here, with envelope and sequence; sizes are counted; the end is
 * told once.
 */
import { encodeExchange } from './codec.ts';
import type { AbortReason, ExchangeMessage } from './messages.ts';
import type { LoadRequest, SessionEffect, SessionResult, SessionTerms } from './session.ts';

export class Channel {
  readonly #role: 'opener' | 'answerer';
  readonly #terms: SessionTerms;
  readonly #begunAtMs: number;
  #effects: SessionEffect[] = [];
  #messagesSent = 0;
  #messagesReceived = 0;
  #bytesSent = 0;
  #bytesReceived = 0;
  #isEnded = false;
  keysCompared = 0;
  recordsSent = 0;
  recordsReceived = 0;
  leftOut = 0;

  constructor(role: 'opener' | 'answerer', terms: SessionTerms, nowMs: number) {
    this.#role = role;
    this.#terms = terms;
    this.#begunAtMs = nowMs;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  send(message: ExchangeMessage): void {
    const { session, placement } = this.#terms;
    const envelope = { session, placement, fromOpener: this.#role === 'opener', sequence: this.#messagesSent };
    const bytes = encodeExchange({ envelope, message });
    this.#messagesSent += 1;
    this.#bytesSent += bytes.length;
    this.#effects.push({ kind: 'send', bytes });
  }

  received(sizeBytes: number): void {
    this.#messagesReceived += 1;
    this.#bytesReceived += sizeBytes;
  }

  load(load: LoadRequest): void {
    this.#effects.push({ kind: 'load', load });
  }

  merge(token: number, key: Uint8Array, record: Uint8Array): void {
    this.#effects.push({ kind: 'merge', token, key, record });
  }

  /** Tells the other side, unless it is gone or told this one. */
  abort(reason: AbortReason, nowMs: number, tellsPeer: boolean = reason !== 'peer-lost'): void {
    if (this.#isEnded) return;
    if (tellsPeer) this.send({ kind: 'abort', reason });
    this.end('aborted', nowMs, reason);
  }

  end(outcome: SessionResult['outcome'], nowMs: number, reason?: AbortReason): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const result: SessionResult = {
      role: this.#role,
      outcome,
      ...(reason === undefined ? {} : { reason }),
      begunAtMs: this.#begunAtMs,
      endedAtMs: nowMs,
      keysCompared: this.keysCompared,
      recordsSent: this.recordsSent,
      recordsReceived: this.recordsReceived,
      messagesSent: this.#messagesSent,
      messagesReceived: this.#messagesReceived,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
      leftOut: this.leftOut,
    };
    this.#effects.push({ kind: 'ended', result });
  }

  /** What has to be done since this was asked last. */
  take(): readonly SessionEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
