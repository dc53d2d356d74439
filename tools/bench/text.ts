/** How the reports of all benches show numbers, tables and the machine. Pure text. */
import type { Machine } from './machine.ts';
import type { Spread } from './spread.ts';

/** An aim and what became of it. */
export interface Verdict {
  readonly met: boolean;
  readonly row: string;
  /** Whom Torc was compared with. */
  readonly against: string;
  readonly atLeast: number;
  readonly ratio: Spread;
}

export function machineText(machine: Machine, software: string): string {
  const { filesystem, fdatasync } = machine;
  const lines = [
    `Machine: ${machine.cores} cores ${machine.model}, ${machine.memoryGiB} GiB, kernel ${machine.kernel}`,
    `Software: ${software}`,
    `Disk: ${filesystem.type} on ${filesystem.device}; 4 KiB and fdatasync: p50 ${fdatasync.p50Micros} us, p99 ${fdatasync.p99Micros} us`,
  ];
  if (machine.loadBefore > 0.3) {
    lines.push(`Beware: the load average was ${machine.loadBefore.toFixed(2)} before the bench: something else ran`);
  }
  return `${lines.join('\n')}\n`;
}

export function spread(value: Spread | undefined, show: (number: number) => string): string {
  return value === undefined ? '-' : `${show(value.median)} (${show(value.min)} - ${show(value.max)})`;
}

export function rate(value: number): string {
  return value >= 1_000_000 ? `${(value / 1_000_000).toFixed(2)}M` : `${(value / 1000).toFixed(1)}k`;
}

export function ratio(value: number): string {
  return value.toFixed(2);
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((cell, column) => Math.max(cell.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `  ${cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd()}\n`;
  return [heading, ...rows].map((cells) => line(cells)).join('');
}

export function aimTable(verdicts: readonly Verdict[]): string {
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
