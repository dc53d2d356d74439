/** What can be asked of `npm run bench -- open`, and the help that says so. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../root.ts';
import { number, whole } from '../arguments.ts';
import { leastValueBytes } from '../engine/data.ts';

export interface OpenBenchOptions {
  readonly keys: number;
  readonly valueBytes: number;
  /** What Torc may keep in memory. */
  readonly budgetBytes: number;
  /** How long keys are read at random after an opening. */
  readonly seconds: number;
  readonly overwrites: number;
  readonly jsonFile: string;
  readonly dataFolder: string;
}

const full = { keys: 5_000_000, budgetMiB: 256, seconds: 10 };
const quick = { keys: 50_000, budgetMiB: 256, seconds: 1 };

export const openHelp = `npm run bench -- open [options]

One large store: how long opening takes after a clean end and after kill -9, how much memory it takes throughout, and
what overwriting at random costs when the data are ten times the memory.

  --keys N        keys that are put first (${full.keys})
  --value BYTES   size of a value (100)
  --budget MIB    what Torc may keep in memory (${full.budgetMiB})
  --seconds S     how long keys are read at random after each opening (${full.seconds})
  --overwrites N  keys overwritten at random at the end (as many as --keys)
  --quick         ${quick.keys} keys, ${quick.seconds} s: to see that it runs, not to quote
  --json FILE     where the numbers go (build/bench/open.json)
  --dir FOLDER    where the store keeps its data, on a real disk (build/bench)
  --help          this
`;

/** Undefined when help was asked for. Throws an error that a user can read. */
export function parseOpenOptions(args: readonly string[]): OpenBenchOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      keys: text,
      value: text,
      budget: text,
      seconds: text,
      overwrites: text,
      json: text,
      dir: text,
      quick: flag,
      help: flag,
    },
  });
  if (values.help) return undefined;
  const base = values.quick ? quick : full;
  const keys = whole('--keys', values.keys ?? String(base.keys), 1000, 1_000_000_000);
  return {
    keys,
    valueBytes: whole('--value', values.value ?? '100', leastValueBytes, 1024 * 1024),
    budgetBytes: whole('--budget', values.budget ?? String(base.budgetMiB), 1, 1024 * 1024) * 1024 * 1024,
    seconds: number('--seconds', values.seconds ?? String(base.seconds), 0.1, 3600),
    overwrites: whole('--overwrites', values.overwrites ?? String(keys), 1, 1_000_000_000),
    jsonFile: resolve(values.json ?? join(root, 'build', 'bench', 'open.json')),
    dataFolder: resolve(values.dir ?? join(root, 'build', 'bench')),
  };
}
