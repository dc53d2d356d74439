/**
 * The simulated network: hosts in racks and data centres, the processes on them, and everything that can go wrong between
 * them, in virtual time.
 *
 * 1. The same seed and the same calls give the same events at the same times. Each path and each connection draws from a
 *    stream of its own, named by its ends: what happens on one does not shift another.
 * 2. `cruelty` strikes by itself; cuts, slow links, `reset`, `kill` and `powerOff` when somebody says so. All of them keep
 *    the promises of the port.
 * 3. Events that belong to a process run on its clock. The network does not kill clocks: whoever kills a process kills both.
 *
 * What may go wrong: an address stays known after its process has died, and answers with a refusal, or with silence while
 * the host is dark. A name that never was is refused by the caller's own host.
 */
import { assert } from '@torc/base/assert';
import type { ConnectionHandler, ConnectionKind, PeerIdentity } from '@torc/base/ports/transport';
import type { SimClock } from '../clock.ts';
import type { SimRandom } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { SimConnection } from './connection.ts';
import { judge, knock, type Dialed } from './dial.ts';
import { type LastingFault, NetworkFaults } from './faults.ts';
import { type CutKind, type Host, Path, type Slowness } from './path.ts';
import { CALM_NETWORK, checkSettings, type NetworkSettings } from './settings.ts';
import type { TraceSink } from './trace.ts';
import { SimTransport } from './transport.ts';

export interface SimNetworkPorts {
  readonly scheduler: Scheduler;
  readonly random: SimRandom;
  readonly trace?: TraceSink;
}

export interface HostOptions {
  readonly name: string;
  readonly rack?: string;
  readonly dc?: string;
}

export interface ProcessOptions {
  /** The host's name. */
  readonly host: string;
  readonly clock: SimClock;
  readonly identity: PeerIdentity;
  /** Where it is called; the node's name unless told otherwise. */
  readonly address?: string;
}

export class SimNetwork {
  readonly settings: NetworkSettings;
  readonly #faults: NetworkFaults;
  readonly #ports: SimNetworkPorts;
  readonly #hosts: Map<string, Host> = new Map();
  readonly #paths: Map<Host, Map<Host, Path>> = new Map();
  /** Also of processes that have died. */
  readonly #homes: Map<string, Host> = new Map();
  readonly #processes: Map<string, SimTransport> = new Map();
  /** Those that closed, while their last messages leave. */
  readonly #leaving: Set<SimTransport> = new Set();
  #dialed = 0;

