/** The transport suite's bench over a simulated network, and small worlds for the tests beside it. */
import { printableText } from '@torc/base/bytes';
import type { TransportBench } from '@torc/base/conformance/transport-bench';
import type { ConnectionHandler, PeerIdentity, Transport } from '@torc/base/ports/transport';
import { SimClock } from '../../src/clock.ts';
import type { LastingFault } from '../../src/network/faults.ts';
import { SimNetwork } from '../../src/network/network.ts';
import { CALM_NETWORK, CRUEL_NETWORK, type NetworkSettings } from '../../src/network/settings.ts';
import { SimRandom } from '../../src/random.ts';
import { Scheduler } from '../../src/scheduler.ts';

export const SMALL: Partial<NetworkSettings> = {
  limits: {
    messageBytes: 96 * 1024,
    highWaterBytes: 64 * 1024,
    queueBytes: 256 * 1024,
    connectMs: 1500,
    silenceMs: 4000,
  },
  windowBytes: 32 * 1024,
  pieceBytes: 8 * 1024,
  probeMs: 1000,
};

export interface BenchOptions {
  readonly isCruel?: boolean;
  /** What stands between a case and the transport: a planted bug. */
  readonly wrap?: (transport: Transport) => Transport;
}

export function transportBench(seed: number, { isCruel = false, wrap = same }: BenchOptions = {}): TransportBench {
  const base = isCruel ? CRUEL_NETWORK : CALM_NETWORK;
  const scheduler = new Scheduler();
  const network = new SimNetwork({ scheduler, random: new SimRandom(seed) }, { ...base, ...SMALL });
  const hosts: string[] = [];
  const held: LastingFault[] = [];
  return {
    isCalm: !isCruel,
    nowhere: 'nowhere',
    open(node, { clusterId = 'cluster', boot = 1, address = node } = {}) {
      if (!hosts.includes(address)) {
        network.addHost({ name: address });
        hosts.push(address);
      }
      const identity = identityOf(node, boot, clusterId);
      const clock = new SimClock(scheduler);
      return { transport: wrap(network.open({ host: address, clock, identity, address })), address };
    },
    until: (condition) => scheduler.runUntil(condition, 30_000),
    rest: () => scheduler.runFor(900),
    reset: () => network.reset(hosts, hosts),
    hold: () => void held.push(network.cut(hosts, hosts)),
    release: () => held.splice(0).forEach((cut) => cut.heal()),
    close: async () => {},
  };
}

export function identityOf(node: string, boot: number = 1, clusterId: string = 'cluster'): PeerIdentity {
  return { clusterId, node, boot, formatNumber: 1, features: ['lz4'] };
}

/** A handler that writes down what it hears, as `name event`; of a message its beginning. */
export function recorder(log: string[], name: string): ConnectionHandler {
  return {
    opened: () => void log.push(`${name} opened`),
    received: (bytes, start, end) =>
      void log.push(`${name} got ${printableText(bytes, start, Math.min(end, start + 40))}`),
    drained: () => void log.push(`${name} drained`),
    closed: (reason) => void log.push(`${name} closed ${reason}`),
  };
}

function same(transport: Transport): Transport {
  return transport;
}
