/**
 * One end of a simulated connection.
 *
 * 1. `#state` is what the host's kernel knows; the handler hears of it later, through the inbox.
 * 2. An end that breaks tells the other with one packet, which may be lost. Then the other is half-open until a probe, its
 *    own next message or its silence limit shows it (`review`).
 * 3. Once `closed` is in the inbox, nothing follows it; after `close` by this side nothing is in front of it.
 */
import { assert } from '@torc/base/assert';
import type { Timer } from '@torc/base/ports/clock';
import type {
  CloseReason,
  Connection,
  ConnectionHandler,
  ConnectionKind,
  PeerIdentity,
  SendResult,
} from '@torc/base/ports/transport';
import type { SimClock } from '../clock.ts';
import type { SimRandom } from '../random.ts';
import { handOver, Inbox } from './inbox.ts';
import type { Host, Path } from './path.ts';
import { Pipe } from './pipe.ts';
import { MESSAGE_OVERHEAD_BYTES, type NetworkSettings } from './settings.ts';

/** What an end needs of the network and of its transport. */
export interface ConnectionHome {
  readonly settings: NetworkSettings;
  readonly clock: SimClock;
  /** The words are made only if somebody listens. */
  tell(text: () => string): void;
  /** The handler has heard its end: the transport forgets it. */
  forget(connection: SimConnection): void;
}

export interface ConnectionParts {
  readonly home: ConnectionHome;
  readonly kind: ConnectionKind;
  /** For traces: unique in the network, and stable. */
  readonly name: string;
  readonly random: SimRandom;
  readonly out: Path;
  readonly back: Path;
  readonly isDialer: boolean;
  /** The greeting of this end has reached the other's host. */
  greeted(): void;
}

/** What will end this end if nothing changes, and why. */
interface Doom {
  readonly reason: 'timed-out' | 'reset';
  readonly timer: Timer;
}

export class SimConnection implements Connection {
  readonly kind: ConnectionKind;
  /** The other end, once the handshake has made it. */
  other: SimConnection | undefined;
  readonly #parts: ConnectionParts;
  readonly #pipe: Pipe;
  readonly #inbox: Inbox;
  #handler: ConnectionHandler | undefined;
  #state: 'dialing' | 'open' | 'closing' | 'ended' = 'dialing';
  #peer: PeerIdentity | undefined;
  #isFlushing = false;
  #owesDrained = false;
  #isClosedHere = false;
  #doom: Doom | undefined;
  #dialLimit: Timer | undefined;

