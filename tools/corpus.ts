/**
 * Replays the corpus: every simulated run that ever failed, with what it found. They come first in the gate. A run is named
 * by its seed and shape; `--seed N --steps N --weights plain|harsh` replays any other one.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { NodeRun } from '@torc/sim/runs/node-run';
import { HARSH_WEIGHTS, PLAIN_WEIGHTS, type Weights } from '@torc/sim/runs/script';
import { root } from './root.ts';

interface CorpusRun {
  readonly seed: number;
  readonly steps: number;
  readonly weights: 'plain' | 'harsh';
  readonly change: Partial<Weights>;
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
  process.stdout.write('npm run corpus -- [--seed N --steps N --weights plain|harsh]\n');
  process.exit(0);
}

function chosenRuns(): readonly CorpusRun[] {
  if (values.seed === undefined) {
    return JSON.parse(readFileSync(join(root, 'corpus/node-runs.json'), 'utf8')) as readonly CorpusRun[];
  }
  const weights = values.weights === 'harsh' ? 'harsh' : 'plain';
  return [{ seed: Number(values.seed), steps: Number(values.steps), weights, change: {}, found: 'asked for' }];
}

let bad = 0;
for (const { seed, steps, weights, change, found } of chosenRuns()) {
  const base = weights === 'harsh' ? HARSH_WEIGHTS : PLAIN_WEIGHTS;
  const result = await new NodeRun({ seed, steps, weights: { ...base, ...change } }).run();
  const verdict = result.violations[0] ?? `good: ${result.writes} writes, ${result.lives} starts`;
  if (result.violations.length > 0) bad += 1;
  process.stdout.write(`seed ${seed} (${steps} steps, ${weights}): ${verdict} (${found})\n`);
}
process.exitCode = bad === 0 ? 0 : 1;
