/**
 * The topology: one document, numbered by epochs, of who is in the cluster and who holds what (DESIGN sections 5 and 7).
 * Plain data that never changes: an edit makes the next document.
 *
 * 1. Lists are sorted: members and voters by actor number, classes by name, buckets by number. Seats are in preference order.
 * 2. The seats of a partition stand on distinct hosts, and their holders are members.
 * 3. An actor number is given once: `nextActor` is above all that ever were.
 * 4. A placement's number rises with every change of its seats, their order and their states, and never falls: not even
 *    when the number of partitions doubles.
 *
 * `faults.ts` checks all of it.
 */
import type { ConflictRule } from '@torc/base/record/fate';

/** `joining`: known, may hold no seat yet. `leaving`: keeps what it holds until it has moved, and is given nothing more. */
export type MemberState = 'joining' | 'active' | 'leaving';

export interface Member {
  /** The node's name, unique. */
  readonly id: string;
  /** Given at join, never to another node: u32, at least 1. */
  readonly actor: number;
  readonly host: string;
  /** Two racks of one name in two data centres are two racks. */
  readonly rack: string;
  readonly dc: string;
  /** Its part of all data in proportion to the others', a whole number; 0: none. */
  readonly weight: number;
  readonly state: MemberState;
}

/** One of the stored places of a partition. */
export interface Seat {
  /** Who holds it. */
  readonly actor: number;
  /** It may lack something: it takes writes, but does not vote (DESIGN section 6). */
  readonly filling: boolean;
  /**
   * Whether majorities are counted over it, too. A seat that was added counts once it is filled; one that was lost and
   * fills again has counted all the time, since acknowledgements may rest on it.
   */
  readonly counted: boolean;
}

export interface Placement {
  /** 0: never placed. */
  readonly number: number;
  /** In preference order: the first that is not down coordinates. */
  readonly seats: readonly Seat[];
}

export interface DcCopies {
  readonly dc: string;
  readonly copies: number;
}

/** How many replicas a bucket has, and where. */
export interface PlacementClass {
  readonly name: string;
  /** N: the seats that each partition should have. */
  readonly copies: number;
  /** How many in which data centre, sorted by name; empty: spread over all. They add up to `copies`. */
  readonly copiesByDc: readonly DcCopies[];
}

export interface PlacedClass extends PlacementClass {
  /** By partition. */
  readonly placements: readonly Placement[];
}

export interface Bucket {
  readonly name: string;
  /** The number in front of every key, and Redis's database number: u16. */
  readonly db: number;
  readonly conflict: ConflictRule;
  /** The name of a placement class. */
  readonly placementClass: string;
}

export interface Topology {
  /** Guards against joining the wrong cluster. */
  readonly clusterId: string;
  /** Agreed by all: gates new record and file formats in a rolling upgrade. u16, at least 1. */
  readonly formatNumber: number;
  /** 1 at bootstrap; each edit raises it by one. */
  readonly epoch: number;
  /** There are 2^this partitions. */
  readonly partitionBits: number;
  readonly nextActor: number;
  readonly members: readonly Member[];
  /** Actor numbers of those that agree on the next document. */
  readonly voters: readonly number[];
  readonly classes: readonly PlacedClass[];
  readonly buckets: readonly Bucket[];
}

/** A document, or an edit of one, that breaks a rule. Nothing was changed. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
}

export function memberOf(topology: Topology, actor: number): Member | undefined {
  return topology.members.find((member) => member.actor === actor);
}

export function classOf(topology: Topology, name: string): PlacedClass {
  const found = topology.classes.find((placed) => placed.name === name);
  if (found === undefined) throw new TopologyError(`there is no placement class "${name}"`);
  return found;
}
