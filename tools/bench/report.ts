/** The report that a person reads: operations a second, ratios, aims, and the machine. Pure text. */
import type { ContenderName } from './contenders.ts';
import type { Machine } from './machine.ts';
import { comparedWith, type AimVerdict, type RowSummary } from './summary.ts';
import { aimTable, machineText, rate, ratio, spread, table } from './text.ts';

export interface Heading {
  readonly connections: number;
  readonly keys: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly servers: readonly ContenderName[];
}

export function report(
  heading: Heading,
  machine: Machine,
  rows: readonly RowSummary[],
  verdicts: readonly AimVerdict[],
): string {
  const { connections, keys, rounds, seconds } = heading;
  const compared = comparedWith.filter((name) => rows.some((row) => row.torcOver[name] !== undefined));
  const parts = [
    `One node over RESP: ${connections} connections, ${keys} keys, ${rounds} rounds of ${seconds} s each\n`,
    'Operations a second: median (least - most of the rounds)\n',
    table(
      ['row', ...heading.servers],
      rows.map((row) => [rowName(row), ...heading.servers.map((name) => spread(row.opsPerSec[name], rate))]),
    ),
  ];
  if (compared.length > 0) {
    parts.push(
      '\nRatios, one a round: median (least - most)\n',
      table(
        ['row', ...compared.map((name) => `torc / ${name}`)],
        rows.map((row) => [rowName(row), ...compared.map((name) => spread(row.torcOver[name], ratio))]),
      ),
    );
  }
  if (verdicts.length > 0) parts.push('\nAims\n', aimTable(verdicts));
  const software = `${machine.runtime} for Torc and the floor, redis-server ${machine.redis}`;
  parts.push(`\n${machineText(machine, software)}`);
  return parts.join('');
}

function rowName({ name, valueBytes }: RowSummary): string {
  return `${name}, ${valueBytes} B`;
}
