/**
 * The topology as this node knows it, and who holds a key by it. Only ever goes forward, epoch by epoch.
 */
import { assert } from '@torc/base/assert';
import { partitionOf, positionOf } from '@torc/base/position';
import { decodeTopology, encodeTopology } from '@torc/cluster/topology/codec';
import {
  classOf,
  memberOf,
  type Bucket,
  type Member,
  type Placement,
  type Topology,
} from '@torc/cluster/topology/topology';

/** Where a key lives, by one epoch. */
export interface Home {
  readonly bucket: Bucket;
  readonly partition: number;
  readonly placement: Placement;
}

export class RingView {
  readonly actor: number;
  #topology: Topology;
  #bytes: Uint8Array | undefined;
  #buckets: ReadonlyMap<number, Bucket>;
  readonly #listeners: ((topology: Topology) => void)[] = [];

  constructor(actor: number, topology: Topology) {
    this.actor = actor;
    this.#topology = topology;
    this.#buckets = bucketsOf(topology);
  }

  get topology(): Topology {
    return this.#topology;
  }

  get epoch(): number {
    return this.#topology.epoch;
  }

  /** The document, encoded. */
  get bytes(): Uint8Array {
    this.#bytes ??= encodeTopology(this.#topology);
    return this.#bytes;
  }

  get self(): Member | undefined {
    return memberOf(this.#topology, this.actor);
  }

  member(actor: number): Member | undefined {
    return memberOf(this.#topology, actor);
  }

  /** The data centre of a member; empty for one that is none. */
  dcOf(actor: number): string {
    return this.member(actor)?.dc ?? '';
  }

  /** Where a key lives; `undefined`: there is no such bucket. */
  homeOf(db: number, key: Uint8Array): Home | undefined {
    return this.#homeAt(db, positionOf(key, 0, key.length));
  }

  #homeAt(db: number, position: number): Home | undefined {
    const bucket = this.#buckets.get(db);
    if (bucket === undefined) return undefined;
    const partition = partitionOf(position, this.#topology.partitionBits);
    const placement = classOf(this.#topology, bucket.placementClass).placements[partition];
    assert(placement !== undefined, 'every partition has a placement');
    return { bucket, partition, placement };
  }

  /** Told of every newer topology, after it was adopted. */
  onChange(listener: (topology: Topology) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes a newer document of the same cluster; whether it was newer. */
  adopt(topology: Topology): boolean {
    if (topology.clusterId !== this.#topology.clusterId || topology.epoch <= this.epoch) return false;
    this.#topology = topology;
    this.#bytes = undefined;
    this.#buckets = bucketsOf(topology);
    for (const listener of this.#listeners) listener(topology);
    return true;
  }

  /** As `adopt`, of bytes that a peer sent. What is no topology: `CodecError`. */
  adoptBytes(bytes: Uint8Array): boolean {
    return this.adopt(decodeTopology(bytes));
  }
}

function bucketsOf(topology: Topology): ReadonlyMap<number, Bucket> {
  return new Map(topology.buckets.map((bucket) => [bucket.db, bucket]));
}
