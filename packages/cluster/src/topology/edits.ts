/**
 * Edits of members, voters, classes, buckets and the number of partitions. Each returns the next document, one epoch on and
 * checked whole; a `TopologyError` says what speaks against it. Seats are edited in `seat-edits.ts`.
 */
import { MAX_PARTITION_BITS, partitionCount } from '../ring/partitions.ts';
import { checked } from './faults.ts';
import { LIMITS } from './limits.ts';
import {
  memberOf,
  TopologyError,
  type Bucket,
  type Member,
  type Placement,
  type PlacementClass,
  type Topology,
} from './topology.ts';

export type NewMember = Omit<Member, 'actor' | 'state'>;

export interface Bootstrap {
  readonly clusterId: string;
  readonly formatNumber: number;
  readonly partitionBits: number;
  /** It becomes actor 1, active, and the only voter. */
  readonly member: NewMember;
  readonly classes: readonly PlacementClass[];
  readonly buckets: readonly Bucket[];
}

const NOT_PLACED: Placement = { number: 0, seats: [] };

/** The first document of a cluster: one member, no seats yet. */
export function bootstrap({ member, classes, buckets, ...head }: Bootstrap): Topology {
  const count = partitionCount(head.partitionBits);
  return checked({
    ...head,
    epoch: 1,
    nextActor: 2,
    members: [{ ...member, actor: 1, state: 'active' }],
    voters: [1],
    classes: sortedBy(classes, ({ name }) => name).map((one) => ({ ...one, placements: unplaced(count) })),
    buckets: sortedBy(buckets, ({ db }) => db),
  });
}

/** The next document: `change` on top of this one. */
export function edited(topology: Topology, change: Partial<Topology>): Topology {
  return checked({ ...topology, ...change, epoch: topology.epoch + 1 });
}

/** A member comes, `joining`, with a fresh actor number. */
export function addMember(topology: Topology, member: NewMember): Topology {
  const actor = topology.nextActor;
  if (actor > LIMITS.actor) throw new TopologyError('all actor numbers are given out');
  const members: readonly Member[] = [...topology.members, { ...member, actor, state: 'joining' }];
  return edited(topology, { members, nextActor: actor + 1 });
}

/** What may change of a member: its state, its weight, its place. Its name and its actor number stay. */
export function changeMember(
  topology: Topology,
  actor: number,
  change: Partial<Omit<Member, 'id' | 'actor'>>,
): Topology {
  if (memberOf(topology, actor) === undefined) throw new TopologyError(`actor ${actor} is no member`);
  const members = topology.members.map((member) => (member.actor === actor ? { ...member, ...change } : member));
  return edited(topology, { members });
}

/** A member goes. It must hold no seat and must not vote. Its actor number is never given again. */
export function removeMember(topology: Topology, actor: number): Topology {
  const member = memberOf(topology, actor);
  if (member === undefined) throw new TopologyError(`actor ${actor} is no member`);
  if (topology.voters.includes(actor)) throw new TopologyError(`${member.id} is a voter: name another first`);
  const held = topology.classes.find(({ placements }) =>
    placements.some(({ seats }) => seats.some((seat) => seat.actor === actor)),
  );
  if (held !== undefined) throw new TopologyError(`${member.id} still holds seats of class ${held.name}`);
  return edited(topology, { members: topology.members.filter((one) => one !== member) });
}

export function setVoters(topology: Topology, voters: readonly number[]): Topology {
  return edited(topology, { voters: sortedBy(voters, (actor) => actor) });
}

/**
 * A new class without seats, or another number of copies for one that is there. Its seats stay as they are. A class never
 * goes: one that came again under its name would count its placements from 0 again.
 */
export function putClass(topology: Topology, { name, copies, copiesByDc }: PlacementClass): Topology {
  const old = topology.classes.find((one) => one.name === name);
  const placements = old?.placements ?? unplaced(partitionCount(topology.partitionBits));
  const rest = topology.classes.filter((one) => one !== old);
  const placed = { name, copies, copiesByDc: sortedBy(copiesByDc, ({ dc }) => dc), placements };
  return edited(topology, { classes: sortedBy([...rest, placed], (one) => one.name) });
}

/** A new bucket, or another rule for one that is there. Its class may not change: that would strand its data. */
export function putBucket(topology: Topology, bucket: Bucket): Topology {
  const old = topology.buckets.find(({ db }) => db === bucket.db);
  if (old !== undefined && old.placementClass !== bucket.placementClass)
    throw new TopologyError(`bucket ${old.name} has its data under class ${old.placementClass}`);
  const rest = topology.buckets.filter((one) => one !== old);
  return edited(topology, { buckets: sortedBy([...rest, bucket], ({ db }) => db) });
}

export function dropBucket(topology: Topology, db: number): Topology {
  return edited(topology, { buckets: topology.buckets.filter((bucket) => bucket.db !== db) });
}

/** A higher agreed format: once all members can read it. It never goes back, because files in it may exist. */
export function raiseFormat(topology: Topology, formatNumber: number): Topology {
  if (formatNumber <= topology.formatNumber)
    throw new TopologyError(`format ${formatNumber} is not above ${topology.formatNumber}`);
  return edited(topology, { formatNumber });
}

/**
 * Twice the partitions. Both children of a partition have its seats and their states, so no data move. Their number is one
 * above the parent's: a request aimed at the parent is refused, and its sender learns that there are more partitions.
 */
export function doublePartitions(topology: Topology): Topology {
  const partitionBits = topology.partitionBits + 1;
  if (partitionBits > MAX_PARTITION_BITS)
    throw new TopologyError(`there are ${2 ** MAX_PARTITION_BITS} partitions: the most`);
  const classes = topology.classes.map((one) => ({
    ...one,
    placements: one.placements.flatMap((parent) => {
      const child = parent.number === 0 ? parent : { number: parent.number + 1, seats: parent.seats };
      return [child, child];
    }),
  }));
  return edited(topology, { partitionBits, classes });
}

function unplaced(count: number): readonly Placement[] {
  return Array.from({ length: count }, () => NOT_PLACED);
}

function sortedBy<T>(list: readonly T[], keyOf: (item: T) => number | string): T[] {
  return [...list].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
}
