/**
 * `npm run bench -- NAME [options]`: the benches, each side by side with what a user would pick instead.
 *
 * They are run by hand and quoted with their machine; none of them is a test, because a test that depends on the speed
 * of a machine fails on somebody else's.
 */
import { benchEngine } from './engine/engine.ts';
import { engineHelp, parseEngineOptions } from './engine/options.ts';
import { benchExchange } from './exchange/exchange.ts';
import { exchangeHelp, parseExchangeOptions } from './exchange/options.ts';
import { benchOpen } from './open/open.ts';
import { openHelp, parseOpenOptions } from './open/options.ts';
import { parsePlannerOptions, plannerHelp } from './planner/options.ts';
import { benchPlanner } from './planner/planner.ts';
import { benchResp } from './resp.ts';
import { parseRespOptions, respHelp } from './resp-options.ts';

const help = `npm run bench -- NAME [options]

  resp      one node over RESP beside redis-server and the floor of the runtime
  engine    the engine beside other stores that a program embeds: classic-level, lmdb, better-sqlite3
  open      opening a large store, cleanly and after kill -9; memory and amplification while it is used
  planner   who holds which partition: plans for a large cluster, and what changes of it move
  exchange  what two holders of the same partitions send each other to mend what differs

npm run bench -- NAME --help shows the options of one.
`;

// Ends the servers that were started, and removes their data, by way of the handlers of 'exit'.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => process.exit(code));
}

const benches: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  resp: (args) => run(parseRespOptions(args), respHelp, benchResp),
  engine: (args) => run(parseEngineOptions(args), engineHelp, benchEngine),
  open: (args) => run(parseOpenOptions(args), openHelp, benchOpen),
  planner: (args) => run(parsePlannerOptions(args), plannerHelp, benchPlanner),
  exchange: (args) => run(parseExchangeOptions(args), exchangeHelp, benchExchange),
};

async function run<Options>(
  options: Options | undefined,
  help: string,
  bench: (options: Options) => Promise<void>,
): Promise<void> {
  if (options === undefined) process.stdout.write(help);
  else await bench(options);
}

const [name = '', ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  const asked = name === '--help' || name === 'help';
  process[asked ? 'stdout' : 'stderr'].write(help);
  process.exitCode = asked ? 0 : 2;
} else {
  try {
    await bench(args);
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
