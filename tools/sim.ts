/**
 * `npm run sim`: whole clusters in virtual time, one seed each. `--seed N --verbose` replays one with its trace, which ends
 * with a line `hash HEX`; the same seed gives the same hash. A violation fails the command and names its seed.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ClusterRun, type ClusterRunResult } from '@torc/sim/cluster/cluster-run';

const help = `npm run sim -- [options]

Whole clusters on simulated disks, networks and clocks, under faults, judged when all has healed.

  --seed N         the first seed (1)
  --seeds N        how many (20)
  --minutes M      go on with new seeds for so long instead
  --operations N   client operations of a run (2200)
  --faults N       faults of a run (14)
  --verbose        the trace of each run
  --help           this
`;

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    seed: text,
    seeds: text,
    minutes: text,
    operations: text,
    faults: text,
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}

function whole(name: string, given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  if (Number.isInteger(value) && value >= 0) return value;
  process.stderr.write(`--${name} takes a whole number, not ${given}\n`);
  process.exit(2);
}

const first = whole('seed', values.seed, 1);
const count = whole('seeds', values.seeds, values.seed === undefined ? 20 : 1);
const untilMs = values.minutes === undefined ? undefined : performance.now() + Number(values.minutes) * 60_000;
const operations = whole('operations', values.operations, 2200);
const faults = whole('faults', values.faults, 14);

let [seeds, bad, virtualMs, done] = [0, 0, 0, 0];
const kinds = new Map<string, number>();
const reached = new Map<string, number>();

function goesOn(): boolean {
  return untilMs === undefined ? seeds < count : performance.now() < untilMs;
}

function report(seed: number, { violations, nodes, partitions, operations: ran, hash }: ClusterRunResult): void {
  for (const violation of violations) process.stdout.write(`seed ${seed}: ${violation}\n`);
  const { applied, rejected, unknown, silent } = ran;
  const outcomes = `${applied} applied, ${rejected} rejected, ${unknown} unknown, ${silent} without answer`;
  const verdict = violations.length === 0 ? 'good' : `${violations.length} VIOLATIONS`;
  process.stdout.write(`seed ${seed}: ${nodes} nodes, ${partitions} partitions, ${outcomes}: ${verdict}\n`);
  process.stdout.write(`hash ${hash}\n`);
}

for (let seed = first; goesOn(); seed += 1) {
  const print = values.verbose ? { print: (line: string): void => void process.stdout.write(`${line}\n`) } : {};
  const result = await new ClusterRun({ seed, operations, faults, ...print }).run();
  seeds += 1;
  if (result.violations.length > 0) bad += 1;
  virtualMs += result.virtualMs;
  done += result.operations.reads + result.operations.writes;
  for (const [kind, times] of result.faults) kinds.set(kind, (kinds.get(kind) ?? 0) + times);
  for (const [branch, times] of result.reached) reached.set(branch, (reached.get(branch) ?? 0) + times);
  report(seed, result);
}

const list = (map: ReadonlyMap<string, number>): string =>
  [...map]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');
process.stdout.write(
  `\n${seeds} seeds, ${(virtualMs / 3_600_000).toFixed(2)} simulated hours, ${done} operations, ${bad} bad\n`,
);
process.stdout.write(`faults: ${list(kinds)}\nreached: ${list(reached)}\n`);
process.exitCode = bad === 0 ? 0 : 1;
