/** From a plan to what has to be done: which seats move, and the edits that carry them out. */
import type { SeatEdit } from '../topology/seat-edits.ts';
import { classOf, memberOf, type Topology } from '../topology/topology.ts';
import type { ClassPlan, Plan } from './plan.ts';

/** One seat that comes, goes, or moves: data to carry wherever there is a `to`. */
export interface Move {
  readonly placementClass: string;
  readonly partition: number;
  /** Absent when the partition gets one seat more. */
  readonly from?: number;
  /** Absent when it gets one fewer. */
  readonly to?: number;
}

/** By class and partition. Who goes and who comes are paired in preference order. */
export function movesOf(topology: Topology, plan: Plan): readonly Move[] {
  const moves: Move[] = [];
  for (const planned of plan.classes) {
    for (const [partition, { seats }] of classOf(topology, planned.name).placements.entries()) {
      const wanted = seatsAt(planned, partition);
      const going = seats.filter(({ actor }) => !wanted.includes(actor)).map(({ actor }) => actor);
      const coming = wanted.filter((actor) => !seats.some((seat) => seat.actor === actor));
      for (let at = 0; at < Math.max(going.length, coming.length); at += 1) {
        const from = going[at];
        const to = coming[at];
        moves.push({
          placementClass: planned.name,
          partition,
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        });
      }
    }
  }
  return moves;
}

/**
 * The edits that bring all seats to the plan at once, as after all transfers: who is still a member hands its seat over.
 * Also where nothing moves and only the order changes.
 */
export function editsOf(topology: Topology, plan: Plan): readonly SeatEdit[] {
  const edits: SeatEdit[] = [];
  const actorsAt = new Map<string, number[]>();
  for (const { placementClass, partition, from, to } of movesOf(topology, plan)) {
    const at = { placementClass, partition };
    const key = `${placementClass}/${partition}`;
    const actors = actorsAt.get(key) ?? present(topology, placementClass, partition);
    actorsAt.set(key, actors);
    if (from === undefined) {
      edits.push({ ...at, kind: 'add', to: to as number });
      actors.push(to as number);
    } else if (to === undefined) {
      edits.push({ ...at, kind: 'drop', from });
      actors.splice(actors.indexOf(from), 1);
    } else {
      edits.push({ ...at, kind: memberOf(topology, from) === undefined ? 'replace' : 'switch', from, to });
      actors[actors.indexOf(from)] = to;
    }
  }
  for (const planned of plan.classes) {
    const { placements } = classOf(topology, planned.name);
    for (let partition = 0; partition < placements.length; partition += 1) {
      const wanted = seatsAt(planned, partition);
      const actors = actorsAt.get(`${planned.name}/${partition}`) ?? present(topology, planned.name, partition);
      if (wanted.some((actor, place) => actors[place] !== actor))
        edits.push({ placementClass: planned.name, partition, kind: 'order', actors: wanted });
    }
  }
  return edits;
}

/** The planned seats of one partition: actor numbers in preference order. */
export function seatsAt({ seats, width }: ClassPlan, partition: number): readonly number[] {
  return [...seats.subarray(partition * width, (partition + 1) * width)];
}

function present(topology: Topology, placementClass: string, partition: number): number[] {
  return (classOf(topology, placementClass).placements[partition]?.seats ?? []).map(({ actor }) => actor);
}
