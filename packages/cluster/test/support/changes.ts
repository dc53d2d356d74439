/** What happens to a cluster: one change of its members, and a plan carried out. */
import type { SimRandom } from '@torc/sim/random';
import { editsOf, movesOf } from '../../src/placement/moves.ts';
import { planSeats, type Plan } from '../../src/placement/plan.ts';
import { addMember, changeMember, doublePartitions, putClass } from '../../src/topology/edits.ts';
import { changeSeats } from '../../src/topology/seat-edits.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { candidatesOf } from './judge.ts';

export const CHANGES = ['add', 'remove', 'replace', 'reweight', 'move', 'double', 'copies'] as const;
export type Change = (typeof CHANGES)[number];

export function planned(topology: Topology): Topology {
  return carriedOut(topology, planSeats(topology));
}

/** Also where the plan says nothing is to be done. */
export function carriedOut(topology: Topology, plan: Plan): Topology {
  return changeSeats(topology, editsOf(topology, plan));
}

/** Seats that somebody has to be given the data of. */
export function carriedSeats(topology: Topology, plan: Plan): number {
  return movesOf(topology, plan).filter(({ to }) => to !== undefined).length;
}

/** One change, decided but not planned for yet. The cluster keeps one candidate at least. */
export function changed(random: SimRandom, topology: Topology, change: Change): Topology {
  const one = random.pick(candidatesOf(topology));
  const few = candidatesOf(topology).length < 2;
  const active = { state: 'active' } as const;
  const { id: _id, actor: _actor, state: _state, ...place } = one;
  const newcomer = { ...place, id: `new-${topology.nextActor}` };
  switch (change) {
    case 'add': {
      const host = random.chance(0.8) ? `host-new-${topology.nextActor}` : one.host;
      return changeMember(addMember(topology, { ...newcomer, host }), topology.nextActor, active);
    }
    case 'remove':
      return few ? topology : changeMember(topology, one.actor, { state: 'leaving' });
    case 'replace': {
      const left = changeMember(topology, one.actor, { state: 'leaving' });
      return changeMember(addMember(left, newcomer), topology.nextActor, active);
    }
    case 'reweight':
      return changeMember(topology, one.actor, { weight: 1 + random.below(400) });
    case 'move': {
      const away = changeMember(topology, one.actor, { state: 'leaving' });
      const dc = random.pick(candidatesOf(topology)).dc;
      const moved = { ...newcomer, dc, rack: `rack-${random.below(5)}`, host: `host-new-${topology.nextActor}` };
      return changeMember(addMember(away, moved), topology.nextActor, active);
    }
    case 'double':
      return topology.partitionBits < 10 ? doublePartitions(topology) : topology;
    case 'copies': {
      const [placed] = topology.classes;
      if (placed === undefined || placed.copiesByDc.length > 0) return topology;
      return putClass(topology, { ...placed, copies: 1 + random.below(5) });
    }
  }
}
