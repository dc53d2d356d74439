/**
 * `npm run bench -- NAME [options]`: the benches, each side by side with what a user would pick instead.
 *
 * They are run by hand and quoted with their machine; none of them is a test, because a test that depends on the speed
 * of a machine fails on somebody else's.
 */
import { benchResp } from './resp.ts';
import { parseRespOptions, respHelp } from './resp-options.ts';

const help = `npm run bench -- NAME [options]

  resp   one node over RESP beside redis-server and the floor of the runtime

npm run bench -- NAME --help shows the options of one.
`;

// Ends the servers that were started, and removes their data, by way of the handlers of 'exit'.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => process.exit(code));
}

const [name, ...args] = process.argv.slice(2);
if (name === 'resp') {
  try {
    const options = parseRespOptions(args);
    if (options === undefined) process.stdout.write(respHelp);
    else await benchResp(options);
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
} else {
  const asked = name === '--help' || name === 'help';
  process[asked ? 'stdout' : 'stderr'].write(help);
  process.exitCode = asked ? 0 : 2;
}
