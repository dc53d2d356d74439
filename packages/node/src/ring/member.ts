/**
 * A member of a cluster: a node whose requests go to the homes of their keys, wherever those are.
 */
import { assert } from '@torc/base/assert';
import { writeU32, writeU53 } from '@torc/base/bytes';
import type { Transport } from '@torc/base/ports/transport';
import { SilenceDetector } from '@torc/cluster/failure/detector';
import type { Topology } from '@torc/cluster/topology/topology';
import { composeParts, type NodePorts } from '../compose.ts';
import { TorcNode, type NodeListener } from '../node.ts';
import type { NodeOptions } from '../options.ts';
import { BatchWaits } from './batch-waits.ts';
import { HomeService } from './home-service.ts';
import { HomeStore, type BeganListener } from './home-store.ts';
import { Peers } from './peers.ts';
import { spreadTopology } from './spread-topology.ts';
import { RingCoordinator } from './ring-coordinator.ts';
import { RingView } from './ring-view.ts';

export interface MemberPorts extends NodePorts {
  /** Opened for this boot of this node; `composeMember` closes it never. */
  transport(boot: number): Transport;
}

export interface MemberListener extends NodeListener {
  readonly began?: BeganListener;
}

export interface Membership {
  readonly actor: number;
  /** The newest topology that is known at the start. */
  readonly topology: Topology;
}

export interface Member {
  readonly node: TorcNode;
  readonly ring: RingView;
  readonly peers: Peers;
  readonly store: HomeStore;
  readonly coordinator: RingCoordinator;
  /** Stops taking requests, makes everything accepted durable and lets go of the disk. */
  close(): Promise<void>;
}

/** Opens the node on its disk and joins it to its peers. */
export async function composeMember(
  ports: MemberPorts,
  listener: MemberListener,
  options: NodeOptions,
  { actor, topology }: Membership,
): Promise<Member> {
  const waits = new BatchWaits();
  const events = toldBy(waits, listener);
  const parts = await composeParts(ports, events, options, { actor, isAlone: false });
  assert(parts.identity.actor === actor, 'this disk belongs to another member');
  const { engine, replica, stamps, clock: expiry, identity } = parts;
  const ring = new RingView(actor, topology);
  const store = new HomeStore({ engine, replica, waits, actor, probe: ports.probe, began: listener.began });
  const homes = new HomeService(ports.clock, ring, store, ports.probe);
  const transport = ports.transport(identity.boot);
  const peers: Peers = new Peers(
    { clock: ports.clock, random: ports.random.fork('peers'), transport },
    {
      ring,
      stamps,
      detector: new SilenceDetector(),
      boot: identity.boot,
      serve: (_from, request, deadlineMs) =>
        request.kind === 'forward' ? coordinator.serve(request, deadlineMs) : homes.serve(request, deadlineMs),
      told: (from, message) => spreadTopology(ring, peers, stamps, from, message),
    },
  );
  let operations = 0;
  const coordinator: RingCoordinator = new RingCoordinator({
    clock: ports.clock,
    probe: ports.probe,
    expiry,
    ring,
    peers,
    store,
    stampNow: () => stamps.last,
    nextId: () => {
      operations += 1;
      return idOf(actor, stamps.last, operations);
    },
  });

  const node = new TorcNode(parts);
  peers.begin();
  return {
    node,
    ring,
    peers,
    store,
    coordinator,
    close: async () => {
      peers.close();
      await transport.close();
      await node.close();
    },
  };
}

/** (actor, stamp, count): the stamp is above every one of an earlier start. */
function idOf(actor: number, stamp: number, count: number): Uint8Array {
  const id = new Uint8Array(16);
  writeU32(id, 0, actor);
  writeU53(id, 4, stamp);
  writeU32(id, 12, count);
  return id;
}

/** The same events for those who wait for a batch, and then for the listener. */
function toldBy(waits: BatchWaits, listener: NodeListener): NodeListener {
  return {
    durable: (batch) => {
      waits.durable(batch);
      listener.durable(batch);
    },
    refused: (batch) => {
      waits.refused(batch);
      listener.refused(batch);
    },
    stopped: (error) => {
      waits.stopped(error);
      listener.stopped(error);
    },
  };
}
