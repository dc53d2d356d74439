/** What can be asked of `npm run bench -- resp`, and the help that says so. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../root.ts';
import { chosen, list, whole } from './arguments.ts';
import { contenderMeaning, contenderNames, type ContenderName } from './contenders.ts';
import { runArguments, type RunOptions, runOptions, text } from './run-options.ts';

/** The number of requests is sized to `seconds`. */
export interface RespOptions extends RunOptions {
  readonly sizes: readonly number[];
  readonly pipelines: readonly number[];
  readonly servers: readonly ContenderName[];
  readonly torcMain: string;
}

const full = { rounds: 5, seconds: 2.5 };
const quick = { rounds: 2, seconds: 0.6 };

export const respHelp = `npm run bench -- resp [options]

One Torc node over RESP beside redis-server and the floor of the runtime, driven by redis-benchmark: SET and GET,
50 connections, 100000 keys drawn at random, in alternating rounds. Needs redis-server and redis-benchmark.

  --rounds N        rounds (${full.rounds})
  --seconds S       length of one measurement (${full.seconds})
  --quick           ${quick.rounds} rounds of ${quick.seconds} s: to see that it runs, not to quote
  --sizes LIST      sizes of the value in bytes, each a run of its own (100)
  --pipelines LIST  commands sent before waiting for their replies (1,16,100)
  --servers LIST    who takes part (all of them)
  --json FILE       where the numbers go (build/bench/resp.json)
  --dir FOLDER      where the servers keep their data, on a real disk (build/bench)
  --torc FILE       Torc's main file, to measure what was built (packages/cli/src/main.ts)
  --help            this

Servers:
${contenderNames.map((name) => `  ${name.padEnd(15)} ${contenderMeaning[name]}`).join('\n')}
`;

/** Undefined when help was asked for. Throws an error that a user can read. */
export function parseRespOptions(args: readonly string[]): RespOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: { ...runArguments, sizes: text, pipelines: text, servers: text, torc: text },
  });
  if (values.help) return undefined;
  return {
    ...runOptions('resp', values, values.quick ? quick : full),
    sizes: list(values.sizes ?? '100').map((item) => whole('--sizes', item, 1, 1024 * 1024)),
    pipelines: list(values.pipelines ?? '1,16,100').map((item) => whole('--pipelines', item, 1, 10_000)),
    servers: chosen('--servers', values.servers, contenderNames),
    torcMain: resolve(values.torc ?? join(root, 'packages', 'cli', 'src', 'main.ts')),
  };
}
