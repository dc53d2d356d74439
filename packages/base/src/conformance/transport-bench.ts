/**
 * What a case of the transport suite gets, and ends of connections that watch the contract while the case goes on: one
 * `opened` and first, one `closed` and last, no callback inside a call or inside another callback.
 *
 * A network may be calm, where a connection breaks only when a case says so, or not. On one that is not, what arrives is
 * still a prefix of what was sent, and what is missing is explained by a `closed`: `arrive` checks either.
 */
import type {
  CloseReason,
  Connection,
  ConnectionHandler,
  ConnectionKind,
  SendResult,
  Transport,
} from '../ports/transport.ts';
import { type Case, type Closable, expect, expectBytes, expectEqual, noise, oneCase } from './suite.ts';

export interface IdentityChanges {
  readonly clusterId?: string;
  readonly boot?: number;
  /** Where it is called; otherwise one made of the node's name. */
  readonly address?: string;
}

export interface Place {
  readonly transport: Transport;
  readonly address: string;
}

export interface TransportBench extends Closable {
  /** No connection breaks unless the case breaks it. */
  readonly isCalm: boolean;
  /** An address at which nobody ever listens. */
  readonly nowhere: string;
  /**
   * A transport of that node, with limits small enough to be reached: a queue of some hundred KiB, silence of seconds. An
   * address can be had again once its transport is closed.
   */
  open(node: string, changes?: IdentityChanges): Place;
  /** Lets things happen until it holds; false when it does not although everything had time. */
  until(condition: () => boolean): Promise<boolean>;
  /** Lets whatever is under way happen, without waiting for limits. */
  rest(): Promise<void>;
  /** Breaks every connection there is. */
  reset(): void;
  /** From now on nothing gets through, either way, and nobody is told, until `release`. */
  hold(): void;
  release(): void;
}

export type Hooks = Partial<ConnectionHandler>;

/** One end of a connection as a case sees it. */
export class End implements ConnectionHandler {
  readonly messages: Uint8Array[] = [];
  readonly reasons: CloseReason[] = [];
  opens = 0;
  drains = 0;
  hooks: Hooks = {};
  readonly #world: TransportWorld;
  #connection: Connection | undefined;

  constructor(world: TransportWorld) {
    this.#world = world;
  }

  get connection(): Connection {
    expect(this.#connection !== undefined, 'a callback came before the connection was there');
    return this.#connection;
  }

  get isOpen(): boolean {
    return this.opens > 0 && this.reasons.length === 0;
  }

  get isClosed(): boolean {
    return this.reasons.length > 0;
  }

  attach(connection: Connection): this {
    this.#connection = connection;
    return this;
  }

  send(message: Uint8Array): SendResult {
    const result = this.#world.call(() => this.connection.send(message, 0, message.length));
    expect(['sent', 'slow', 'refused'].includes(result), `send answered ${result}`);
    return result;
  }

  close(): void {
    this.#world.call(() => this.connection.close());
  }

  opened(): void {
    this.#heard('opened', this.opens === 0 && this.reasons.length === 0);
    this.opens++;
    this.#world.callback(() => this.hooks.opened?.());
  }

  received(bytes: Uint8Array, start: number, end: number): void {
    this.#heard('received', this.isOpen);
    this.messages.push(bytes.slice(start, end));
    this.#world.callback(() => this.hooks.received?.(bytes, start, end));
  }

  drained(): void {
    this.#heard('drained', this.isOpen);
    this.drains++;
    this.#world.callback(() => this.hooks.drained?.());
  }

  closed(reason: CloseReason): void {
    this.#heard('closed', this.reasons.length === 0);
    this.reasons.push(reason);
    this.#world.callback(() => this.hooks.closed?.(reason));
  }

  #heard(what: string, mayCome: boolean): void {
    if (!mayCome) this.#world.violated(`${what} after ${this.opens} opened and ${this.reasons.length} closed`);
  }
}

export class TransportWorld {
  readonly bench: TransportBench;
  readonly #violations: string[] = [];
  #calls = 0;
  #callbacks = 0;

  constructor(bench: TransportBench) {
    this.bench = bench;
  }

  /** Takes connections there; the list grows. */
  listen(place: Place, prepare: (end: End) => void = () => {}): End[] {
    const taken: End[] = [];
    this.call(() =>
      place.transport.listen((connection) => {
        if (connection.peer === undefined) this.violated('accept came before the peer was known');
        const end = new End(this).attach(connection);
        taken.push(end);
        this.callback(() => prepare(end));
        return end;
      }),
    );
    return taken;
  }

  dial(from: Place, address: string, kind: ConnectionKind = 'urgent', hooks: Hooks = {}): End {
    const end = new End(this);
    end.hooks = hooks;
    return end.attach(this.call(() => from.transport.connect(address, kind, end)));
  }

  /** Two nodes and an open connection between them; `near` dialed. */
  async pair(kind: ConnectionKind = 'urgent'): Promise<{ a: Place; b: Place; near: End; far: End; taken: End[] }> {
    const [a, b] = [this.bench.open('a'), this.bench.open('b')];
    const taken = this.listen(b);
    const near = this.dial(a, b.address, kind);
    await this.expectSoon(() => near.isOpen && taken.length === 1 && taken[0]?.isOpen === true, 'both ends are open');
    return { a, b, near, far: taken[0] as End, taken };
  }

  async expectSoon(condition: () => boolean, what: string): Promise<void> {
    expect(await this.bench.until(condition), `it never came about that ${what}`);
  }

  /** All of `sent` arrived, in order; where connections break by themselves, a part from the beginning and a `closed`. */
  async arrive(end: End, sent: readonly Uint8Array[], what: string): Promise<void> {
    await this.expectSoon(() => end.messages.length >= sent.length || end.isClosed, `${what} arrived`);
    expectPrefix(end, sent, what);
    if (this.bench.isCalm) expectEqual(end.messages.length, sent.length, `${what}: messages`);
  }

  /** A call of the port: no callback may come before it returns. */
  call<T>(call: () => T): T {
    this.#calls++;
    try {
      return call();
    } finally {
      this.#calls--;
    }
  }

  callback(run: () => void): void {
    if (this.#calls > 0) this.violated('a callback came inside a call');
    if (this.#callbacks > 0) this.violated('a callback came inside another');
    this.#callbacks++;
    try {
      run();
    } finally {
      this.#callbacks--;
    }
  }

  violated(what: string): void {
    this.#violations.push(what);
  }

  async judge(): Promise<void> {
    await this.bench.rest();
    expectEqual(this.#violations.join('; '), '', 'the contract, meanwhile');
  }
}

export function transportCase(name: string, body: (world: TransportWorld) => Promise<void>): Case<TransportBench> {
  return oneCase<TransportBench>(name, async (bench) => {
    const world = new TransportWorld(bench);
    await body(world);
    await world.judge();
  });
}

/** What arrived is what was sent first. */
export function expectPrefix(end: End, sent: readonly Uint8Array[], what: string): void {
  expect(end.messages.length <= sent.length, `${what}: ${end.messages.length} messages of ${sent.length}`);
  end.messages.forEach((message, i) => expectBytes(message, sent[i] as Uint8Array, `${what}: message ${i}`));
}

/** Messages of which no two are alike, of growing and shrinking lengths. */
export function messages(count: number, mostBytes: number = 300, seed: number = 1): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const message = noise(4 + ((i * 37) % Math.max(1, mostBytes - 3)), seed * 1000 + i + 1);
    message.set([i & 0xff, (i >>> 8) & 0xff, (i >>> 16) & 0xff, seed]);
    return message;
  });
}
