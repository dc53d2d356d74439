/**
 * What a plan promises, over random clusters up to a thousand nodes: spread, balance, order, and that what does not hold is
 * reported. `TORC_PLANS=N` tries N clusters instead of two thousand.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { planSeats, type ClassPlan, type Plan } from '../../src/placement/plan.ts';
import { checked } from '../../src/topology/faults.ts';
import type { Member, Topology } from '../../src/topology/topology.ts';
import { planned } from '../support/changes.ts';
import {
  balanceFaults,
  candidatesOf,
  fairnessFaults,
  faultsOfPlan,
  orderFaults,
  silenceFaults,
  spreadFaults,
} from '../support/judge.ts';
import { clusterOf, copies, drawCluster, member } from '../support/worlds.ts';

const CLUSTERS = Number(process.env['TORC_PLANS'] ?? 2000);

test('fresh plans are spread, balanced and ordered, and say what does not hold', () => {
  let thousands = 0;
  for (let seed = 1; seed <= CLUSTERS; seed += 1) {
    const topology = checked(drawCluster(new SimRandom(seed)));
    if (topology.members.length === 1000) thousands += 1;
    assert.deepEqual(faultsOfPlan(topology, planSeats(topology)), [], `seed ${seed}`);
  }
  assert.ok(thousands > 0, 'no cluster of a thousand nodes was drawn');
});

test('the order of members changes nothing', () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const random = new SimRandom(seed);
    const topology = drawCluster(random);
    const placed = random.chance(0.5) ? planned(topology) : topology;
    const shuffled = [...placed.members];
    for (let at = shuffled.length - 1; at > 0; at -= 1) {
      const other = random.below(at + 1);
      [shuffled[at], shuffled[other]] = [shuffled[other] as Member, shuffled[at] as Member];
    }
    // Not a document any more, as its members are not sorted; the planner is to give the same nevertheless.
    assert.deepEqual(planSeats({ ...placed, members: shuffled }).classes, planSeats(placed).classes, `seed ${seed}`);
  }
});

test('where nothing limits it a share is that of the weight', () => {
  const members = Array.from({ length: 50 }, (_, node) => member(`n${node}`, node + 1, { weight: 100 + node }));
  const [plan] = planSeats(clusterOf(members, 10, copies(3))).classes;
  const weights = members.reduce((sum, { weight }) => sum + weight, 0);
  for (const { actor, weight } of members) {
    const share = (3 * 1024 * weight) / weights;
    assert.ok(Math.abs((plan?.shares.get(actor) ?? 0) - share) < 1e-6);
  }
});

test('what a limit keeps from one node goes to all others alike', () => {
  const members = ['a', 'b', 'c', 'd'].map((id, node) => member(id, node + 1));
  const heavy = members.with(0, member('a', 1, { weight: 10_000 }));
  const plan = planSeats(clusterOf(heavy, 4, copies(2)));
  assert.deepEqual(
    heavy.map(({ actor }) => Math.round((plan.classes[0]?.shares.get(actor) ?? 0) * 1000)),
    [16_000, 5333, 5333, 5333],
  );
  assert.deepEqual(
    plan.violations.map(({ kind, what }) => [kind, what]),
    [
      ['weight', 'a gets 16.0 seats where its weight asks for 31.1'],
      ['weight', 'b gets 5.3 seats where its weight asks for 0.3'],
      ['weight', 'c gets 5.3 seats where its weight asks for 0.3'],
      ['weight', 'd gets 5.3 seats where its weight asks for 0.3'],
    ],
  );
});

test('the partners of a node are many: its work falls on many when it is down', () => {
  const members = Array.from({ length: 60 }, (_, node) => member(`n${node}`, node + 1));
  const [placed] = planned(clusterOf(members, 10, copies(3))).classes;
  for (const { actor } of members) {
    const rows = placed?.placements.filter(({ seats }) => seats.some((seat) => seat.actor === actor)) ?? [];
    const partners = new Set(rows.flatMap(({ seats }) => seats.map((seat) => seat.actor)));
    assert.ok(partners.size > 30, `${actor} shares partitions with ${partners.size - 1} others`);
  }
});

test('two classes round up other nodes', () => {
  const members = Array.from({ length: 11 }, (_, node) => member(`n${node}`, node + 1));
  const plan = planSeats(clusterOf(members, 6, copies(3, 'one'), copies(3, 'two')));
  const rounded = plan.classes.map(({ seats }) =>
    members.filter(({ actor }) => seats.filter((one) => one === actor).length === Math.ceil((3 * 64) / 11)),
  );
  assert.notDeepEqual(rounded[0], rounded[1]);
});

/** The judge, given plans that are wrong. */
const world = (): { topology: Topology; plan: Plan; planned: ClassPlan } => {
  const members = Array.from({ length: 12 }, (_, node) =>
    member(`n${node}`, node + 1, { rack: `rack-${node % 4}`, dc: `dc-${Math.floor((node % 4) / 2)}` }),
  );
  const topology = clusterOf(members, 6, copies(3));
  const plan = planSeats(topology);
  return { topology, plan, planned: plan.classes[0] as ClassPlan };
};

