/** The faults of a cluster run, drawn from its seed before it begins: data, so that a run can be shrunk by leaving some out. */
import type { LossMode } from '../disk/loss.ts';
import { LOSS_MODES } from '../disk/loss.ts';
import type { SimRandom } from '../random.ts';

export type FaultKind =
  /** The process dies; what it wrote is still with the machine. */
  | 'kill'
  /** The machine loses power. */
  | 'power'
  /** All machines lose power at once. */
  | 'power-all'
  /** The process dies inside one of its next operations on the disk. */
  | 'crash-inside'
  /** It is asked to stop, and does. */
  | 'stop'
  /** Some nodes do not reach the others; both ways, or only one. */
  | 'cut'
  | 'cut-one-way'
  /** Connections of one node are reset. */
  | 'reset'
  | 'slow-link'
  | 'slow-disk'
  | 'full-disk'
  /** The wall clock of one node jumps. */
  | 'clock-jump'
  /** The event loop of one node is held. */
  | 'stall';

export interface Fault {
  readonly kind: FaultKind;
  /** Virtual ms from the beginning, and how long it lasts. */
  readonly atMs: number;
  readonly lastsMs: number;
  /** By place in the list of members. */
  readonly node: number;
  /** Of a cut: who is on the other side, by place. */
  readonly side: readonly number[];
  readonly loss: LossMode;
  /** Of a jump: by how much the clock goes forwards or back. */
  readonly ms: number;
}

/** How often each kind comes, relative to the others. */
const WEIGHTS: Readonly<Record<FaultKind, number>> = {
  kill: 4,
  power: 4,
  'power-all': 1,
  'crash-inside': 4,
  stop: 2,
  cut: 5,
  'cut-one-way': 3,
  reset: 3,
  'slow-link': 2,
  'slow-disk': 2,
  'full-disk': 1,
  'clock-jump': 3,
  stall: 3,
};

export const FAULT_KINDS = Object.keys(WEIGHTS) as readonly FaultKind[];

/** `count` faults over `withinMs`, one after another in time; several may hold at once. */
export function drawFaults(random: SimRandom, nodes: number, count: number, withinMs: number): readonly Fault[] {
  const kinds = FAULT_KINDS.flatMap((kind) => new Array<FaultKind>(WEIGHTS[kind]).fill(kind));
  const faults = Array.from({ length: count }, (): Fault => {
    const side = Array.from({ length: nodes }, (_, node) => node).filter(() => random.chance(0.4));
    return {
      kind: random.pick(kinds),
      atMs: Math.floor(random.fraction() * withinMs),
      lastsMs: Math.floor(random.chance(0.3) ? 2000 + random.fraction() * 4000 : 50 + random.fraction() * 1200),
      node: random.below(nodes),
      side,
      loss: random.pick(LOSS_MODES),
      ms: random.pick([-5000, -300, 200, 3000, 30_000]),
    };
  });
  return faults.sort((a, b) => a.atMs - b.atMs);
}
