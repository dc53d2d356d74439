/**
 * `npm run bugs`: switches every planted bug on, one at a time, and prints who catches it and in how many runs. A bug that
 * nobody sees, or a checker that complains without it, fails the command.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { catchAll } from '@torc/sim/bugs/catchers';

const { values } = parseArgs({
  options: { most: { type: 'string', default: '300' }, help: { type: 'boolean', default: false } },
});

if (values.help) {
  process.stdout.write('npm run bugs -- [--most RUNS]\n');
  process.exit(0);
}

let missed = 0;
process.stdout.write(`${'bug'.padEnd(40)} ${'caught by'.padEnd(40)} runs  verdict\n`);
for await (const { bug, catcher, runs, verdict } of catchAll(Number(values.most))) {
  if (runs === 0) missed += 1;
  process.stdout.write(`${bug.padEnd(40)} ${catcher.padEnd(40)} ${String(runs).padStart(4)}  ${verdict}\n`);
}
process.stdout.write(missed === 0 ? 'every planted bug is caught\n' : `${missed} planted bugs are NOT caught\n`);
process.exitCode = missed === 0 ? 0 : 1;
