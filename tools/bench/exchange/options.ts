/** What can be asked of `npm run bench -- exchange`, and the help that says so. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../root.ts';
import { list, whole } from '../arguments.ts';

export interface ExchangeBenchOptions {
  readonly keys: number;
  readonly partitionBits: number;
  readonly valueBytes: number;
  /** How many keys differ, one row each. */
  readonly differing: readonly number[];
  readonly rounds: number;
  readonly jsonFile: string;
  /** Only its disk is described, so that the machine reads as in the other benches. */
  readonly dataFolder: string;
}

const full = { keys: 1_000_000, differing: '0,100,10000,500000', rounds: 3 };
const quick = { keys: 50_000, differing: '0,100,1000,25000', rounds: 1 };

export const exchangeHelp = `npm run bench -- exchange [options]

Two nodes hold the same keys but for some, and exchange once for each partition, one after another, in memory: what goes over
in bytes and messages, and how long it takes without disk and network. Of the keys that differ a quarter each is older at the
one, older at the other, missing at either, concurrent. Afterwards both have to hold the same.

  --keys N         keys of each node (${full.keys})
  --bits N         in 2^N partitions, 0 to 14 (8)
  --value-bytes N  (100)
  --differing LIST how many keys differ, a row each (${full.differing})
  --rounds N       how often everything is measured (${full.rounds})
  --quick          ${quick.keys} keys, ${quick.differing}: to see that it runs, not to quote
  --json FILE      where the numbers go (build/bench/exchange.json)
  --dir FOLDER     a folder on the disk that the machine line speaks of (build/bench)
  --help           this
`;

/** Undefined when help was asked for. Throws an error that a user can read. */
export function parseExchangeOptions(args: readonly string[]): ExchangeBenchOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      keys: text,
      bits: text,
      'value-bytes': text,
      differing: text,
      rounds: text,
      json: text,
      dir: text,
      quick: flag,
      help: flag,
    },
  });
  if (values.help) return undefined;
  const base = values.quick ? quick : full;
  const keys = whole('--keys', values.keys ?? String(base.keys), 1, 10_000_000);
  return {
    keys,
    partitionBits: whole('--bits', values.bits ?? '8', 0, 14),
    valueBytes: whole('--value-bytes', values['value-bytes'] ?? '100', 0, 65_536),
    differing: list(values.differing ?? base.differing).map((count) => whole('--differing', count, 0, keys)),
    rounds: whole('--rounds', values.rounds ?? String(base.rounds), 1, 100),
    jsonFile: resolve(values.json ?? join(root, 'build', 'bench', 'exchange.json')),
    dataFolder: resolve(values.dir ?? join(root, 'build', 'bench')),
  };
}
