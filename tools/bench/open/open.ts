/**
 * `npm run bench -- open`: one large store of Torc, opened after a clean end and after kill -9, and overwritten with
 * little memory. The report goes to stdout, progress to stderr, the numbers to a JSON file.
 */
import { join } from 'node:path';
import { describeMachine } from '../machine.ts';
import { makeDataRoot, writeResult } from '../run-folder.ts';
import type { OpenBenchOptions } from './options.ts';
import { measurePhases } from './phases.ts';
import { report } from './report.ts';
import { runAsBuilt } from './run-as-built.ts';

export async function benchOpen(options: OpenBenchOptions): Promise<void> {
  const dataRoot = makeDataRoot(options.dataFolder);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const machine = describeMachine(dataRoot);
  await runAsBuilt(dataRoot, say);
  const result = await measurePhases({ ...options, folder: join(dataRoot, 'torc'), say });
  process.stdout.write(report(options, machine, result));
  const { keys, valueBytes, budgetBytes, seconds, overwrites } = options;
  writeResult(options.jsonFile, { bench: 'open', machine, keys, valueBytes, budgetBytes, seconds, overwrites, result });
  say(`numbers: ${options.jsonFile}`);
}
