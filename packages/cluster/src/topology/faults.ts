/** What is wrong with a document: every rule of `topology.ts` and `limits.ts`, each fault as a sentence. */
import { MAX_PARTITION_BITS } from '../ring/partitions.ts';
import { isName, LIMITS } from './limits.ts';
import { TopologyError, type Member, type PlacedClass, type Placement, type Topology } from './topology.ts';

/** A document with one fault in every partition has thousands; nobody reads more than these. */
const MAX_FAULTS = 20;

/** Empty when the document is sound. At most the first twenty. */
export function faultsOf(topology: Topology): readonly string[] {
  const faults: string[] = [];
  const fault = (condition: boolean, what: () => string): void => {
    if (condition && faults.length < MAX_FAULTS) faults.push(what());
  };
  checkHead(topology, fault);
  checkMembers(topology, fault);
  const byActor = new Map(topology.members.map((member) => [member.actor, member]));
  checkVoters(topology, byActor, fault);
  fault(topology.classes.length > LIMITS.classes, () => `more than ${LIMITS.classes} placement classes`);
  checkSorted('classes', topology.classes, (one) => one.name, fault);
  for (const placed of topology.classes) checkClass(topology, placed, byActor, fault);
  checkBuckets(topology, fault);
  return faults;
}

/** The document itself. Throws a `TopologyError` that names the first faults. */
export function checked(topology: Topology): Topology {
  const faults = faultsOf(topology);
  if (faults.length > 0) throw new TopologyError(faults.slice(0, 3).join('; '));
  return topology;
}

type Fault = (condition: boolean, what: () => string) => void;

function checkHead({ clusterId, formatNumber, epoch, partitionBits, nextActor }: Topology, fault: Fault): void {
  fault(!isName(clusterId), () => `"${clusterId}" cannot name a cluster`);
  fault(!isWhole(formatNumber, 1, 0xffff), () => `${formatNumber} is no format number`);
  fault(!isWhole(epoch, 1, Number.MAX_SAFE_INTEGER), () => `${epoch} is no epoch`);
  fault(!isWhole(partitionBits, 0, MAX_PARTITION_BITS), () => `2^${partitionBits} partitions cannot be`);
  fault(!isWhole(nextActor, 1, LIMITS.actor + 1), () => `${nextActor} is no actor number`);
}

function checkMembers({ members, nextActor }: Topology, fault: Fault): void {
  fault(members.length > LIMITS.members, () => `more than ${LIMITS.members} members`);
  checkSorted('members', members, (member) => member.actor, fault);
  const ids = new Set<string>();
  const homes = new Map<string, Member>();
  for (const member of members) {
    const { id, actor, host, rack, dc, weight } = member;
    for (const name of [id, host, rack, dc]) fault(!isName(name), () => `"${name}" cannot name a node or its place`);
    fault(ids.has(id), () => `two members are called ${id}`);
    fault(!isWhole(actor, 1, LIMITS.actor), () => `${actor} is no actor number`);
    fault(actor >= nextActor, () => `actor ${actor} of ${id} is not below the next, ${nextActor}`);
    fault(!isWhole(weight, 0, LIMITS.weight), () => `${weight} cannot be the weight of ${id}`);
    const other = homes.get(host) ?? member;
    fault(other.rack !== rack || other.dc !== dc, () => `host ${host} stands in two places, by ${other.id} and ${id}`);
    ids.add(id);
    homes.set(host, other);
  }
}

function checkVoters({ voters }: Topology, byActor: ReadonlyMap<number, Member>, fault: Fault): void {
  fault(
    voters.length === 0 || voters.length > LIMITS.voters,
    () => `${voters.length} voters, not 1 to ${LIMITS.voters}`,
  );
  checkSorted('voters', voters, (actor) => actor, fault);
  for (const actor of voters) fault(!byActor.has(actor), () => `voter ${actor} is no member`);
}

function checkClass(topology: Topology, placed: PlacedClass, byActor: ReadonlyMap<number, Member>, fault: Fault): void {
  const { name, copies, copiesByDc, placements } = placed;
  fault(!isName(name), () => `"${name}" cannot name a placement class`);
  fault(!isWhole(copies, 1, LIMITS.copies), () => `class ${name} wants ${copies} copies, not 1 to ${LIMITS.copies}`);
  checkSorted(`data centres of class ${name}`, copiesByDc, ({ dc }) => dc, fault);
  for (const { dc, copies: count } of copiesByDc) {
    fault(!isName(dc), () => `"${dc}" cannot name a data centre`);
    fault(!isWhole(count, 1, LIMITS.copies), () => `class ${name} wants ${count} copies in ${dc}`);
  }
  const sum = copiesByDc.reduce((total, { copies: count }) => total + count, 0);
  fault(copiesByDc.length > 0 && sum !== copies, () => `class ${name}: ${sum} copies by data centre, ${copies} in all`);
  const partitions = 2 ** topology.partitionBits;
  fault(
    placements.length !== partitions,
    () => `class ${name}: ${placements.length} placements, ${partitions} partitions`,
  );
  for (const [partition, placement] of placements.entries()) {
    const why = faultOfPlacement(placement, byActor);
    fault(why !== undefined, () => `class ${name}, partition ${partition}: ${why}`);
  }
}

function faultOfPlacement({ number, seats }: Placement, byActor: ReadonlyMap<number, Member>): string | undefined {
  if (!isWhole(number, 0, LIMITS.placementNumber)) return `${number} is no placement number`;
  if (number === 0 && seats.length > 0) return 'seats, but never placed';
  if (seats.length > LIMITS.seats) return `${seats.length} seats, more than ${LIMITS.seats}`;
  if (seats.some(({ filling, counted }) => !counted && !filling)) return 'a full seat that is not counted';
  for (let at = 0; at < seats.length; at += 1) {
    const holder = byActor.get((seats[at] as Placement['seats'][number]).actor);
    if (holder === undefined) return `seat ${at} belongs to no member`;
    if (holder.state === 'joining') return `${holder.id} is still joining and holds a seat`;
    for (let before = 0; before < at; before += 1) {
      const other = byActor.get((seats[before] as Placement['seats'][number]).actor);
      if (other?.host === holder.host) return `two seats on host ${holder.host}`;
    }
  }
  return undefined;
}

function checkBuckets({ buckets, classes }: Topology, fault: Fault): void {
  checkSorted('buckets', buckets, ({ db }) => db, fault);
  const names = new Set<string>();
  for (const { name, db, placementClass } of buckets) {
    fault(!isName(name), () => `"${name}" cannot name a bucket`);
    fault(names.has(name), () => `two buckets are called ${name}`);
    fault(!isWhole(db, 0, LIMITS.bucketNumber), () => `${db} cannot be the number of bucket ${name}`);
    fault(
      !classes.some((one) => one.name === placementClass),
      () => `bucket ${name} names no class: "${placementClass}"`,
    );
    names.add(name);
  }
}

/** Strictly ascending: so nothing is there twice, and a document has one form. */
function checkSorted<T>(what: string, list: readonly T[], keyOf: (item: T) => number | string, fault: Fault): void {
  for (let at = 1; at < list.length; at += 1) {
    const before = keyOf(list[at - 1] as T);
    const key = keyOf(list[at] as T);
    fault(!(before < key), () => `${what} are not sorted, or twice the same: ${before}, ${key}`);
  }
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