  constructor(parts: ConnectionParts, handler?: ConnectionHandler) {
    const { home, kind, random, out, back } = parts;
    this.#parts = parts;
    this.kind = kind;
    this.#handler = handler;
    this.#inbox = new Inbox(home.clock);
    this.#pipe = new Pipe({
      path: out,
      back,
      settings: home.settings,
      random,
      ends: {
        isBulk: kind === 'bulk',
        mayFlow: () => this.#state === 'open' || this.#state === 'closing',
        flowed: () => this.#flowed(),
        greeted: () => parts.greeted(),
        arrived: (message) => this.other?.arrive(message) ?? false,
        farewellArrived: () => this.other?.end('closed'),
        farewellKnown: () => this.end('closed'),
        refused: () => this.break(this.#state === 'dialing' ? 'refused' : 'reset'),
      },
    });
  }

  get name(): string {
    return this.#parts.name;
  }

  get peer(): PeerIdentity | undefined {
    return this.#peer;
  }

  get queuedBytes(): number {
    return this.#pipe.queuedBytes;
  }

  get nearHost(): Host {
    return this.#parts.out.from;
  }

  get farHost(): Host {
    return this.#parts.out.to;
  }

  /** This end dialed; the other was taken. */
  get isDialer(): boolean {
    return this.#parts.isDialer;
  }

  get hasEnded(): boolean {
    return this.#state === 'ended';
  }

  send(bytes: Uint8Array, start: number, end: number): SendResult {
    assert(
      Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= bytes.length,
      'connection.send: a range inside its buffer',
    );
    const { limits } = this.#parts.home.settings;
    const length = end - start;
    if (this.#state === 'closing' || this.#state === 'ended' || length > limits.messageBytes) return 'refused';
    if (this.#pipe.queuedBytes + length + MESSAGE_OVERHEAD_BYTES > limits.queueBytes) {
      this.#owesDrained = true;
      return 'refused';
    }
    this.#pipe.push(bytes.slice(start, end));
    this.#flushSoon();
    if (this.#pipe.queuedBytes < limits.highWaterBytes) return 'sent';
    this.#owesDrained = true;
    return 'slow';
  }

  close(): void {
    if (this.#isClosedHere) return;
    this.#isClosedHere = true;
    this.#inbox.clear();
    if (this.#state === 'ended') {
      this.#sayClosed('closed');
    } else if (this.#state === 'dialing') {
      this.break('closed');
    } else {
      this.#state = 'closing';
      this.#pipe.bidFarewell();
      this.#flushSoon();
    }
  }

  /** The dialing end begins, and gives up if it is not open in time. */
  dial(): void {
    const { clock, settings } = this.#parts.home;
    this.#dialLimit = clock.setTimer(settings.limits.connectMs, () => this.break('timed-out'));
  }

  /** The other host has answered: the greeting leaves. */
  greet(): void {
    if (this.#state === 'dialing') this.#pipe.flow();
  }

  /** The dialing end has been greeted in return. */
  open(peer: PeerIdentity): void {
    if (this.#state !== 'dialing') return;
    this.#becomeOpen(peer);
    this.#inbox.push(() => this.#handler?.opened());
  }

  /** The end that was taken: its handler is asked for first of all. */
  openTaken(peer: PeerIdentity, accept: (connection: Connection) => ConnectionHandler): void {
    this.#becomeOpen(peer);
    this.#inbox.push(() => {
      this.#handler = accept(this);
      if (this.#isClosedHere) return;
      this.#handler.opened();
    });
    this.#pipe.flow();
  }

  /** A message for this end's handler. False: it knows nothing of this connection any more. */
  arrive(message: Uint8Array): boolean {
    if (this.#state === 'ended') return false;
    if (this.#state !== 'open') return true;
    const { home, random } = this.#parts;
    home.tell(() => `${this.name} got ${message.length}`);
    this.#inbox.push(() => {
      if (this.#handler !== undefined) handOver(this.#handler, message);
    });
    // After it, never instead of it: what follows may still get here before the break does.
    if (random.chance(home.settings.cruelty.resets)) this.strike();
    return true;
  }

  /** This end is over; the other is not told. */
  end(reason: CloseReason): void {
    if (this.#state === 'ended') return;
    this.#leave();
    const heard = this.#isClosedHere ? 'closed' : reason;
    this.#parts.home.tell(() => `${this.name} closed ${heard}`);
    this.#sayClosed(heard);
  }

  /** This end is over, and tells the other if a packet gets through. */
  break(reason: CloseReason): void {
    if (this.#state === 'ended') return;
    this.end(reason);
    this.sayReset();
  }

  /** Something on the way breaks the connection: each side hears of it by itself, one of them perhaps late. */
  strike(): void {
    const { random, home, out } = this.#parts;
    const { other } = this;
    const halfOpen = other !== undefined && random.chance(home.settings.cruelty.halfOpen);
    const first = halfOpen && random.chance(0.5) ? other : this;
    home.tell(() => `${first.name} struck${halfOpen ? ', half-open' : ''}`);
    const soon = (end: SimConnection): void => {
      const { scheduler } = home.clock;
      scheduler.at(scheduler.nowMs() + out.latencyMs() * random.fraction(), () => {
        end.end('reset');
        end.other?.review();
      });
    };
    soon(first);
    if (!halfOpen && other !== undefined) soon(other);
  }

  /** The process is gone: its handler hears nothing more. */
  die(): void {
    this.#handler = undefined;
    this.#inbox.clear();
    this.#leave();
  }

  /** One packet, never repeated, that ends the other side unless it is lost. */
  sayReset(delayMs: number = 0): void {
    const { other } = this;
    // An end that was not made yet is told when it is: its first message finds nobody here.
    this.#parts.out.fly(
      {
        isWanted: () => true,
        isRepeated: () => false,
        land: () => (other ?? this.other)?.end('reset'),
      },
      delayMs,
    );
  }

  /** Looks again at what this end will notice by itself, after something changed on the way or at the other end. */
  review(): void {
    if (this.#state !== 'open' && this.#state !== 'closing') return;
    const reason = this.#doomReason();
    if (reason === this.#doom?.reason) return;
    this.#doom?.timer.cancel();
    this.#doom = undefined;
    if (reason === undefined) return;
    const { home, random } = this.#parts;
    const { limits, probeMs, cruelty } = home.settings;
    const isLate = reason === 'reset' && random.chance(cruelty.halfOpen);
    const afterMs =
      reason === 'timed-out'
        ? limits.silenceMs * (1 + random.fraction() / 4)
        : (isLate ? limits.silenceMs : probeMs) * random.fraction();
    const { scheduler } = home.clock;
    this.#doom = { reason, timer: scheduler.at(scheduler.nowMs() + afterMs, () => this.break(reason)) };
  }

  #doomReason(): Doom['reason'] | undefined {
    const { out, back } = this.#parts;
    if (out.obstacle === 'refuse') return 'reset';
    if (back.isSilent) return 'timed-out';
    // Reached, and it answers that it knows nothing of this connection.
    if (this.other?.hasEnded === true && !out.isSilent && out.obstacle === undefined) return 'reset';
    return undefined;
  }

  #becomeOpen(peer: PeerIdentity): void {
    this.#dialLimit?.cancel();
    this.#state = 'open';
    this.#peer = peer;
    this.#parts.home.tell(() => `${this.name} open to ${peer.node} boot ${peer.boot}`);
    this.review();
    this.#flushSoon();
  }

  #leave(): void {
    this.#state = 'ended';
    this.#dialLimit?.cancel();
    this.#doom?.timer.cancel();
    this.#doom = undefined;
    this.#pipe.sever();
  }

  #sayClosed(reason: CloseReason): void {
    this.#inbox.push(() => {
      this.#isClosedHere = true;
      this.#parts.home.forget(this);
      this.#handler?.closed(reason);
    });
  }

  /** What a turn sends leaves together, and not before the node's own time has come that far. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#parts.home.clock.setTimer(0, () => {
      this.#isFlushing = false;
      if (this.#state === 'open' || this.#state === 'closing') this.#pipe.flow();
    });
  }

  #flowed(): void {
    const { highWaterBytes } = this.#parts.home.settings.limits;
    if (!this.#owesDrained || this.#state !== 'open' || this.#pipe.queuedBytes > highWaterBytes / 2) return;
    this.#owesDrained = false;
    this.#inbox.push(() => this.#handler?.drained());
  }
}
