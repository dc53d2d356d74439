/**
 * The `Transport` port of one process on the simulated network. `SimNetwork.open` makes it; `kill` ends it.
 */
import { assert } from '@torc/base/assert';
import type {
  Connection,
  ConnectionHandler,
  ConnectionKind,
  PeerIdentity,
  Transport,
  TransportLimits,
} from '@torc/base/ports/transport';
import type { SimClock } from '../clock.ts';
import type { ConnectionHome, SimConnection } from './connection.ts';
import type { Host } from './path.ts';
import type { NetworkSettings } from './settings.ts';

/** What a transport asks of its network. */
export interface Switchboard {
  readonly settings: NetworkSettings;
  tell(text: () => string): void;
  dial(from: SimTransport, address: string, kind: ConnectionKind, handler: ConnectionHandler): SimConnection;
  /** The process has closed its transport: its address is free again. */
  release(transport: SimTransport): void;
}

export interface TransportParts {
  readonly switchboard: Switchboard;
  readonly clock: SimClock;
  readonly host: Host;
  readonly address: string;
  readonly identity: PeerIdentity;
}

export class SimTransport implements Transport, ConnectionHome {
  readonly limits: TransportLimits;
  readonly settings: NetworkSettings;
  readonly clock: SimClock;
  readonly host: Host;
  readonly address: string;
  readonly identity: PeerIdentity;
  readonly #switchboard: Switchboard;
  readonly #connections: Set<SimConnection> = new Set();
  #accept: ((connection: Connection) => ConnectionHandler) | undefined;
  #state: 'open' | 'closing' | 'dead' = 'open';
  #whenEmpty: (() => void)[] = [];

  constructor({ switchboard, clock, host, address, identity }: TransportParts) {
    this.#switchboard = switchboard;
    this.settings = switchboard.settings;
    this.limits = switchboard.settings.limits;
    this.clock = clock;
    this.host = host;
    this.address = address;
    this.identity = identity;
  }

  /** Those whose handler has not had its `closed`, in the order of their making. */
  get connections(): ReadonlySet<SimConnection> {
    return this.#connections;
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  /** Who takes connections here; `undefined`: nobody does. */
  get accept(): ((connection: Connection) => ConnectionHandler) | undefined {
    return this.#state === 'open' ? this.#accept : undefined;
  }

  listen(accept: (connection: Connection) => ConnectionHandler): void {
    assert(this.#state !== 'closing', 'transport.listen after close');
    assert(this.#accept === undefined, 'transport.listen twice');
    this.#accept = accept;
  }

  connect(address: string, kind: ConnectionKind, handler: ConnectionHandler): Connection {
    assert(this.#state !== 'closing', 'transport.connect after close');
    assert(address !== this.address, 'transport.connect to itself');
    return this.#switchboard.dial(this, address, kind, handler);
  }

  async close(): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing';
      this.#switchboard.release(this);
      for (const connection of this.#connections) connection.close();
    }
    if (this.#connections.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty.push(resolve);
    });
  }

  /** For the network: an end that stands here. */
  adopt(connection: SimConnection): void {
    this.#connections.add(connection);
  }

  forget(connection: SimConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  tell(text: () => string): void {
    this.#switchboard.tell(text);
  }

  /** The process is dead: no handler of it hears anything more, and no `close` settles. Gives the ends it had. */
  die(): readonly SimConnection[] {
    this.#state = 'dead';
    this.#whenEmpty = [];
    const ends = [...this.#connections];
    for (const connection of ends) connection.die();
    this.#connections.clear();
    return ends;
  }
}
