/**
 * Composes a node out of ports. No I/O of its own: the same function makes the node of a server, of a test and of the
 * simulator.
 */
import { DEFAULT_NODE_OPTIONS, type NodeOptions } from './options.ts';
import { assert } from '@torc/base/assert';
import { DiskError } from '@torc/base/errors';
import { FIRST_SYSTEM_BUCKET } from '@torc/storage/key';
import { Engine } from '@torc/storage/engine';
import type { EnginePorts } from '@torc/storage/engine-parts';
import { STATE_ACTOR, STATE_BOOT, STATE_STAMP_CEILING, STATE_WALL_MS } from '@torc/storage/state-names';
import { Coordinator } from './coordinator/coordinator.ts';
import { TorcNode, type NodeListener, type NodeParts } from './node.ts';
import { ExpiryClock } from './replica/expiry-clock.ts';
import { Replica } from './replica/replica.ts';
import { StampSource } from './replica/stamp-source.ts';

export type NodePorts = EnginePorts;

/** The first node of a cluster; later ones are given theirs when they join. */
const FIRST_ACTOR = 1;

/**
 * Opens the node on its disk and makes it ready to serve. Rejects with `DamageError` when acknowledged bytes are damaged
 * (`options.engine.salvage` goes on past them), with `DiskError` when the disk does not do its part.
 */
export async function compose(
  ports: NodePorts,
  listener: NodeListener,
  options: NodeOptions = DEFAULT_NODE_OPTIONS,
): Promise<TorcNode> {
  return new TorcNode(await composeParts(ports, listener, options, { actor: FIRST_ACTOR, isAlone: true }));
}

export interface Standing {
  /** Given to it when it first starts on this disk; later it is what it was. */
  readonly actor: number;
  /** No other node holds any of its data. */
  readonly isAlone: boolean;
}

/** What a node is made of. */
export async function composeParts(
  ports: NodePorts,
  listener: NodeListener,
  options: NodeOptions,
  standing: Standing,
): Promise<NodeParts> {
  for (const { name, db } of options.buckets) {
    assert(Number.isInteger(db) && db >= 0 && db < FIRST_SYSTEM_BUCKET, `bucket ${name} has a number from 0 to 65279`);
  }
  const reuseStamps = ports.probe.planted('stamp-reused-after-restart');
  const dropsSiblings = ports.probe.planted('merge-drops-a-sibling');
  const keepFloor = ports.probe.planted('lineage-floor-not-raised');
  const events: NodeListener = {
    durable: (batch) => listener.durable(batch),
    refused: (batch) => {
      if (!keepFloor) replica.raiseLineageFloor();
      listener.refused(batch);
    },
    stopped: (error) => listener.stopped(error),
  };
  const engine = await Engine.open(ports, options.engine, events);
  const ceiling = reuseStamps ? 0 : engine.state(STATE_STAMP_CEILING);
  const clock = new ExpiryClock(ports.clock, engine.state(STATE_WALL_MS));
  const persist = (value: number): boolean =>
    engine.setStates([
      [STATE_WALL_MS, clock.wallMs()],
      [STATE_STAMP_CEILING, value],
    ]);
  const stamps = new StampSource(ports.clock, ceiling, persist, ports.probe.planted('wall-clock-as-stamp'));
  const actor = engine.state(STATE_ACTOR) || standing.actor;
  const boot = engine.state(STATE_BOOT) + 1;
  // Above every stamp that an earlier start may have given: what was written then may have been forgotten.
  const lineageFloor = keepFloor ? 0 : stamps.last + 1;
  const { limits, buckets } = options;
  const replica = new Replica({ engine, stamps, clock, limits, dropsSiblings }, { actor, lineageFloor });
  // One seat and no other home: whatever is durable here is all there is, so the horizon follows the stamps. With other
  // homes nothing is forgotten until they agree on a horizon.
  if (standing.isAlone)
    engine.forgets(() => {
      const wallMs = clock.wallMs();
      // What is forgotten as expired has expired for every later start, also for one whose wall clock was set back.
      return { horizon: engine.setState(STATE_WALL_MS, wallMs) ? stamps.last : 0, wallMs };
    });
  engine.setState(STATE_ACTOR, actor);
  if (!engine.setState(STATE_BOOT, boot)) {
    throw new DiskError('full', '', 'there is no room to record this start: free some space on the disk');
  }
  const coordinator = new Coordinator(replica);
  return {
    ports,
    clock,
    engine,
    replica,
    stamps,
    coordinator,
    identity: { actor, boot },
    limits,
    buckets,
  };
}