  constructor(ports: SimNetworkPorts, settings: Partial<NetworkSettings> = {}) {
    this.#ports = ports;
    this.settings = { ...CALM_NETWORK, ...settings };
    checkSettings(this.settings);
    this.#faults = new NetworkFaults({
      host: (name) => this.#host(name),
      path: (from, to) => this.#path(from, to),
      tell: (text) => this.tell(text),
      changed: (paths) => this.#changed(paths),
    });
  }

  /** Two racks of one name in two data centres are two racks. */
  addHost({ name, rack = 'rack', dc = 'dc' }: HostOptions): void {
    assert(!this.#hosts.has(name), `network: a second host ${name}`);
    this.#hosts.set(name, { name, rack, dc, isDark: false });
  }

  /** Names of the hosts of a data centre, or of one rack in it. */
  hostsOf(dc: string, rack?: string): string[] {
    const found = [...this.#hosts.values()].filter((host) => host.dc === dc && (rack ?? host.rack) === host.rack);
    return found.map(({ name }) => name);
  }

  /** A process starts. Its host has power then. It may have any boot number: a restored copy has an old one. */
  open({ host: name, clock, identity, address = identity.node }: ProcessOptions): SimTransport {
    const host = this.#host(name);
    assert(!this.#processes.has(address), `network: ${address} is taken`);
    const transport = new SimTransport({ switchboard: this, clock, host, address, identity });
    this.#homes.set(address, host);
    this.#processes.set(address, transport);
    this.tell(() => `start ${address} boot ${identity.boot} on ${name}`);
    this.powerOn(name);
    return transport;
  }

  /** The process dies, its host does not: peers are told after `withinMs` at most, unless that is lost on the way. */
  kill(address: string, withinMs: number = 1): void {
    const dead = [...this.#transports()].filter((transport) => transport.address === address);
    this.tell(() => `kill ${address}`);
    for (const transport of dead) {
      for (const end of this.#bury(transport)) end.sayReset(this.#ports.random.fraction() * withinMs);
    }
    this.#reviewAll();
  }

  /** The host loses power with all that runs on it: silence, until it has power again and answers that it knows nothing. */
  powerOff(name: string): void {
    const host = this.#host(name);
    if (host.isDark) return;
    this.tell(() => `power off ${name}`);
    host.isDark = true;
    for (const transport of this.#transports()) if (transport.host === host) this.#bury(transport);
    this.#reviewAll();
  }

  powerOn(name: string): void {
    const host = this.#host(name);
    if (!host.isDark) return;
    this.tell(() => `power on ${name}`);
    host.isDark = false;
    this.#changed([...this.#allPaths()]);
  }

  /** Nothing gets from one side to the other, either way. Sides are names of hosts. */
  cut(one: readonly string[], other: readonly string[], kind: CutKind = 'stall'): LastingFault {
    return this.#faults.cut(one, other, kind);
  }

  /** Nothing gets from the hosts `from` to the hosts `to`; the other way is free. */
  cutOneWay(from: readonly string[], to: readonly string[], kind: CutKind = 'stall'): LastingFault {
    return this.#faults.cutOneWay(from, to, kind);
  }

  /** Cuts these hosts off from all others; among themselves they talk. */
  isolate(names: readonly string[], kind: CutKind = 'stall'): LastingFault {
    return this.#faults.cut(names, this.#othersThan(names), kind);
  }

  /** Slow both ways between the two sides. */
  slow(one: readonly string[], other: readonly string[], slowness: Partial<Slowness>): LastingFault {
    return this.#faults.slow(one, other, slowness);
  }

  /** Takes away all cuts and all slowness. Hosts without power stay without. */
  heal(): void {
    this.#faults.heal();
  }

  /** Breaks each connection between the two sides, or those of one kind. What is under way arrives or is lost. */
  reset(one: readonly string[], other: readonly string[] = [...this.#hosts.keys()], kind?: ConnectionKind): void {
    this.tell(() => `reset ${one.join(' ')} <> ${other.join(' ')}`);
    for (const transport of this.#transports()) {
      if (!one.includes(transport.host.name)) continue;
      for (const end of transport.connections) {
        const there = end.farHost.name;
        if (other.includes(there) && (kind ?? end.kind) === end.kind) this.#strikeOnce(end, one, other);
      }
    }
  }

  /** For transports of this network. */
  tell(text: () => string): void {
    this.#ports.trace?.event(this.#ports.scheduler.nowMs(), text());
  }

  /** For transports of this network. */
  release(transport: SimTransport): void {
    if (this.#processes.get(transport.address) === transport) this.#processes.delete(transport.address);
    if (transport.connections.size > 0) this.#leaving.add(transport);
    this.tell(() => `stop ${transport.address}`);
  }

  /** For transports of this network. */
  dial(from: SimTransport, address: string, kind: ConnectionKind, handler: ConnectionHandler): SimConnection {
    const home = this.#homes.get(address);
    const [out, back] = [this.#path(from.host, home ?? from.host), this.#path(home ?? from.host, from.host)];
    const name = `${from.address}>${address} ${kind} #${++this.#dialed}`;
    // Were it looked up again later, the connection would stand on a path within the caller's own host.
    const target = (): SimTransport | undefined => (home === undefined ? undefined : this.#processes.get(address));
    const end: SimConnection = new SimConnection(
      {
        home: from,
        kind,
        name,
        random: this.#ports.random.fork(`connection ${name}`),
        out,
        back,
        isDialer: true,
        greeted: () => this.#greeted(from, dialed),
      },
      handler,
    );
    const dialed: Dialed = { end, out, back, target };
    if (from.isDead) {
      // What a dead process still does on its way out reaches nobody.
      end.die();
      return end;
    }
    from.adopt(end);
    this.tell(() => `${name} dials`);
    end.dial();
    // Not before the node's own time has come that far.
    from.clock.setTimer(0, () => knock(dialed));
    return end;
  }

  #othersThan(names: readonly string[]): string[] {
    return [...this.#hosts.keys()].filter((name) => !names.includes(name));
  }

  #greeted(from: SimTransport, dialed: Dialed): void {
    judge(from, dialed, (there) => {
      const { end, out, back } = dialed;
      const name = `${end.name} taken`;
      const random = this.#ports.random.fork(`connection ${name}`);
      const greeted = (): void => end.open(there.identity);
      const parts = { home: there, kind: end.kind, name, random, out: back, back: out, isDialer: false, greeted };
      const taken = new SimConnection(parts);
      there.adopt(taken);
      return taken;
    });
  }

  /** A connection whose both ends lie on both sides is struck at the end that dialed. */
  #strikeOnce(end: SimConnection, one: readonly string[], other: readonly string[]): void {
    const isSeenTwice = one.includes(end.farHost.name) && other.includes(end.nearHost.name);
    if (!isSeenTwice || end.isDialer) end.strike();
  }

  #bury(transport: SimTransport): readonly SimConnection[] {
    if (this.#processes.get(transport.address) === transport) this.#processes.delete(transport.address);
    this.#leaving.delete(transport);
    return transport.die();
  }

  *#transports(): Iterable<SimTransport> {
    yield* this.#processes.values();
    for (const transport of this.#leaving) {
      if (transport.connections.size === 0) this.#leaving.delete(transport);
      else yield transport;
    }
  }

  #changed(paths: readonly Path[]): void {
    for (const path of paths) path.repeatLost();
    this.#reviewAll();
  }

  #reviewAll(): void {
    for (const transport of this.#transports()) for (const end of transport.connections) end.review();
  }

  #host(name: string): Host {
    const host = this.#hosts.get(name);
    assert(host !== undefined, `network: no host ${name}`);
    return host;
  }

  #path(from: Host, to: Host): Path {
    let paths = this.#paths.get(from);
    if (paths === undefined) {
      paths = new Map();
      this.#paths.set(from, paths);
    }
    let path = paths.get(to);
    if (path === undefined) {
      const { scheduler, random } = this.#ports;
      const world = { scheduler, settings: this.settings, random: random.fork(`path ${from.name}>${to.name}`) };
      path = new Path(world, from, to);
      paths.set(to, path);
    }
    return path;
  }

  *#allPaths(): Iterable<Path> {
    for (const paths of this.#paths.values()) yield* paths.values();
  }
}
