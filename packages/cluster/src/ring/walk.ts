/**
 * The walk of the ring over stored seats: from a partition clockwise, who holds what comes next. Who stands in for a home that
 * is down is found on it (DESIGN sections 2 and 8): one of the next 2N hosts that are not homes of the partition themselves.
 *
 * As seats are scattered over the ring, the partitions of one node have different nodes behind them: its work, when it is
 * down, falls on many.
 */
import { classOf, type Member, type Placement, type Topology } from '../topology/topology.ts';
import { mix, seedOf } from './mix.ts';

/**
 * Actor numbers of the stand-ins of a partition, in the order in which they are asked, at most two for each copy. One for
 * each host, none on a host of a home. Behind the last partition come members without seats: so there is a stand-in
 * whenever there is one host more than homes.
 */
export function standInsOf(topology: Topology, placementClass: string, partition: number): readonly number[] {
  const { placements, copies } = classOf(topology, placementClass);
  const members = new Map(topology.members.map((member) => [member.actor, member]));
  const hosts = new Set<string>();
  for (const { actor } of placements[partition]?.seats ?? []) hosts.add((members.get(actor) as Member).host);
  const found: number[] = [];
  const ask = ({ actor, host }: Member): void => {
    if (hosts.has(host) || found.length === 2 * copies) return;
    hosts.add(host);
    found.push(actor);
  };
  for (let step = 1; step < placements.length && found.length < 2 * copies; step += 1) {
    const { seats } = placements[(partition + step) % placements.length] as Placement;
    for (const { actor } of seats) ask(members.get(actor) as Member);
  }
  const rest = topology.members.filter(({ state }) => state === 'active');
  const rank = new Map(rest.map((member) => [member, mix(seedOf(member.id) + partition)]));
  rest.sort((a, b) => (rank.get(a) as number) - (rank.get(b) as number));
  for (const member of rest) ask(member);
  return found;
}
