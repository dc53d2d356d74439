/**
 * `npm run bench -- exchange`: what it costs to find and mend so many differences. The report goes to stdout, progress to
 * stderr, the numbers to a JSON file.
 */
import { describeMachine } from '../machine.ts';
import { makeDataRoot, writeResult } from '../run-folder.ts';
import { spreadOf } from '../spread.ts';
import { pairsThatDiffer, sharedEntries } from './data.ts';
import type { ExchangeBenchOptions } from './options.ts';
import type { Entry } from './partition-store.ts';
import { isMet, report, type RowResult } from './report.ts';
import { exchangeAll, type Totals } from './run.ts';

export function benchExchange(options: ExchangeBenchOptions): Promise<void> {
  const machine = describeMachine(makeDataRoot(options.dataFolder));
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const rows = measure(options, say);
  process.stdout.write(report(options, machine, rows));
  const { keys, partitionBits, valueBytes, rounds } = options;
  const results = rows.map((row) => ({ ...row, met: isMet(row) }));
  writeResult(options.jsonFile, {
    bench: 'exchange',
    machine,
    keys,
    partitionBits,
    valueBytes,
    rounds,
    rows: results,
  });
  say(`numbers: ${options.jsonFile}`);
  return Promise.resolve();
}

/** A row for each number of differing keys. */
export function measure(
  options: Pick<ExchangeBenchOptions, 'keys' | 'partitionBits' | 'valueBytes' | 'differing' | 'rounds'>,
  say: (line: string) => void,
): readonly RowResult[] {
  const { keys, partitionBits, valueBytes, differing, rounds } = options;
  say(`${keys} keys`);
  const shared = sharedEntries(keys, partitionBits, valueBytes);
  return differing.map((count) => {
    const measured = Array.from({ length: rounds }, () => measureOnce(shared, partitionBits, count));
    say(`${count} differing`);
    const { totals, differingBytes } = measured[0] as (typeof measured)[number];
    return { differing: count, ...totals, differingBytes, seconds: spreadOf(measured.map(({ seconds }) => seconds)) };
  });
}

/** The bytes are the same in every round, the time is not. Making the stores does not count. */
function measureOnce(
  shared: readonly (readonly Entry[])[],
  partitionBits: number,
  differing: number,
): { readonly seconds: number; readonly totals: Totals; readonly differingBytes: number } {
  const pairs = pairsThatDiffer(shared, partitionBits, differing);
  const before = performance.now();
  const totals = exchangeAll(pairs);
  const seconds = (performance.now() - before) / 1000;
  return { seconds, totals, differingBytes: pairs.reduce((sum, pair) => sum + pair.differingBytes, 0) };
}
