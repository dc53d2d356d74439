/**
 * `npm run bench -- planner`: how long plans for a large cluster take, and how much they move. The report goes to stdout,
 * progress to stderr, the numbers to a JSON file.
 */
import { movesOf } from '@torc/cluster/placement/moves';
import { planSeats } from '@torc/cluster/placement/plan';
import { describeMachine } from '../machine.ts';
import { makeDataRoot, writeResult } from '../run-folder.ts';
import { spreadOf } from '../spread.ts';
import type { PlannerBenchOptions } from './options.ts';
import { report, type RowResult } from './report.ts';
import { plannerRows } from './rows.ts';

export function benchPlanner(options: PlannerBenchOptions): Promise<void> {
  measure(options);
  return Promise.resolve();
}

function measure(options: PlannerBenchOptions): void {
  const machine = describeMachine(makeDataRoot(options.dataFolder));
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  say('the clusters');
  const rows = plannerRows(options).map((row) => ({ ...row, planMs: [] as number[] }));
  for (let round = 0; round <= options.rounds; round += 1) {
    for (const { topology, planMs } of rows) {
      const before = performance.now();
      planSeats(topology);
      if (round > 0) planMs.push(performance.now() - before);
    }
    say(round === 0 ? 'warm' : `round ${round} of ${options.rounds}`);
  }
  const results = rows.map(({ name, topology, planMs }): RowResult => {
    const plan = planSeats(topology);
    const moves = movesOf(topology, plan).length;
    return { name, planMs: spreadOf(planMs), moves, violations: plan.violations.length };
  });
  process.stdout.write(report(options, machine, results));
  const { nodes, partitionBits, copies, rounds } = options;
  writeResult(options.jsonFile, { bench: 'planner', machine, nodes, partitionBits, copies, rounds, rows: results });
  say(`numbers: ${options.jsonFile}`);
}
