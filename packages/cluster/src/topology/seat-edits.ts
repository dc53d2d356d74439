/**
 * Edits of seats. Many may go into one epoch; a placement's number rises by one in the epoch in which any of its seats
 * changes, however many do.
 *
 * A new seat is full at once in two cases only: a `switch`, because the receiver was given everything that the donor had
 * before it was fenced (DESIGN section 9), and a partition that was never placed, because nothing was ever written to it.
 * Every other begins as `filling`.
 */
import { edited } from './edits.ts';
import { LIMITS } from './limits.ts';
import { classOf, memberOf, TopologyError, type Placement, type Seat, type Topology } from './topology.ts';

interface AtPartition {
  readonly placementClass: string;
  readonly partition: number;
}

export type SeatEdit = AtPartition &
  (
    | /** `to` takes over the seat of `from`, with its place in the order and its state. */
    { readonly kind: 'switch'; readonly from: number; readonly to: number }
    /** The same when `from` is dead and handed nothing over: `to` starts filling. */
    | { readonly kind: 'replace'; readonly from: number; readonly to: number }
    /** One seat more, the last in the order. It counts once it is filled. */
    | { readonly kind: 'add'; readonly to: number }
    | { readonly kind: 'drop'; readonly from: number }
    /** The seat may lack something from now on. */
    | { readonly kind: 'filling'; readonly actor: number }
    /** The seat lacks nothing any more, and votes. */
    | { readonly kind: 'filled'; readonly actor: number }
    /** Another preference order of the same seats. */
    | { readonly kind: 'order'; readonly actors: readonly number[] }
  );

/** The next document. Edits of one partition are done in the order of the list. */
export function changeSeats(topology: Topology, edits: readonly SeatEdit[]): Topology {
  const changed = new Map<string, Placement[]>();
  const touched = new Map<string, Set<number>>();
  for (const edit of edits) {
    const { placementClass, partition } = edit;
    const placed = classOf(topology, placementClass);
    const placements = changed.get(placementClass) ?? [...placed.placements];
    const before = placements[partition];
    if (before === undefined) throw refused(edit, 'there is no such partition');
    const numbered = touched.get(placementClass) ?? new Set();
    const number = numbered.has(partition) ? before.number : before.number + 1;
    if (number > LIMITS.placementNumber) throw refused(edit, 'all placement numbers are used up');
    const fresh = placed.placements[partition]?.number === 0;
    placements[partition] = { number, seats: seatsAfter(topology, before.seats, fresh, edit) };
    changed.set(placementClass, placements);
    touched.set(placementClass, numbered.add(partition));
  }
  const classes = topology.classes.map((one) => ({ ...one, placements: changed.get(one.name) ?? one.placements }));
  return edited(topology, { classes });
}

function seatsAfter(topology: Topology, seats: readonly Seat[], fresh: boolean, edit: SeatEdit): readonly Seat[] {
  switch (edit.kind) {
    case 'switch': {
      const at = seatOf(seats, edit.from, edit);
      return seats.with(at, { ...(seats[at] as Seat), actor: receiver(topology, edit.to, edit) });
    }
    case 'replace': {
      const at = seatOf(seats, edit.from, edit);
      return seats.with(at, { ...(seats[at] as Seat), actor: receiver(topology, edit.to, edit), filling: true });
    }
    case 'add':
      return [...seats, { actor: receiver(topology, edit.to, edit), filling: !fresh, counted: fresh }];
    case 'drop':
      if (seats.length === 1) throw refused(edit, 'it is the last seat');
      return seats.toSpliced(seatOf(seats, edit.from, edit), 1);
    case 'filling':
      return withSeat(seats, seatOf(seats, edit.actor, edit), { filling: true });
    case 'filled':
      return withSeat(seats, seatOf(seats, edit.actor, edit), { filling: false, counted: true });
    case 'order': {
      const ordered = edit.actors.map((actor) => seats[seatOf(seats, actor, edit)] as Seat);
      if (new Set(ordered).size !== seats.length) throw refused(edit, 'the order does not name each seat once');
      return ordered;
    }
  }
}

function withSeat(seats: readonly Seat[], at: number, change: Partial<Seat>): readonly Seat[] {
  return seats.with(at, { ...(seats[at] as Seat), ...change });
}

function seatOf(seats: readonly Seat[], actor: number, edit: SeatEdit): number {
  const at = seats.findIndex((seat) => seat.actor === actor);
  if (at < 0) throw refused(edit, `actor ${actor} holds no seat of it`);
  return at;
}

function receiver(topology: Topology, actor: number, edit: SeatEdit): number {
  const member = memberOf(topology, actor);
  if (member === undefined) throw refused(edit, `actor ${actor} is no member`);
  if (member.state !== 'active') throw refused(edit, `${member.id} is ${member.state} and is given no seat`);
  return actor;
}

function refused({ placementClass, partition, kind }: SeatEdit, why: string): TopologyError {
  return new TopologyError(`class ${placementClass}, partition ${partition}, ${kind}: ${why}`);
}
