/**
 * What a home answers to coordinators elsewhere. Each request names the placement number it was sent under: another one is
 * refused, with the newer topology attached, so that nobody counts answers of two placements together.
 */
import { CodecError, DamageError, DiskError, Refusal } from '@torc/base/errors';
import type { Clock } from '@torc/base/ports/clock';
import type { Probe } from '@torc/base/ports/probe';
import { decodeRecord, encodeRecord } from '@torc/base/record/codec';
import { digestRecord } from '@torc/base/record/hash';
import { compareSiblings, sameDot, type TorcRecord } from '@torc/base/record/record';
import type { Fetch, PeerRefusalCode, Store } from '@torc/wire/peer/messages';
import type { HomeStore } from './home-store.ts';
import type { Answer, PeerRequest } from './peers.ts';
import type { RingView } from './ring-view.ts';

export class HomeService {
  readonly #clock: Clock;
  readonly #ring: RingView;
  readonly #store: HomeStore;
  readonly #tellsNewer: boolean;

  constructor(clock: Clock, ring: RingView, store: HomeStore, probe: Probe) {
    this.#clock = clock;
    this.#ring = ring;
    this.#store = store;
    this.#tellsNewer = !probe.planted('newer-not-told');
  }

  async serve(request: PeerRequest, deadlineMs: number): Promise<Answer> {
    if (this.#clock.monotonicMs() >= deadlineMs) return refused('expired', 'the deadline has passed');
    try {
      if (request.kind === 'store') return await this.#take(request);
      if (request.kind === 'fetch') return await this.#show(request);
      return refused('bad-message', `a home does not answer ${request.kind}`);
    } catch (error) {
      return refusedBy(error);
    }
  }

  async #take({ placement, bucket, key, record, wantsNewer }: Store): Promise<Answer> {
    const wrong = this.#refuse(placement, bucket, key, true);
    if (wrong !== undefined) return wrong;
    const incoming = decodeRecord(record);
    await this.#store.merge(bucket, key, incoming);
    // Whoever counts this counts it under the placement that held when it became durable.
    const late = this.#refuse(placement, bucket, key, true);
    if (late !== undefined) return late;
    if (!wantsNewer || !this.#tellsNewer) return { kind: 'stored' };
    const newer = newerThan(incoming, await this.#store.read(bucket, key));
    return newer === undefined ? { kind: 'stored' } : { kind: 'stored', newer: encodeRecord(newer) };
  }

  async #show({ placement, bucket, key, digestOnly }: Fetch): Promise<Answer> {
    const wrong = this.#refuse(placement, bucket, key, false);
    if (wrong !== undefined) return wrong;
    const record = await this.#store.read(bucket, key);
    const late = this.#refuse(placement, bucket, key, false);
    if (late !== undefined) return late;
    if (record === undefined) return { kind: 'fetched', found: false };
    if (digestOnly) return { kind: 'fetched', found: true, digest: digestRecord(record) };
    return { kind: 'fetched', found: true, record: encodeRecord(record) };
  }

  /** Why this is not answered here under that number; a seat that is filling takes records and shows none. */
  #refuse(placement: number, bucket: number, key: Uint8Array, isWrite: boolean): Answer | undefined {
    const home = this.#ring.homeOf(bucket, key);
    if (home === undefined) return refused('placement-unknown', 'there is no such bucket here');
    const { number, seats } = home.placement;
    if (number < placement) return refused('placement-unknown', `placement ${placement} is not known here yet`);
    if (number > placement) {
      return { ...refused('placement-changed', `the placement is ${number}`), topology: this.#ring.bytes };
    }
    const seat = seats.find(({ actor }) => actor === this.#ring.actor);
    if (seat === undefined) return refused('not-home', 'this node holds no seat of the partition');
    if (seat.filling && !isWrite) return refused('filling', 'the seat is filling: it may lack something');
    return undefined;
  }
}

/** The whole record, when it answers something newer than what was brought and has not superseded it. */
export function newerThan(brought: TorcRecord, held: TorcRecord | undefined): TorcRecord | undefined {
  const mine = brought.siblings[0];
  const winner = held?.siblings[0];
  if (mine === undefined || winner === undefined || sameDot(mine.dot, winner.dot)) return undefined;
  const stands = held?.siblings.some(({ dot }) => sameDot(dot, mine.dot)) === true;
  return stands && compareSiblings(winner, mine) < 0 ? held : undefined;
}

function refused(code: PeerRefusalCode, text: string): Extract<Answer, { kind: 'refused' }> {
  return { kind: 'refused', code, text };
}

function refusedBy(error: unknown): Answer {
  if (error instanceof DamageError) return refused('damaged', error.message);
  if (error instanceof CodecError) return refused('bad-message', error.message);
  if (error instanceof DiskError) return refused('stopped', error.message);
  if (!(error instanceof Refusal)) throw error;
  return refused(isPeerCode(error.code) ? error.code : 'stopped', error.message);
}

function isPeerCode(code: string): code is PeerRefusalCode {
  return ['key-too-long', 'value-too-long', 'too-many-siblings', 'disk-full', 'memory-full', 'stopped'].includes(code);
}
