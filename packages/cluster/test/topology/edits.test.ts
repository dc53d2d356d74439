/** Edits of the document: each makes the next epoch, and a wrong one says why. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addMember,
  bootstrap,
  changeMember,
  doublePartitions,
  dropBucket,
  putBucket,
  putClass,
  raiseFormat,
  removeMember,
  setVoters,
} from '../../src/topology/edits.ts';
import { checked, faultsOf } from '../../src/topology/faults.ts';
import { TopologyError, type Topology } from '../../src/topology/topology.ts';
import { planned } from '../support/changes.ts';
import { clusterOf, copies, member } from '../support/worlds.ts';

const PLACE = { host: 'h1', rack: 'r1', dc: 'd1', weight: 100 };

function fresh(): Topology {
  return bootstrap({
    clusterId: 'c1',
    formatNumber: 1,
    partitionBits: 2,
    member: { id: 'n1', ...PLACE },
    classes: [copies(3, 'three')],
    buckets: [{ name: 'default', db: 0, conflict: 'latest', placementClass: 'three' }],
  });
}

function three(): Topology {
  return planned(clusterOf([member('a', 1), member('b', 2), member('c', 3)], 2, copies(3)));
}

function refuses(edit: () => Topology, why: RegExp): void {
  assert.throws(edit, (error) => error instanceof TopologyError && why.test(error.message));
}

test('the first document has one active member that votes, and no seats', () => {
  const topology = fresh();
  assert.equal(topology.epoch, 1);
  assert.deepEqual(topology.voters, [1]);
  assert.deepEqual(topology.members, [{ id: 'n1', ...PLACE, actor: 1, state: 'active' }]);
  assert.deepEqual(
    topology.classes[0]?.placements,
    Array.from({ length: 4 }, () => ({ number: 0, seats: [] })),
  );
});

test('every edit is one epoch and leaves the document before it as it was', () => {
  const before = fresh();
  const copy = structuredClone(before);
  const after = [
    addMember(before, { id: 'n2', ...PLACE }),
    changeMember(before, 1, { weight: 7 }),
    setVoters(before, [1]),
    putClass(before, copies(1, 'one')),
    putBucket(before, { name: 'more', db: 1, conflict: 'siblings', placementClass: 'three' }),
    dropBucket(before, 0),
    raiseFormat(before, 2),
    doublePartitions(before),
  ];
  for (const one of after) assert.equal(one.epoch, 2);
  assert.deepEqual(before, copy);
});

test('an actor number is never given again', () => {
  const two = addMember(fresh(), { id: 'n2', ...PLACE });
  const again = addMember(removeMember(two, 2), { id: 'n2', ...PLACE });
  assert.deepEqual(
    again.members.map(({ actor }) => actor),
    [1, 3],
  );
});

test('a member that votes or holds seats cannot go', () => {
  refuses(() => removeMember(three(), 1), /a is a voter/);
  refuses(() => removeMember(three(), 2), /b still holds seats of class class/);
  refuses(() => removeMember(three(), 9), /actor 9 is no member/);
});

test('children of a doubled partition have its seats under a higher number', () => {
  const before = three();
  const after = doublePartitions(before);
  assert.equal(after.partitionBits, 3);
  for (const [partition, placement] of (after.classes[0]?.placements ?? []).entries()) {
    const parent = before.classes[0]?.placements[partition >>> 1];
    assert.deepEqual(placement, { number: (parent?.number ?? 0) + 1, seats: parent?.seats });
  }
  refuses(() => doublePartitions({ ...fresh(), partitionBits: 14 }), /16384 partitions: the most/);
});

test('edits that break a rule are refused, each with its reason', () => {
  refuses(() => addMember(fresh(), { id: 'n1', ...PLACE }), /two members are called n1/);
  refuses(() => addMember(fresh(), { id: 'n 2', ...PLACE }), /"n 2" cannot name/);
  refuses(() => addMember(fresh(), { id: 'n2', ...PLACE, rack: 'r2' }), /host h1 stands in two places/);
  refuses(() => addMember(fresh(), { id: 'n2', ...PLACE, weight: 1.5 }), /1.5 cannot be the weight/);
  refuses(() => changeMember(three(), 1, { host: 'host-b' }), /two seats on host host-b/);
  refuses(() => changeMember(three(), 1, { state: 'joining' }), /still joining and holds a seat/);
  refuses(() => setVoters(fresh(), []), /0 voters/);
  refuses(() => setVoters(fresh(), [2]), /voter 2 is no member/);
  refuses(() => setVoters(three(), [1, 1]), /twice the same/);
  refuses(() => putClass(fresh(), copies(16, 'many')), /wants 16 copies/);
  refuses(
    () => putClass(fresh(), { name: 'x', copies: 3, copiesByDc: [{ dc: 'd1', copies: 2 }] }),
    /2 copies by data centre, 3/,
  );
  refuses(
    () => putBucket(fresh(), { name: 'x', db: 1, conflict: 'latest', placementClass: 'no' }),
    /names no class: "no"/,
  );
  refuses(
    () => putBucket(fresh(), { name: 'default', db: 1, conflict: 'latest', placementClass: 'three' }),
    /two buckets/,
  );
  refuses(
    () => putBucket(fresh(), { name: 'x', db: 0xff00, conflict: 'latest', placementClass: 'three' }),
    /65280 cannot be/,
  );
  const one = putClass(fresh(), copies(1, 'one'));
  refuses(
    () => putBucket(one, { name: 'default', db: 0, conflict: 'latest', placementClass: 'one' }),
    /under class three/,
  );
  refuses(() => raiseFormat(fresh(), 1), /not above 1/);
});

test('a broken document is told in sentences', () => {
  const sound = three();
  assert.deepEqual(faultsOf(sound), []);
  const broken: readonly [Partial<Topology>, RegExp][] = [
    [{ epoch: 0 }, /0 is no epoch/],
    [{ epoch: 2 ** 53 }, /is no epoch/],
    [{ clusterId: '' }, /cannot name a cluster/],
    [{ nextActor: 3 }, /actor 3 of c is not below the next/],
    [{ members: sound.members.toReversed() }, /members are not sorted/],
    [{ partitionBits: 3 }, /4 placements, 8 partitions/],
    [{ members: sound.members.slice(1), voters: [2] }, /belongs to no member/],
  ];
  for (const [change, why] of broken) {
    assert.match(faultsOf({ ...sound, ...change }).join(), why);
    refuses(() => checked({ ...sound, ...change }), why);
  }
});
