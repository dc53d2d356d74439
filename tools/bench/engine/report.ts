/** The report of the engine bench that a person reads. Pure text. */
import type { Machine } from '../machine.ts';
import { aimTable, machineText, rate, ratio, spread, table } from '../text.ts';
import type { Plan } from './rounds.ts';
import type { StoreName } from './stores/names.ts';
import type { EngineVerdict, RowSummary } from './summary.ts';

export interface Heading extends Pick<Plan, 'rounds' | 'seconds' | 'keys' | 'stores'> {
  readonly versions: Readonly<Record<StoreName, string>>;
}

export function report(
  heading: Heading,
  machine: Machine,
  rows: readonly RowSummary[],
  verdicts: readonly EngineVerdict[],
): string {
  const { stores, rounds, seconds, keys } = heading;
  const others = stores.filter((name) => name !== 'torc' && stores.includes('torc'));
  const grid = (cell: (row: RowSummary, name: StoreName) => string): string =>
    table(
      ['row', ...stores],
      rows.map((row) => [rowName(row), ...stores.map((name) => cell(row, name))]),
    );
  const parts = [
    `The engine beside other embedded stores: ${keys} keys of 100 B, ${rounds} rounds of ${seconds} s each\n`,
    'Operations a second: median (least - most of the rounds)\n',
    grid((row, name) => spread(row.opsPerSec[name], rate)),
    '\nHow each did it: the fastest of its ways\n',
    grid((row, name) => row.ways[name] ?? '-'),
  ];
  if (others.length > 0) {
    parts.push(
      '\nRatios, one a round: median (least - most)\n',
      table(
        ['row', ...others.map((name) => `torc / ${name}`)],
        rows.map((row) => [rowName(row), ...others.map((name) => spread(row.torcOver[name], ratio))]),
      ),
    );
  }
  if (rows.some(({ stallMs }) => Object.keys(stallMs).length > 0)) {
    parts.push(
      '\nLongest stall of the event loop in ms; the bench itself holds it for up to 10 ms\n',
      grid(({ stallMs }, name) => (stallMs[name] === undefined ? '-' : stallMs[name].toFixed(1))),
    );
  }
  if (rows.some(({ cost }) => cost !== undefined)) parts.push(costTable(rows, stores));
  if (verdicts.length > 0) parts.push('\nAims\n', aimTable(verdicts));
  const software = [machine.runtime, ...stores.map((name) => `${name} ${heading.versions[name]}`)].join(', ');
  parts.push(`\n${machineText(machine, software)}`);
  return parts.join('');
}

function costTable(rows: readonly RowSummary[], stores: readonly StoreName[]): string {
  const lines = rows.flatMap((row) =>
    stores.flatMap((name) => {
      const cost = row.cost?.[name];
      if (cost === undefined) return [];
      const { writeAmplification, spaceAmplification, memoryBytesPerKey } = cost;
      return [[rowName(row), name, ratio(writeAmplification), ratio(spaceAmplification), memoryBytesPerKey.toFixed(0)]];
    }),
  );
  const heading = ['row', 'store', 'written / byte put', 'disk / byte put', 'memory a key, B'];
  return `\nWhat it cost, settled\n${table(heading, lines)}`;
}

function rowName({ row, valueBytes }: RowSummary): string {
  return `${row}, ${valueBytes} B`;
}
