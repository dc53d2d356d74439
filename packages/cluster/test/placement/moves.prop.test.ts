/** How much a change moves: against the exact minimum in small clusters, against the unavoidable share in large ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { editsOf, movesOf } from '../../src/placement/moves.ts';
import { planSeats, type ClassPlan, type Plan } from '../../src/placement/plan.ts';
import { addMember, changeMember, doublePartitions, removeMember } from '../../src/topology/edits.ts';
import type { PlacedClass, Topology } from '../../src/topology/topology.ts';
import { carriedOut, carriedSeats, changed, CHANGES, planned } from '../support/changes.ts';
import { fewestMoves } from '../support/fewest-moves.ts';
import { candidatesOf, faultsOfPlan } from '../support/judge.ts';
import { clusterOf, copies, drawClass, drawCluster, drawMembers, member } from '../support/worlds.ts';

const PLANS = Number(process.env['TORC_PLANS'] ?? 2000);

test('changes of small clusters move at most 1.1 times the fewest seats that any plan moves, or one more', () => {
  const seen = new Set<string>();
  let moves = 0;
  let fewest = 0;
  for (let seed = 1; seed <= PLANS / 40; seed += 1) {
    const random = new SimRandom(seed);
    const members = drawMembers(random, 1 + random.below(12));
    let topology = planned(clusterOf(members, random.below(6), drawClass(random, members)));
    for (let step = 0; step < 3; step += 1) {
      const change = random.pick(CHANGES);
      const next = changed(random, topology, change);
      const plan = planSeats(next);
      assert.deepEqual(faultsOfPlan(next, plan), [], `seed ${seed}, ${change}`);
      const mine = carriedSeats(next, plan);
      const best = fewestMoves(next, next.classes[0] as PlacedClass, plan.classes[0] as ClassPlan);
      assert.ok(mine >= best, `seed ${seed}, ${change}: ${mine} moves are fewer than can be, ${best}`);
      assert.ok(
        mine <= Math.max(1.1 * best, best + 1),
        `seed ${seed}, ${change}: ${mine} moves where ${best} are enough`,
      );
      moves += mine;
      fewest += best;
      seen.add(change);
      topology = carriedOut(next, plan);
    }
  }
  assert.deepEqual([...seen].sort(), [...CHANGES].sort());
  assert.ok(moves <= 1.01 * fewest, `${moves} moves in all where ${fewest} are enough`);
});

test('a plan that moves more than it need is seen by the exact minimum', () => {
  const members = ['a', 'b', 'c', 'd'].map((id, node) => member(id, node + 1));
  const topology = planned(clusterOf(members, 3, copies(2)));
  const [planOf] = planSeats(topology).classes;
  assert.equal(fewestMoves(topology, topology.classes[0] as PlacedClass, planOf as ClassPlan), 0);
  // The same seats one partition further on: as good a plan, and nearly everything moves.
  const { seats, width } = planOf as ClassPlan;
  const rotated: ClassPlan = { ...(planOf as ClassPlan), seats: seats.map((_, at) => seats.at(at - width) as number) };
  assert.ok(carriedSeats(topology, { classes: [rotated], violations: [] }) > 4);
});

/** The seats that have to move whatever the plan: what nodes lack of their shares rounded down. */
function unavoidable(topology: Topology, plan: Plan): number {
  const [placed] = topology.classes;
  const held = new Map<number, number>();
  for (const { seats } of placed?.placements ?? [])
    for (const { actor } of seats) held.set(actor, (held.get(actor) ?? 0) + 1);
  let sum = 0;
  for (const [actor, share] of plan.classes[0]?.shares ?? [])
    sum += Math.max(0, Math.floor(share + 1e-9) - (held.get(actor) ?? 0));
  const gone = [...held].filter(([actor]) => !candidatesOf(topology).some((one) => one.actor === actor));
  return Math.max(
    sum,
    gone.reduce((total, [, count]) => total + count, 0),
  );
}

test('one node more or less in a cluster of any size moves at most 1.1 times the unavoidable share', () => {
  for (const [seed, nodes] of [4, 10, 30, 100, 300, 1000].entries()) {
    const random = new SimRandom(seed);
    const members = Array.from({ length: nodes }, (_, node) =>
      member(`n${node}`, node + 1, { rack: `rack-${node % 7}`, weight: 100 + random.below(100) }),
    );
    const topology = planned(clusterOf(members, 12, copies(3)));
    const joined = addMember(topology, { ...member('new', 0), rack: 'rack-0' });
    const one = random.pick(members).actor;
    for (const next of [
      changeMember(joined, nodes + 1, { state: 'active' }),
      changeMember(topology, one, { state: 'leaving' }),
      changeMember(topology, one, { weight: 400 }),
    ]) {
      const plan = planSeats(next);
      const moves = carriedSeats(next, plan);
      const least = unavoidable(next, plan);
      assert.ok(moves <= 1.1 * least, `${nodes} nodes: ${moves} moves where ${least} are unavoidable`);
    }
  }
});

test('a plan that is carried out leaves nothing to do', () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const topology = planned(drawCluster(new SimRandom(seed)));
    assert.deepEqual(editsOf(topology, planSeats(topology)), [], `seed ${seed}`);
  }
});

test('doubling the partitions of a balanced cluster moves next to nothing', () => {
  const members = Array.from({ length: 10 }, (_, node) => member(`n${node}`, node + 1));
  const doubled = doublePartitions(planned(clusterOf(members, 8, copies(3))));
  assert.ok(carriedSeats(doubled, planSeats(doubled)) <= members.length);
});

test('a member that replaces another takes its seats over, and the old one may go', () => {
  const members = Array.from({ length: 6 }, (_, node) => member(`n${node}`, node + 1));
  const topology = planned(clusterOf(members, 6, copies(3)));
  const held = topology.classes[0]?.placements.filter(({ seats }) => seats.some(({ actor }) => actor === 3)).length;
  const joined = addMember(changeMember(topology, 3, { state: 'leaving' }), { ...member('n6', 0), host: 'host-n2' });
  const next = changeMember(joined, 7, { state: 'active' });
  const moves = movesOf(next, planSeats(next));
  assert.equal(moves.length, held);
  assert.ok(moves.every(({ from, to }) => from === 3 && to === 7));
  assert.ok(!removeMember(planned(next), 3).members.some(({ actor }) => actor === 3));
});
