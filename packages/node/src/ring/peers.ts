/**
 * The other nodes: a connection to each, requests and their replies, beats, and who is held to be down.
 *
 * Requests go out on the connection that this node opened; replies come back on it. What a peer asks comes in on the
 * connection that the peer opened. Nothing is retried here: a request whose connection is lost may have been carried out.
 */
import type { Clock, Timer } from '@torc/base/ports/clock';
import type { Random } from '@torc/base/ports/random';
import type { Connection, ConnectionHandler, Transport } from '@torc/base/ports/transport';
import { CodecError } from '@torc/base/errors';
import type { Detector } from '@torc/cluster/failure/detector';
import { runAside } from '@torc/storage/background/run-aside';
import { decodeMessage, encodeMessage } from '@torc/wire/peer/codec';
import type { PeerMessage, Reply, Request } from '@torc/wire/peer/messages';
import type { StampSource } from '../replica/stamp-source.ts';
import type { RingView } from './ring-view.ts';

/** Four of them make the silence after which a node is held down. */
const BEAT_MS = 250;

const FIRST_BACKOFF_MS = 50;
const MOST_BACKOFF_MS = 2000;

/** Further ahead than this a peer's stamp is not adopted as time (DESIGN section 4). */
const SKEW_MS = 60_000;

/** Why there is no reply. `unreachable`: nothing was sent. The others: it may have been carried out. */
export type NoReply = 'unreachable' | 'lost' | 'timed-out';

export type PeerRequest = Extract<PeerMessage, Request>;
export type PeerReply = Exclude<Extract<PeerMessage, Reply>, PeerRequest>;
type WithoutHead<T> = T extends Request ? Omit<T, 'id' | 'stamp' | 'remainingMs'> : never;
type WithoutReplyHead<T> = T extends PeerReply ? Omit<T, 'id' | 'stamp'> : never;
/** A request before it is sent: without its number, stamp and deadline. */
export type Ask = WithoutHead<PeerRequest>;
/** A reply before it is sent. */
export type Answer = WithoutReplyHead<PeerReply>;

export interface PeersPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
}

export interface PeersParts {
  readonly ring: RingView;
  readonly stamps: StampSource;
  readonly detector: Detector;
  readonly boot: number;
  /** Carries out what a peer asks. Rejects only when the node is going down. */
  serve(from: number, request: PeerRequest, deadlineMs: number): Promise<Answer>;
  /** What is neither a request nor a reply. */
  told(from: number, message: PeerMessage): void;
}

interface Link {
  readonly actor: number;
  readonly address: string;
  connection: Connection | undefined;
  isOpen: boolean;
  backoffMs: number;
  retry: Timer | undefined;
  readonly waiting: Map<number, Waiting>;
}

interface Waiting {
  readonly resolve: (reply: PeerReply | NoReply) => void;
  readonly timer: Timer;
}

export class Peers {
  readonly #ports: PeersPorts;
  readonly #parts: PeersParts;
  readonly #links = new Map<number, Link>();
  #beat: Timer | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(ports: PeersPorts, parts: PeersParts) {
    this.#ports = ports;
    this.#parts = parts;
    parts.ring.onChange(() => this.#meetMembers());
  }

  /** Takes connections, and opens one to each member. */
  begin(): void {
    this.#ports.transport.listen((connection) => this.#incoming(connection));
    this.#meetMembers();
    this.#beatSoon();
  }

  isDown(actor: number): boolean {
    return this.#parts.detector.isDown(actor, this.#ports.clock.monotonicMs());
  }

