/** What can be asked of `npm run bench -- engine`, and the help that says so. */
import { parseArgs } from 'node:util';
import { chosen, list, whole } from '../arguments.ts';
import { runArguments, type RunOptions, runOptions, text } from '../run-options.ts';
import { leastValueBytes } from './data.ts';
import { rowNames, rows, type RowName } from './rows.ts';
import { storeMeaning, storeNames, type StoreName } from './stores/names.ts';

/** Filling lasts as long as its keys take, whatever `seconds` says. */
export interface EngineBenchOptions extends RunOptions {
  /** In the rows of 100 bytes; larger values get fewer keys. */
  readonly keys: number;
  readonly values: readonly number[];
  readonly rows: readonly RowName[];
  readonly stores: readonly StoreName[];
}

const full = { rounds: 5, seconds: 2, keys: 300_000, values: '100,1024,10240' };
const quick = { rounds: 2, seconds: 0.4, keys: 20_000, values: '100' };

export const engineHelp = `npm run bench -- engine [options]

Torc's engine beside the stores that a Node program would embed instead: each in a process of its own, in alternating
rounds. Every value that is read is checked.

  --rounds N     rounds (${full.rounds})
  --seconds S    length of one measurement (${full.seconds})
  --keys N       keys in the rows of 100 bytes, fewer for larger values (${full.keys})
  --quick        ${quick.rounds} rounds of ${quick.seconds} s, ${quick.keys} keys: to see that it runs, not to quote
  --values LIST  sizes of the value in bytes; all rows at 100, some at others (${full.values})
  --rows LIST    which rows (all of them)
  --stores LIST  who takes part (all of them)
  --json FILE    where the numbers go (build/bench/engine.json)
  --dir FOLDER   where the stores keep their data, on a real disk (build/bench)
  --help         this

Rows:
${rowNames.map((name) => `  ${name.padEnd(9)} ${rows[name].about}`).join('\n')}

Stores:
${storeNames.map((name) => `  ${name.padEnd(14)} ${storeMeaning[name]}`).join('\n')}
`;

/** Undefined when help was asked for. Throws an error that a user can read. */
export function parseEngineOptions(args: readonly string[]): EngineBenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: { ...runArguments, keys: text, values: text, rows: text, stores: text },
  });
  if (values.help) return undefined;
  const base = values.quick ? quick : full;
  return {
    ...runOptions('engine', values, base),
    keys: whole('--keys', values.keys ?? String(base.keys), 1000, 100_000_000),
    values: list(values.values ?? base.values).map((item) => whole('--values', item, leastValueBytes, 1024 * 1024)),
    rows: chosen('--rows', values.rows, rowNames),
    stores: chosen('--stores', values.stores, storeNames),
  };
}
