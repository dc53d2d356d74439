/** Stand-ins: the next hosts on the walk that are no homes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { ringOfVnodes } from '../../src/ring/vnodes.ts';
import { standInsOf } from '../../src/ring/walk.ts';
import { planned } from '../support/changes.ts';
import { clusterOf, copies, drawCluster, member } from '../support/worlds.ts';

test('stand-ins are two for each copy, on hosts of their own, and there whenever a host is left', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const topology = planned(drawCluster(new SimRandom(seed)));
    const [placed] = topology.classes;
    const hostOf = new Map(topology.members.map(({ actor, host }) => [actor, host]));
    const partition = seed % (placed?.placements.length ?? 1);
    const homes = placed?.placements[partition]?.seats.map(({ actor }) => hostOf.get(actor)) ?? [];
    const standIns = standInsOf(topology, 'class', partition).map((actor) => hostOf.get(actor));
    const hosts = new Set(hostOf.values());
    assert.equal(new Set([...homes, ...standIns]).size, homes.length + standIns.length, `seed ${seed}`);
    assert.equal(standIns.length, Math.min(2 * (placed?.copies ?? 0), hosts.size - homes.length), `seed ${seed}`);
  }
});

test('the stand-ins of one node are many', () => {
  const members = Array.from({ length: 40 }, (_, node) => member(`n${node}`, node + 1));
  const topology = planned(clusterOf(members, 9, copies(3)));
  const first = new Set<number | undefined>();
  for (const [partition, { seats }] of (topology.classes[0]?.placements ?? []).entries())
    if (seats[0]?.actor === 1) first.add(standInsOf(topology, 'class', partition)[0]);
  assert.ok(first.size >= 8, `${first.size} first stand-ins`);
});

test('on the planner’s ring each part of a node’s share holds one of its vnodes', () => {
  const counts = Int32Array.of(100, 50, 10);
  const ring = ringOfVnodes(counts, Uint32Array.of(7, 8, 9));
  for (const [node, count] of counts.entries()) {
    assert.equal(ring.filter((one) => one === node).length, count);
    const firstHalf = ring.subarray(0, ring.length / 2).filter((one) => one === node).length;
    assert.ok(Math.abs(firstHalf - count / 2) <= 2, `${firstHalf} of ${count} in the first half`);
  }
});