const withSeats = (planned: ClassPlan, change: (seats: Uint32Array) => void): ClassPlan => {
  const seats = planned.seats.slice();
  change(seats);
  return { ...planned, seats };
};

test('planted: two seats on one node, one rack, in one data centre are seen', () => {
  const { topology, planned } = world();
  const placed = topology.classes[0] as Topology['classes'][number];
  const home = candidatesOf(topology).find(({ actor }) => actor === planned.seats[0]) as Member;
  const put = (find: (other: Member) => boolean): ClassPlan =>
    withSeats(planned, (seats) => {
      for (const place of [1, 2]) {
        const taken = [seats[0], seats[1], seats[2]];
        seats[place] = candidatesOf(topology).find((one) => !taken.includes(one.actor) && find(one))?.actor ?? 0;
      }
    });
  assert.deepEqual(spreadFaults(topology, placed, planned), []);
  const doubled = withSeats(planned, (seats) => seats.fill(seats[0] as number, 1, 2));
  assert.match(spreadFaults(topology, placed, doubled).join(), /two seats on a host/);
  assert.match(
    spreadFaults(
      topology,
      placed,
      put(({ rack }) => rack === home.rack),
    ).join(),
    /fewer than 3 racks/,
  );
  assert.match(
    spreadFaults(
      topology,
      placed,
      put(({ dc }) => dc === home.dc),
    ).join(),
    /fewer than 2 data centres/,
  );
});

test('planted: a seat too many, a share too large, a first place too often, a silent plan are seen', () => {
  const { topology, plan, planned } = world();
  const placed = topology.classes[0] as Topology['classes'][number];
  const [a, b] = [1, 2];
  const greedy = withSeats(planned, (seats) => {
    let left = 2;
    for (let at = 0; at < seats.length && left > 0; at += 1) {
      const row = seats.subarray(at - (at % 3), at - (at % 3) + 3);
      if (seats[at] !== b || row.includes(a)) continue;
      seats[at] = a;
      left -= 1;
    }
  });
  assert.match(balanceFaults(topology, greedy).join(), /its share is 16/);
  const unfair = new Map(planned.shares).set(a, 18).set(b, 14);
  assert.match(fairnessFaults(topology, placed, { ...planned, shares: unfair }).join(), /more for its weight/);
  const turned = withSeats(planned, (seats) => {
    for (let at = 0; at < seats.length; at += 3) {
      const place = seats.subarray(at, at + 3).indexOf(a);
      if (place > 0) [seats[at], seats[at + place]] = [a, seats[at] as number];
    }
  });
  assert.match(orderFaults(topology, turned).join(), /actor 1: 16 times place 0/);
  assert.deepEqual(silenceFaults(topology, placed, planned, plan), []);
  const silent = { ...plan, violations: [] };
  assert.match(silenceFaults(topology, placed, planned, silent).join(), /shared data centres are not told/);
});
