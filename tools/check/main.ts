/**
 * The gate: `npm test`. Runs every step, two at a time, prints a line for each, the output of those that failed, and
 * ends with the counts. With CI=true a skipped test fails it: what a machine skips, nobody looks at again.
 */
import { parseArgs } from 'node:util';
import { stopAll } from './command.ts';
import { schedule, type Finished } from './schedule.ts';
import { select, UnknownStep, type Step } from './step.ts';
import { steps } from './steps.ts';
import { emptyTally, sum, summaryLine, type Tally } from './tally.ts';

const help = `npm test                        the whole gate
npm test -- --only tests,types  only these steps, and what they need
npm test -- --verbose           the output of steps that passed, too
npm test -- --list              the steps
`;

const lanes = 2;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      list: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return print(help);
  if (values.list) return print(steps.map((step) => `${step.name.padEnd(13)}${step.about}\n`).join(''));
  const chosen = values.only === undefined ? steps : select(steps, values.only.split(','));
  return runGate(chosen, values.verbose);
}

async function runGate(chosen: readonly Step[], verbose: boolean): Promise<number> {
  process.on('SIGINT', () => interrupted(130));
  process.on('SIGTERM', () => interrupted(143));
  const startMs = performance.now();
  const onFinished = (finished: Finished): void => show(finished, verbose);
  const finished = await schedule(chosen, { lanes, nowMs: () => performance.now(), onFinished });
  const total = finished.map(({ result }) => countsOf(result)).reduce(sum, emptyTally);
  const skipsFail = process.env['CI'] === 'true' && total.skipped.length > 0;
  if (total.skipped.length > 0) {
    process.stdout.write(skipsFail ? 'CI=true, and these were skipped:\n' : 'skipped:\n');
    for (const name of total.skipped) process.stdout.write(`  ${name}\n`);
  }
  process.stdout.write(`${((performance.now() - startMs) / 1000).toFixed(1)} s\n${summaryLine(total)}\n`);
  return total.failed > 0 || skipsFail || finished.some(({ result }) => !result.ok) ? 1 : 0;
}

/** A failed step without tests of its own counts as one failure, so that the last line never says 0 of a red gate. */
function countsOf(result: Finished['result']): Tally {
  return result.tally ?? { ...emptyTally, failed: result.ok ? 0 : 1 };
}

function show({ step, result, seconds }: Finished, verbose: boolean): void {
  const counts = result.tally === undefined ? '' : `  ${summaryLine(result.tally).replace('torc: ', '')}`;
  process.stdout.write(
    `${result.ok ? 'ok  ' : 'FAIL'} ${step.name.padEnd(12)} ${seconds.toFixed(1).padStart(5)} s${counts}\n`,
  );
  if (verbose || !result.ok) process.stdout.write(result.output.replace(/\n?$/, '\n').replaceAll(/^(?=.)/gm, '     '));
}

function interrupted(code: number): void {
  stopAll();
  process.exit(code);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  const usage = error instanceof UnknownStep || (error instanceof TypeError && 'code' in error);
  if (!usage) throw error;
  process.stderr.write(`${error.message}\n${help}`);
  process.exitCode = 2;
}
