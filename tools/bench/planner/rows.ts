/** What the planner bench plans: clusters, and the changes they go through. Nothing is drawn, so every run plans the same. */
import { editsOf } from '@torc/cluster/placement/moves';
import { planSeats } from '@torc/cluster/placement/plan';
import { addMember, bootstrap, changeMember, doublePartitions, type NewMember } from '@torc/cluster/topology/edits';
import { changeSeats } from '@torc/cluster/topology/seat-edits';
import type { Topology } from '@torc/cluster/topology/topology';
import type { PlannerBenchOptions } from './options.ts';

export interface Row {
  readonly name: string;
  /** With the seats from before the change. */
  readonly topology: Topology;
}

const racks = 20;

export function plannerRows(options: PlannerBenchOptions): readonly Row[] {
  const fresh = cluster(options, options.partitionBits);
  const settled = planned(fresh);
  const one = Math.ceil(options.nodes / 2);
  const rackful = Array.from({ length: Math.ceil(options.nodes / racks) }, (_, at) => at);
  const half = planned(cluster(options, options.partitionBits - 1));
  return [
    { name: 'fresh', topology: fresh },
    { name: 'nothing to do', topology: settled },
    { name: 'one node more', topology: joined(settled, [newcomer(0, 'rack-0', 'dc-0')]) },
    { name: 'one node less', topology: changeMember(settled, one, { state: 'leaving' }) },
    { name: 'one weight doubled', topology: changeMember(settled, one, { weight: weightOf(one - 1) * 2 }) },
    {
      name: 'one rack more',
      topology: joined(
        settled,
        rackful.map((at) => newcomer(at, 'rack-new', 'dc-0')),
      ),
    },
    {
      name: 'a second data centre',
      topology: joined(
        settled,
        rackful.map((at) => newcomer(at, `rack-${at % 4}`, 'dc-1')),
      ),
    },
    { name: 'twice the partitions', topology: doublePartitions(half) },
  ];
}

function cluster({ nodes, copies }: PlannerBenchOptions, partitionBits: number): Topology {
  const members = Array.from({ length: nodes }, (_, at): NewMember => {
    return { id: `node-${at}`, host: `host-${at}`, rack: `rack-${at % racks}`, dc: 'dc-0', weight: weightOf(at) };
  });
  const [member, ...others] = members as [NewMember, ...NewMember[]];
  const classes = [{ name: 'all', copies, copiesByDc: [] }];
  return joined(
    bootstrap({ clusterId: 'bench', formatNumber: 1, partitionBits, member, classes, buckets: [] }),
    others,
  );
}

/** Of three kinds of machine. */
function weightOf(at: number): number {
  return [100, 150, 200][at % 3] as number;
}

function newcomer(at: number, rack: string, dc: string): NewMember {
  return { id: `new-${at}`, host: `host-new-${at}`, rack, dc, weight: 100 };
}

function joined(topology: Topology, members: readonly NewMember[]): Topology {
  let next = topology;
  for (const member of members) next = changeMember(addMember(next, member), next.nextActor, { state: 'active' });
  return next;
}

function planned(topology: Topology): Topology {
  return changeSeats(topology, editsOf(topology, planSeats(topology)));
}
