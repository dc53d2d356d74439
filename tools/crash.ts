/**
 * `npm run crash`: a crash at every disk operation of several scripts, six ways to lose what was not synced: before, inside or
 * after it; then every byte of small directories flipped. Prints how many points there were, and every violation.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { enumerateCrashes } from '@torc/sim/runs/crash-enumeration';
import { FlipRun } from '@torc/sim/runs/flip-run';

const { values } = parseArgs({
  options: {
    scripts: { type: 'string', default: '5' },
    steps: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write('npm run crash -- [--scripts N] [--steps N] [--seed N]\n');
  process.exit(0);
}

let bad = 0;
const first = Number(values.seed);
const points = new Map<string, number>();
const reached = new Map<string, number>();

for (let seed = first; seed < first + Number(values.scripts); seed += 1) {
  for await (const run of enumerateCrashes(seed, Number(values.steps))) {
    points.set(run.loss, (points.get(run.loss) ?? 0) + 1);
    for (const [branch, count] of run.reached) reached.set(branch, (reached.get(branch) ?? 0) + count);
    for (const violation of run.violations) {
      bad += 1;
      const { operation, moment } = run.crash;
      process.stdout.write(
        `VIOLATION seed ${seed}, crash ${moment} operation ${operation}, ${run.loss}: ${violation}\n`,
      );
    }
  }
}

let total = 0;
for (const [loss, count] of points) {
  total += count;
  process.stdout.write(`${loss.padEnd(18)} ${String(count).padStart(6)} crash points\n`);
}
process.stdout.write(`${'in all'.padEnd(18)} ${String(total).padStart(6)} crash points, ${bad} violations\n`);

let flips = 0;
let errors = 0;
for (const clean of [true, false]) {
  const result = await new FlipRun(first, clean).run();
  flips += result.flips;
  errors += result.errors;
  bad += result.violations.length;
  for (const violation of result.violations) process.stdout.write(`VIOLATION ${violation}\n`);
}
process.stdout.write(
  `bit flips          ${String(flips).padStart(6)} bytes flipped: ${errors} refused as damage, the others cut as torn tail\n`,
);
for (const [branch, count] of [...reached].sort(([a], [b]) => a.localeCompare(b)))
  process.stdout.write(`reached            ${branch} ${count}\n`);
process.exitCode = bad === 0 ? 0 : 1;
