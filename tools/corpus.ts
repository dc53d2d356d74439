/**
 * Replays the corpus: every simulated run that ever failed, with what it found. They come first in the gate. A run is named
 * by its seed and shape, and a crash if it takes one; `--seed N --steps N --weights SHAPE` replays any other one.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { CrashPoint } from '@torc/sim/disk/operations';
import { type CrashLoss, NodeRun } from '@torc/sim/runs/node-run';
import {
  FLUSHING_WEIGHTS,
  HARSH_TABLE_WEIGHTS,
  HARSH_WEIGHTS,
  PLAIN_WEIGHTS,
  TABLE_WEIGHTS,
  type Weights,
} from '@torc/sim/runs/script';
import { root } from './root.ts';

const WEIGHTS: Readonly<Record<string, Weights>> = {
  plain: PLAIN_WEIGHTS,
  harsh: HARSH_WEIGHTS,
  tables: TABLE_WEIGHTS,
  'harsh-tables': HARSH_TABLE_WEIGHTS,
  flushing: FLUSHING_WEIGHTS,
};

interface CorpusRun {
  readonly seed: number;
  readonly steps: number;
  readonly weights: string;
  readonly change: Partial<Weights>;
  /** Of the first start, with what it leaves and how many steps follow. */
  readonly crash?: CrashPoint;
  readonly loss?: CrashLoss;
  readonly stepsAfter?: number;
  readonly found: string;
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    steps: { type: 'string', default: '80' },
    weights: { type: 'string', default: 'plain' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write('npm run corpus -- [--seed N --steps N --weights plain|harsh|tables|harsh-tables|flushing]\n');
  process.exit(0);
}

function chosenRuns(): readonly CorpusRun[] {
  if (values.seed === undefined) {
    return JSON.parse(readFileSync(join(root, 'corpus/node-runs.json'), 'utf8')) as readonly CorpusRun[];
  }
  const { weights } = values;
  return [{ seed: Number(values.seed), steps: Number(values.steps), weights, change: {}, found: 'asked for' }];
}

let bad = 0;
for (const { seed, steps, weights, change, found, ...crash } of chosenRuns()) {
  const base = WEIGHTS[weights];
  if (base === undefined) throw new RangeError(`no such weights: ${weights}`);
  const result = await new NodeRun({ seed, steps, weights: { ...base, ...change }, ...crash }).run();
  const verdict = result.violations[0] ?? `good: ${result.writes} writes, ${result.lives} starts`;
  if (result.violations.length > 0) bad += 1;
  process.stdout.write(`seed ${seed} (${steps} steps, ${weights}): ${verdict} (${found})\n`);
}
process.exitCode = bad === 0 ? 0 : 1;
