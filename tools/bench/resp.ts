/**
 * `npm run bench -- resp`: one node over RESP, side by side with redis-server and the floor, in one run on one machine.
 * The table goes to stdout, progress to stderr, the numbers of every round to a JSON file.
 */
import { join } from 'node:path';
import { aimedAt } from './aims.ts';
import { describeMachine } from './machine.ts';
import { report } from './report.ts';
import type { RespOptions } from './resp-options.ts';
import { measureRows, type RowResult } from './rounds.ts';
import { makeDataRoot, writeResult } from './run-folder.ts';
import { judge, summarise } from './summary.ts';

const keys = 100_000;

export async function benchResp(options: RespOptions): Promise<void> {
  const dataRoot = makeDataRoot(options.dataFolder);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const machine = describeMachine(dataRoot);
  const { rounds, seconds, pipelines, servers, torcMain } = options;
  const plan = { rounds, seconds, pipelines, servers, keys, connections: aimedAt.connections, torcMain, say };
  const results: RowResult[] = [];
  for (const valueBytes of options.sizes) {
    results.push(...(await measureRows({ ...plan, dataRoot: join(dataRoot, String(valueBytes)) }, valueBytes)));
  }
  const rows = summarise(results);
  const verdicts = judge(rows);
  process.stdout.write(report(plan, machine, rows, verdicts));
  const content = {
    bench: 'resp',
    machine,
    rounds,
    seconds,
    keys,
    connections: aimedAt.connections,
    rows,
    aims: verdicts,
    measurements: results,
  };
  writeResult(options.jsonFile, content);
  say(`numbers: ${options.jsonFile}`);
}
