/** A few hosts with a process each, for tests of single faults. Every process takes connections and writes down what it hears. */
import type { Connection, ConnectionHandler, ConnectionKind } from '@torc/base/ports/transport';
import { asciiBytes } from '@torc/base/bytes';
import { SimClock } from '../../src/clock.ts';
import { type HostOptions, SimNetwork } from '../../src/network/network.ts';
import type { NetworkSettings } from '../../src/network/settings.ts';
import type { TraceSink } from '../../src/network/trace.ts';
import type { SimTransport } from '../../src/network/transport.ts';
import { SimRandom } from '../../src/random.ts';
import { Scheduler } from '../../src/scheduler.ts';
import { identityOf, recorder } from './bench.ts';

export interface WorldOptions {
  readonly seed?: number;
  readonly settings?: Partial<NetworkSettings>;
  readonly trace?: TraceSink;
}

export class World {
  readonly scheduler: Scheduler = new Scheduler();
  readonly network: SimNetwork;
  /** What was heard where: `a opened`, `b< got hello`. A `<` marks the side that was taken. */
  readonly log: string[] = [];
  /** When each row of the log was written. */
  readonly times: number[] = [];
  readonly clocks: Map<string, SimClock> = new Map();
  readonly transports: Map<string, SimTransport> = new Map();
  readonly taken: Connection[] = [];

  constructor(hosts: readonly (string | HostOptions)[], { seed = 1, settings = {}, trace }: WorldOptions = {}) {
    const random = new SimRandom(seed).fork('network');
    const ports = { scheduler: this.scheduler, random, ...(trace === undefined ? {} : { trace }) };
    this.network = new SimNetwork(ports, settings);
    for (const host of hosts) {
      const options = typeof host === 'string' ? { name: host } : host;
      this.network.addHost(options);
      this.start(options.name);
    }
  }

  /** A process of that name on the host of that name. */
  start(name: string, boot: number = 1): void {
    const clock = new SimClock(this.scheduler);
    const transport = this.network.open({ host: name, clock, identity: identityOf(name, boot) });
    transport.listen((connection) => {
      this.taken.push(connection);
      return this.#handler(`${name}<`);
    });
    this.clocks.set(name, clock);
    this.transports.set(name, transport);
  }

  /** As `kill -9` does: the process and its clock. */
  kill(name: string): void {
    this.clocks.get(name)?.kill();
    this.network.kill(name);
  }

  dial(from: string, to: string, kind: ConnectionKind = 'urgent'): Connection {
    const transport = this.transports.get(from);
    if (transport === undefined) throw new RangeError(`no process ${from}`);
    return transport.connect(to, kind, this.#handler(from));
  }

  /** The rows since the last call. */
  heard(): string[] {
    this.times.length = 0;
    return this.log.splice(0);
  }

  /** When that was heard, in virtual milliseconds. */
  timeOf(row: string): number {
    const time = this.times[this.log.indexOf(row)];
    if (time === undefined) throw new RangeError(`nobody heard "${row}": ${this.log.join(', ')}`);
    return time;
  }

  async until(row: string, limitMs: number = 60_000): Promise<void> {
    if (await this.scheduler.runUntil(() => this.log.includes(row), limitMs)) return;
    throw new RangeError(`nobody heard "${row}": ${this.log.join(', ')}`);
  }

  #handler(name: string): ConnectionHandler {
    const { log, times, scheduler } = this;
    const inner = recorder(log, name);
    const timed = (call: () => void): void => {
      call();
      times.push(scheduler.nowMs());
    };
    return {
      opened: () => timed(() => inner.opened()),
      received: (bytes, start, end) => timed(() => inner.received(bytes, start, end)),
      drained: () => timed(() => inner.drained()),
      closed: (reason) => timed(() => inner.closed(reason)),
    };
  }
}

export function say(connection: Connection, text: string): void {
  const bytes = asciiBytes(text);
  connection.send(bytes, 0, bytes.length);
}