  /** Asks a peer. Settles with its reply, or why there is none; never rejects. */
  ask(actor: number, ask: Ask, deadlineMs: number): Promise<PeerReply | NoReply> {
    const link = this.#links.get(actor);
    const remainingMs = Math.floor(deadlineMs - this.#ports.clock.monotonicMs());
    if (remainingMs <= 0) return Promise.resolve('timed-out');
    if (link?.connection === undefined || !link.isOpen) return Promise.resolve('unreachable');
    const id = this.#nextId();
    const request = { ...ask, id, remainingMs, stamp: this.#parts.stamps.last } as PeerRequest;
    return new Promise((resolve) => {
      const timer = this.#ports.clock.setTimer(remainingMs, () => settle('timed-out'));
      const settle = (reply: PeerReply | NoReply): void => {
        if (!link.waiting.delete(id)) return;
        timer.cancel();
        resolve(reply);
      };
      link.waiting.set(id, { resolve: settle, timer });
      if (!this.#send(link.connection as Connection, request)) settle('unreachable');
    });
  }

  /** Tells a peer something that has no reply; it may not arrive. */
  tell(actor: number, message: PeerMessage): void {
    const link = this.#links.get(actor);
    if (link?.connection !== undefined && link.isOpen) this.#send(link.connection, message);
  }

  close(): void {
    this.#isClosed = true;
    this.#beat?.cancel();
    for (const link of this.#links.values()) this.#drop(link, 'unreachable');
    this.#links.clear();
  }

  #nextId(): number {
    this.#lastId = this.#lastId === 0xffffffff ? 1 : this.#lastId + 1;
    return this.#lastId;
  }

  #send(connection: Connection, message: PeerMessage): boolean {
    let bytes: Uint8Array;
    try {
      bytes = encodeMessage(message);
    } catch (error) {
      // A record that grew beyond every limit: it cannot be sent, and whoever wanted it is told so.
      if (!(error instanceof CodecError)) throw error;
      return false;
    }
    return connection.send(bytes, 0, bytes.length) !== 'refused';
  }

  /** A link to each member; none to those that have gone. */
  #meetMembers(): void {
    if (this.#isClosed) return;
    const { ring } = this.#parts;
    const members = new Map(ring.topology.members.map(({ actor, id }) => [actor, id]));
    members.delete(ring.actor);
    for (const [actor, link] of this.#links) {
      if (members.has(actor)) continue;
      this.#links.delete(actor);
      this.#drop(link, 'lost');
    }
    for (const [actor, address] of members) {
      if (this.#links.has(actor)) continue;
      const link: Link = {
        actor,
        address,
        connection: undefined,
        isOpen: false,
        backoffMs: FIRST_BACKOFF_MS,
        retry: undefined,
        waiting: new Map(),
      };
      this.#links.set(actor, link);
      this.#connect(link);
    }
  }

  #connect(link: Link): void {
    const { transport, clock } = this.#ports;
    const connection = transport.connect(link.address, 'urgent', {
      opened: () => {
        link.isOpen = true;
        link.backoffMs = FIRST_BACKOFF_MS;
        this.#heard(link.actor);
        this.#sendBeat(link);
      },
      received: (bytes, start, end) => this.#received(link, bytes, start, end),
      drained: () => {},
      closed: (reason) => {
        if (link.connection !== connection) return;
        if (reason === 'refused') this.#parts.detector.refused(link.actor, clock.monotonicMs());
        this.#drop(link, 'lost');
        this.#connectLater(link);
      },
    });
    link.connection = connection;
  }

  #connectLater(link: Link): void {
    if (this.#isClosed || this.#links.get(link.actor) !== link) return;
    // Half to one and a half: nodes that lost each other do not come back in step.
    const delayMs = link.backoffMs * (0.5 + this.#ports.random.fraction());
    link.backoffMs = Math.min(link.backoffMs * 2, MOST_BACKOFF_MS);
    link.retry = this.#ports.clock.setTimer(delayMs, () => this.#connect(link));
  }

  #drop(link: Link, why: NoReply): void {
    const { connection } = link;
    link.connection = undefined;
    link.isOpen = false;
    link.retry?.cancel();
    connection?.close();
    for (const { resolve } of link.waiting.values()) resolve(why);
  }

  #received(link: Link, bytes: Uint8Array, start: number, end: number): void {
    const message = this.#decode(bytes, start, end);
    if (message === undefined) {
      link.connection?.close();
      return;
    }
    this.#heard(link.actor);
    if ('id' in message && !('remainingMs' in message)) link.waiting.get(message.id)?.resolve(message);
    else this.#parts.told(link.actor, message);
  }

  #incoming(connection: Connection): ConnectionHandler {
    const actorOf = (): number | undefined =>
      this.#parts.ring.topology.members.find(({ id }) => id === connection.peer?.node)?.actor;
    return {
      opened: () => {},
      received: (bytes, start, end) => {
        const from = actorOf();
        const message = from === undefined ? undefined : this.#decode(bytes, start, end);
        if (from === undefined || message === undefined) {
          connection.close();
          return;
        }
        this.#heard(from);
        if ('remainingMs' in message) void runAside(this.#ports.clock, this.#serve(from, connection, message));
        else this.#parts.told(from, message);
      },
      drained: () => {},
      closed: () => {},
    };
  }

  async #serve(from: number, connection: Connection, request: PeerRequest): Promise<void> {
    const deadlineMs = this.#ports.clock.monotonicMs() + request.remainingMs;
    const answer = await this.#parts.serve(from, request, deadlineMs);
    if (this.#isClosed) return;
    const head = { id: request.id, stamp: this.#parts.stamps.last };
    if (this.#send(connection, { ...answer, ...head })) return;
    this.#send(connection, { kind: 'refused', code: 'too-busy', text: 'the answer does not fit', ...head });
  }

  /** A copy, because requests outlive the call. Bytes that are no message end the connection: `undefined`. */
  #decode(bytes: Uint8Array, start: number, end: number): PeerMessage | undefined {
    try {
      const copy = bytes.slice(start, end);
      const message = decodeMessage(copy, 0, copy.length);
      this.#parts.stamps.adopt(message.stamp, SKEW_MS);
      return message;
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      return undefined;
    }
  }

  #heard(actor: number): void {
    this.#parts.detector.heard(actor, this.#ports.clock.monotonicMs());
  }

  #beatSoon(): void {
    this.#beat = this.#ports.clock.setTimer(BEAT_MS, () => {
      for (const link of this.#links.values()) this.#sendBeat(link);
      this.#beatSoon();
    });
  }

  #sendBeat(link: Link): void {
    if (link.connection === undefined || !link.isOpen) return;
    const { stamps, ring, boot } = this.#parts;
    const lagMs = Math.min(Math.floor(this.#ports.clock.lagMs()), 0xffffffff);
    this.#send(link.connection, { kind: 'beat', stamp: stamps.last, epoch: ring.epoch, boot, lagMs });
  }
}
