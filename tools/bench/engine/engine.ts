/**
 * `npm run bench -- engine`: Torc's engine side by side with other embedded stores, in one run on one machine. The
 * report goes to stdout, progress to stderr, the numbers of every round to a JSON file.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../root.ts';
import { makeDataRoot, writeResult } from '../run-folder.ts';
import { describeMachine } from '../machine.ts';
import type { EngineBenchOptions } from './options.ts';
import { report } from './report.ts';
import { measureEngine, type RowResult } from './rounds.ts';
import { storeNames, type StoreName } from './stores/names.ts';
import { judge, summarise } from './summary.ts';

export async function benchEngine(options: EngineBenchOptions): Promise<void> {
  const dataRoot = makeDataRoot(options.dataFolder);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const machine = describeMachine(dataRoot);
  const { rounds, seconds, keys, stores } = options;
  const plan = { rounds, seconds, keys, rows: options.rows, stores, dataRoot, say };
  const measurements: RowResult[] = [];
  for (const valueBytes of options.values) measurements.push(...(await measureEngine(plan, valueBytes)));
  const rows = summarise(measurements);
  const aims = judge(rows);
  const versions = storeVersions();
  process.stdout.write(report({ rounds, seconds, keys, stores, versions }, machine, rows, aims));
  const content = { bench: 'engine', machine, versions, rounds, seconds, keys, rows, aims, measurements };
  writeResult(options.jsonFile, content);
  say(`numbers: ${options.jsonFile}`);
}

function storeVersions(): Readonly<Record<StoreName, string>> {
  const entries = storeNames.map((name) => {
    const file = name === 'torc' ? join(root, 'package.json') : join(root, 'node_modules', name, 'package.json');
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    return [name, version] as const;
  });
  return Object.fromEntries(entries) as Record<StoreName, string>;
}
