/** What can be asked of `npm run bench -- planner`, and the help that says so. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../root.ts';
import { whole } from '../arguments.ts';

export interface PlannerBenchOptions {
  readonly nodes: number;
  readonly partitionBits: number;
  readonly copies: number;
  readonly rounds: number;
  readonly jsonFile: string;
  /** Only its disk is described, so that the machine reads as in the other benches. */
  readonly dataFolder: string;
}

const full = { nodes: 1000, partitionBits: 14, rounds: 5 };
const quick = { nodes: 100, partitionBits: 10, rounds: 2 };

export const plannerHelp = `npm run bench -- planner [options]

Plans who holds which partition of a large cluster: afresh, after one node more or less, with another weight, after a rack or
a data centre has come, with twice the partitions. How long each takes, and how many seats move.

  --nodes N      members (${full.nodes})
  --bits N       2^N partitions, 1 to 14 (${full.partitionBits})
  --copies N     seats of each partition (3)
  --rounds N     how often everything is measured, after one round to warm up (${full.rounds})
  --quick        ${quick.nodes} nodes, 2^${quick.partitionBits} partitions: to see that it runs, not to quote
  --json FILE    where the numbers go (build/bench/planner.json)
  --dir FOLDER   a folder on the disk that the machine line speaks of (build/bench)
  --help         this
`;

/** Undefined when help was asked for. Throws an error that a user can read. */
export function parsePlannerOptions(args: readonly string[]): PlannerBenchOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { nodes: text, bits: text, copies: text, rounds: text, json: text, dir: text, quick: flag, help: flag },
  });
  if (values.help) return undefined;
  const base = values.quick ? quick : full;
  return {
    nodes: whole('--nodes', values.nodes ?? String(base.nodes), 2, 3000),
    partitionBits: whole('--bits', values.bits ?? String(base.partitionBits), 1, 14),
    copies: whole('--copies', values.copies ?? '3', 1, 15),
    rounds: whole('--rounds', values.rounds ?? String(base.rounds), 1, 100),
    jsonFile: resolve(values.json ?? join(root, 'build', 'bench', 'planner.json')),
    dataFolder: resolve(values.dir ?? join(root, 'build', 'bench')),
  };
}
