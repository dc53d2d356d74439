/** Random clusters, from one node to a thousand: hosts, racks, data centres, weights, copies, partitions. */
import type { SimRandom } from '@torc/sim/random';
import { bootstrap } from '../../src/topology/edits.ts';
import type { Member, PlacementClass, Topology } from '../../src/topology/topology.ts';

export interface WorldShape {
  readonly nodes: number;
  readonly partitionBits: number;
}

export function member(id: string, actor: number, place: Partial<Member> = {}): Member {
  return { id, actor, host: `host-${id}`, rack: 'rack', dc: 'dc', weight: 100, state: 'active', ...place };
}

/** A cluster with these members, without seats. */
export function clusterOf(members: readonly Member[], partitionBits: number, ...classes: PlacementClass[]): Topology {
  const first = bootstrap({
    clusterId: 'test',
    formatNumber: 1,
    partitionBits,
    member: member('first', 1),
    classes,
    buckets: [{ name: 'default', db: 0, conflict: 'latest', placementClass: classes[0]?.name ?? '' }],
  });
  const sorted = [...members].sort((a, b) => a.actor - b.actor);
  return { ...first, members: sorted, nextActor: (sorted.at(-1)?.actor ?? 0) + 1, voters: [sorted[0]?.actor ?? 1] };
}

export function copies(count: number, name = 'class'): PlacementClass {
  return { name, copies: count, copiesByDc: [] };
}

export function drawShape(random: SimRandom): WorldShape {
  const size = random.below(100);
  const nodes =
    size < 60 ? 1 + random.below(12) : size < 97 ? 1 + random.below(60) : size < 99 ? 1 + random.below(250) : 1000;
  return { nodes, partitionBits: nodes > 60 ? 8 + random.below(2) : random.below(8) };
}

/** Members as they are in life: racks of unlike size, hosts with several nodes, weights of several kinds. */
export function drawMembers(random: SimRandom, nodes: number): Member[] {
  const dcs = random.pick([1, 1, 1, 2, 3, 4]);
  const racks = random.pick([1, 1, 2, 3, 4, 7, 20]);
  const perHost = random.pick([1, 1, 1, 2, 4]);
  const weigh = random.pick([
    () => 100,
    () => 100,
    () => random.pick([100, 200]),
    () => 50 + random.below(200),
    () => random.pick([1, 100, 65_535]),
  ]);
  const homes = Array.from({ length: Math.ceil(nodes / perHost) }, (_, host) => {
    const dc = random.below(dcs);
    return { host: `host-${host}`, dc: `dc-${dc}`, rack: `rack-${random.below(1 + random.below(racks))}` };
  });
  return Array.from({ length: nodes }, (_, node) =>
    member(`node-${node}`, node + 1, { ...random.pick(homes), weight: weigh() }),
  );
}

export function drawClass(random: SimRandom, members: readonly Member[]): PlacementClass {
  const dcs = [...new Set(members.map(({ dc }) => dc))].sort();
  if (random.chance(0.75)) return copies(random.pick([1, 2, 3, 3, 3, 4, 5, 7]));
  const copiesByDc = dcs.flatMap((dc) => (random.chance(0.8) ? [{ dc, copies: 1 + random.below(3) }] : []));
  const sum = copiesByDc.reduce((total, one) => total + one.copies, 0);
  return sum === 0 ? copies(3) : { name: 'class', copies: sum, copiesByDc };
}

export function drawCluster(random: SimRandom): Topology {
  const { nodes, partitionBits } = drawShape(random);
  const members = drawMembers(random, nodes);
  return clusterOf(members, partitionBits, drawClass(random, members));
}
