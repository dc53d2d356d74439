/**
 * Every crash point of a script: one run for each disk operation and each way to lose what was not synced.
 */
import type { PlantedBug } from '@torc/base/ports/probe';
import type { CrashPoint } from '../disk/operations.ts';
import { CRASH_LOSSES, NodeRun, type CrashLoss, type Struck } from './node-run.ts';
import { TABLE_WEIGHTS, type Weights } from './script.ts';

/** Restarts are the crashes' business here; without them the first incarnation runs the whole script. */
const WEIGHTS: Weights = { ...TABLE_WEIGHTS, restart: 0, flush: 16, burst: 20, compact: 6 };

/** Enough to see that what was left goes on; the rest is the next seed's business. */
const STEPS_AFTER = 6;

export interface CrashRun {
  readonly seed: number;
  readonly crash: CrashPoint;
  readonly loss: CrashLoss;
  readonly struck: Struck | undefined;
  readonly violations: readonly string[];
  readonly reached: ReadonlyMap<string, number>;
}

/** Tears by loss mode: where inside the operation the crash strikes. */
const MOMENTS: Readonly<Record<CrashLoss, CrashPoint['moment']>> = {
  kept: 'before',
  dropped: 'after',
  random: 'during',
  'torn-last': 'during',
  'directories-lost': 'after',
  process: 'after',
};

export async function* enumerateCrashes(
  seed: number,
  steps: number,
  planted: readonly PlantedBug[] = [],
): AsyncGenerator<CrashRun> {
  const base = { seed, steps, weights: WEIGHTS, planted, stepsAfter: STEPS_AFTER };
  const { operations } = await new NodeRun(base).run();
  for (let operation = 1; operation <= operations; operation += 1) {
    for (const loss of CRASH_LOSSES) {
      const crash: CrashPoint = { operation, moment: MOMENTS[loss] };
      const { violations, reached, struck } = await new NodeRun({ ...base, crash, loss }).run();
      yield { seed, crash, loss, struck, violations, reached };
    }
  }
}
