/**
 * What a run does, drawn from its seed before it begins: a list of steps as data, so that a crash point in the middle
 * changes nothing of what comes before it.
 */
import type { SimRandom } from '../random.ts';

export type Step =
  | { readonly kind: 'write'; readonly key: number; readonly valueBytes: number; readonly ttlMs: number }
  | { readonly kind: 'delete'; readonly key: number }
  | {
      readonly kind: 'update';
      readonly key: number;
      readonly wanted: 'absent' | 'present';
      readonly valueBytes: number;
    }
  | { readonly kind: 'read'; readonly key: number }
  | { readonly kind: 'ship'; readonly key: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'jump'; readonly ms: number }
  | { readonly kind: 'flush' }
  | { readonly kind: 'restart'; readonly how: 'clean' | 'process' | 'power' }
  | { readonly kind: 'full' }
  | { readonly kind: 'room' }
  | { readonly kind: 'fail-sync' }
  | { readonly kind: 'burst'; readonly key: number; readonly writes: number; readonly valueBytes: number }
  | { readonly kind: 'compact' }
  | { readonly kind: 'walk'; readonly entries: number }
  /** A flush that nobody waits for: the next steps fall into it. */
  | { readonly kind: 'flush-aside' };

/** How often each kind of step comes, relative to the others. */
export type Weights = Readonly<Record<Step['kind'], number>>;

export const PLAIN_WEIGHTS: Weights = {
  write: 40,
  delete: 8,
  update: 8,
  read: 10,
  ship: 8,
  pass: 20,
  jump: 1,
  flush: 2,
  restart: 2,
  full: 0,
  room: 0,
  'fail-sync': 0,
  // New kinds come last, and at weight 0: scripts that are kept by their seed stay what they were.
  burst: 0,
  compact: 0,
  walk: 0,
  'flush-aside': 0,
};

/** The same with a disk that fills up and syncs that fail. */
export const HARSH_WEIGHTS: Weights = { ...PLAIN_WEIGHTS, restart: 4, full: 2, room: 4, 'fail-sync': 1 };

/** More keys and more bytes: memtables fill, tables are merged, snapshots are held meanwhile. */
export const TABLE_WEIGHTS: Weights = { ...PLAIN_WEIGHTS, read: 16, flush: 6, burst: 12, compact: 1, walk: 6 };

export const HARSH_TABLE_WEIGHTS: Weights = { ...TABLE_WEIGHTS, restart: 4, full: 2, room: 4, 'fail-sync': 1 };

/** The log rolls and memtables freeze while keys are read and written. */
export const FLUSHING_WEIGHTS: Weights = { ...HARSH_TABLE_WEIGHTS, read: 30, 'flush-aside': 12 };

const FEW_KEYS = 6;
const KEYS = 24;

export function drawScript(random: SimRandom, steps: number, weights: Weights): Step[] {
  const kinds = (Object.keys(weights) as Step['kind'][]).flatMap((kind) =>
    Array.from({ length: weights[kind] }, () => kind),
  );
  return Array.from({ length: steps }, () => drawStep(random, random.pick(kinds), weights.burst > 0));
}

function drawStep(random: SimRandom, kind: Step['kind'], manyKeys: boolean): Step {
  // Half of it goes to a few keys, so that they get a history.
  const key = random.below(manyKeys && random.chance(0.5) ? KEYS : FEW_KEYS);
  const valueBytes = random.chance(0.1) ? random.below(3000) : random.below(200);
  switch (kind) {
    case 'write':
      return { kind, key, valueBytes, ttlMs: random.chance(0.2) ? 1 + random.below(40) : 0 };
    case 'update':
      return { kind, key, valueBytes, wanted: random.chance(0.5) ? 'absent' : 'present' };
    case 'delete':
    case 'read':
    case 'ship':
      return { kind, key };
    case 'pass':
      return { kind, ms: random.chance(0.1) ? 2000 : 1 + random.below(10) };
    case 'jump':
      return { kind, ms: random.pick([-5000, -50, 50, 20_000, 3_600_000]) };
    case 'restart':
      return { kind, how: random.pick(['clean', 'process', 'power'] as const) };
    case 'burst':
      return { kind, key, writes: 4 + random.below(10), valueBytes: random.below(400) };
    case 'walk':
      return { kind, entries: random.below(10) };
    default:
      return { kind };
  }
}

/** The keys that a burst from `key` writes, all different. */
export function burstKeys(key: number, writes: number): number[] {
  return Array.from({ length: writes }, (_, n) => (key + n) % KEYS);
}
