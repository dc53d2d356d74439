/**
 * `npm run crash`: a crash at every disk operation of several scripts with flushes, compactions and manifest rolls, six ways
 * to lose what was not synced: before, inside or after the operation. Then every byte of small directories flipped, tables
 * and manifests included. Prints how many points there were and where they struck, how often rare branches were reached, and
 * every violation. With its defaults it also fails when it struck too seldom, or a branch was not reached: such a run shows
 * less than it says.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { enumerateCrashes } from '@torc/sim/runs/crash-enumeration';
import { EngineRun } from '@torc/sim/runs/engine-run';
import { FlipRun } from '@torc/sim/runs/flip-run';
import { NodeRun } from '@torc/sim/runs/node-run';
import { HARSH_TABLE_WEIGHTS } from '@torc/sim/runs/script';

const { values } = parseArgs({
  options: {
    scripts: { type: 'string' },
    steps: { type: 'string', default: '22' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write('npm run crash -- [--scripts N] [--steps N] [--seed N]\n');
  process.exit(0);
}

/** What the defaults must come to: so many points in all, so many of them in these places. */
const LEAST_POINTS = 5000;
const LEAST_INSIDE = 200;
const INSIDE = ['flush', 'compact', 'manifest'];

const BRANCHES = [
  'memtable-flushed',
  'compacted-a-tier',
  'compacted-into-the-bottom',
  'flush-failed',
  'compaction-failed',
  'read-on-the-pool',
  'tables-read-from',
  'batch-delayed',
  'manifest-rolled',
  'manifest-tail-cut',
  'segment-rolled',
  'tail-rewritten',
  'torn-tail-cut',
  'batch-refused-by-full-disk',
  'disk-full',
  'disk-has-room-again',
  'sync-on-the-pool',
  'stopped-by-failed-sync',
  'damage-marked',
];

/** Runs without an enumerated crash: full disks and failing syncs; damaged tables under an engine alone. */
const HARSH_RUNS = 60;
const DAMAGED_RUNS = 20;

let bad = 0;
const first = Number(values.seed);
const checksCounts = values.scripts === undefined;
const scripts = Number(values.scripts ?? 10);
const points = new Map<string, number>();
const struck = new Map<string, number>();
const reached = new Map<string, number>();

function add(into: Map<string, number>, from: ReadonlyMap<string, number>): void {
  for (const [name, count] of from) into.set(name, (into.get(name) ?? 0) + count);
}

function violation(text: string): void {
  bad += 1;
  process.stdout.write(`VIOLATION ${text}\n`);
}

for (let seed = first; seed < first + scripts; seed += 1) {
  for await (const run of enumerateCrashes(seed, Number(values.steps))) {
    add(points, new Map([[run.loss, 1]]));
    if (run.struck !== undefined) add(struck, new Map([[run.struck, 1]]));
    add(reached, run.reached);
    const { operation, moment } = run.crash;
    for (const problem of run.violations) {
      violation(`seed ${seed}, crash ${moment} operation ${operation} (${run.struck}), ${run.loss}: ${problem}`);
    }
  }
}

let total = 0;
for (const [loss, count] of points) {
  total += count;
  process.stdout.write(`${loss.padEnd(18)} ${String(count).padStart(6)} crash points\n`);
}
process.stdout.write(`${'in all'.padEnd(18)} ${String(total).padStart(6)} crash points, ${bad} violations\n`);
for (const [where, count] of [...struck].sort(([, a], [, b]) => b - a))
  process.stdout.write(`struck in          ${where.padEnd(10)} ${String(count).padStart(6)}\n`);

for (let seed = first; seed < first + HARSH_RUNS; seed += 1) {
  const run = await new NodeRun({ seed, steps: 80, weights: HARSH_TABLE_WEIGHTS }).run();
  add(reached, run.reached);
  for (const problem of run.violations) violation(`harsh run, seed ${seed}: ${problem}`);
}
for (let seed = first; seed < first + DAMAGED_RUNS; seed += 1) {
  const run = await new EngineRun({ seed, steps: 80, flips: true }).run();
  add(reached, run.reached);
  for (const problem of run.violations) violation(`engine run with flips, seed ${seed}: ${problem}`);
}
process.stdout.write(`other runs         ${HARSH_RUNS} with full disks, ${DAMAGED_RUNS} with damaged tables\n`);

for (const clean of [true, false]) {
  const result = await new FlipRun(first, clean).run();
  add(reached, result.reached);
  for (const problem of result.violations) violation(problem);
  const { flips, errors, damagedReads, scrubbed } = result;
  const kinds = [...result.bytes].map(([kind, bytes]) => `${kind} ${bytes}`).join(', ');
  process.stdout.write(
    `bit flips          ${String(flips).padStart(6)} bytes (${kinds}), ${clean ? 'closed cleanly' : 'killed'}: ` +
      `${errors} refused at the start, ${damagedReads} by a read, ${scrubbed} found by the scrub, ` +
      `${flips - errors - damagedReads - scrubbed} cut as torn tail\n`,
  );
}
for (const [branch, count] of [...reached].sort(([a], [b]) => a.localeCompare(b)))
  process.stdout.write(`reached            ${branch} ${count}\n`);

if (checksCounts) {
  if (total < LEAST_POINTS) violation(`only ${total} crash points`);
  for (const where of INSIDE) {
    const count = struck.get(where) ?? 0;
    if (count < LEAST_INSIDE) violation(`only ${count} crash points in ${where}`);
  }
  for (const branch of BRANCHES) if (!reached.has(branch)) violation(`never reached: ${branch}`);
}
process.exitCode = bad === 0 ? 0 : 1;
