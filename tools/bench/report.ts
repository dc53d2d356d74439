/** The report that a person reads: operations a second, ratios, aims, and the machine. Pure text. */
import type { ContenderName } from './contenders.ts';
import type { Machine } from './machine.ts';
import type { Spread } from './spread.ts';
import { comparedWith, type AimVerdict, type RowSummary } from './summary.ts';

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
  parts.push(`\n${machineText(machine)}`);
  return parts.join('');
}

function aimTable(verdicts: readonly AimVerdict[]): string {
  return table(
    ['', 'row', 'ratio', 'aim', 'median'],
    verdicts.map(({ met, row, against, atLeast, ratio: { median } }) => [
      met ? 'met' : 'MISSED',
      row,
      `torc / ${against}`,
      `>= ${atLeast}`,
      ratio(median),
    ]),
  );
}

function machineText(machine: Machine): string {
  const { filesystem, fdatasync } = machine;
  const lines = [
    `Machine: ${machine.cores} cores ${machine.model}, ${machine.memoryGiB} GiB, kernel ${machine.kernel}`,
    `Software: ${machine.runtime} for Torc and the floor, redis-server ${machine.redis}`,
    `Disk: ${filesystem.type} on ${filesystem.device}; 4 KiB and fdatasync: p50 ${fdatasync.p50Micros} us, p99 ${fdatasync.p99Micros} us`,
  ];
  if (machine.loadBefore > 0.3) {
    lines.push(`Beware: the load average was ${machine.loadBefore.toFixed(2)} before the bench: something else ran`);
  }
  return `${lines.join('\n')}\n`;
}

function rowName({ name, valueBytes }: RowSummary): string {
  return `${name}, ${valueBytes} B`;
}

function spread(value: Spread | undefined, show: (number: number) => string): string {
  return value === undefined ? '-' : `${show(value.median)} (${show(value.min)} - ${show(value.max)})`;
}

function rate(value: number): string {
  return value >= 1_000_000 ? `${(value / 1_000_000).toFixed(2)}M` : `${(value / 1000).toFixed(1)}k`;
}

function ratio(value: number): string {
  return value.toFixed(2);
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((cell, column) => Math.max(cell.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `  ${cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd()}\n`;
  return [heading, ...rows].map((cells) => line(cells)).join('');
}
