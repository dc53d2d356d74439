/** Edits of seats: what they make of states and placement numbers, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeMember } from '../../src/topology/edits.ts';
import { changeSeats, type SeatEdit } from '../../src/topology/seat-edits.ts';
import { TopologyError, type Placement, type Topology } from '../../src/topology/topology.ts';
import { clusterOf, copies, member } from '../support/worlds.ts';

const AT = { placementClass: 'class', partition: 1 } as const;

/** Five members, two partitions; 1, 2 and 3 hold seats of the second. */
function five(): Topology {
  const members = ['a', 'b', 'c', 'd', 'e'].map((id, at) => member(id, at + 1));
  const seats: SeatEdit[] = [1, 2, 3].map((to) => ({ ...AT, kind: 'add', to }));
  return changeSeats(clusterOf(members, 1, copies(3)), seats);
}

function placementOf(topology: Topology, partition = 1): Placement | undefined {
  return topology.classes[0]?.placements[partition];
}

function after(...edits: SeatEdit[]): { number: number | undefined; seats: string } {
  const placement = placementOf(changeSeats(five(), edits));
  const seats = placement?.seats.map(
    ({ actor, filling, counted }) => `${actor}${filling ? '?' : ''}${counted ? '' : '+'}`,
  );
  return { number: placement?.number, seats: seats?.join(' ') ?? '' };
}

test('the first seats of a partition are full: nothing was written to it yet', () => {
  assert.deepEqual(placementOf(five()), {
    number: 1,
    seats: [1, 2, 3].map((actor) => ({ actor, filling: false, counted: true })),
  });
  assert.deepEqual(placementOf(five(), 0), { number: 0, seats: [] });
});

test('each edit raises the number, and only a switch makes a full seat', () => {
  assert.deepEqual(after({ ...AT, kind: 'switch', from: 2, to: 4 }), { number: 2, seats: '1 4 3' });
  assert.deepEqual(after({ ...AT, kind: 'replace', from: 2, to: 4 }), { number: 2, seats: '1 4? 3' });
  assert.deepEqual(after({ ...AT, kind: 'add', to: 4 }), { number: 2, seats: '1 2 3 4?+' });
  assert.deepEqual(after({ ...AT, kind: 'drop', from: 1 }), { number: 2, seats: '2 3' });
  assert.deepEqual(after({ ...AT, kind: 'filling', actor: 3 }), { number: 2, seats: '1 2 3?' });
  assert.deepEqual(after({ ...AT, kind: 'order', actors: [3, 1, 2] }), { number: 2, seats: '3 1 2' });
});

test('a switch of a filling seat leaves it filling, and filled ends it', () => {
  const filling: SeatEdit = { ...AT, kind: 'filling', actor: 3 };
  assert.deepEqual(after(filling, { ...AT, kind: 'switch', from: 3, to: 5 }), { number: 2, seats: '1 2 5?' });
  assert.deepEqual(after(filling, { ...AT, kind: 'filled', actor: 3 }), { number: 2, seats: '1 2 3' });
});

test('many edits of one partition raise its number once, and the others’ not at all', () => {
  const topology = changeSeats(five(), [
    { ...AT, kind: 'add', to: 4 },
    { ...AT, kind: 'drop', from: 1 },
  ]);
  assert.equal(placementOf(topology)?.number, 2);
  assert.equal(placementOf(topology, 0)?.number, 0);
  assert.equal(topology.epoch, five().epoch + 1);
});

test('what cannot be is refused, with partition and reason', () => {
  const refuses = (why: RegExp, ...edits: SeatEdit[]): void =>
    assert.throws(
      () => changeSeats(five(), edits),
      (error) => error instanceof TopologyError && why.test(error.message),
    );
  refuses(/class class, partition 1, drop: actor 5 holds no seat/, { ...AT, kind: 'drop', from: 5 });
  refuses(/actor 9 is no member/, { ...AT, kind: 'add', to: 9 });
  refuses(/no such partition/, { ...AT, partition: 2, kind: 'add', to: 4 });
  refuses(/no placement class "other"/, { ...AT, placementClass: 'other', kind: 'add', to: 4 });
  refuses(/does not name each seat once/, { ...AT, kind: 'order', actors: [1, 2, 2] });
  refuses(/does not name each seat once/, { ...AT, kind: 'order', actors: [1, 2] });
  refuses(/two seats on host host-a/, { ...AT, kind: 'add', to: 1 });
  refuses(/it is the last seat/, ...[1, 2, 3].map((from): SeatEdit => ({ ...AT, kind: 'drop', from })));
  const leaving = changeMember(five(), 4, { state: 'leaving' });
  assert.throws(() => changeSeats(leaving, [{ ...AT, kind: 'add', to: 4 }]), /d is leaving and is given no seat/);
});
