/** The report of the exchange bench that a person reads. Pure text. */
import type { Machine } from '../machine.ts';
import type { Spread } from '../spread.ts';
import { machineText, spread, table } from '../text.ts';
import type { ExchangeBenchOptions } from './options.ts';
import { perPairBytes, rootBytes, type Totals } from './run.ts';

export interface RowResult extends Totals {
  readonly differing: number;
  readonly differingBytes: number;
  readonly seconds: Spread;
}

export function isMet({ pairsBeyond }: RowResult): boolean {
  return pairsBeyond === 0;
}

export function report(options: ExchangeBenchOptions, machine: Machine, rows: readonly RowResult[]): string {
  const { keys, partitionBits, valueBytes, rounds } = options;
  const cells = rows.map((row) => [
    isMet(row) ? 'met' : 'MISSED',
    String(row.differing),
    kibibytes(row.bytes),
    kibibytes(row.differingBytes),
    row.differingBytes === 0 ? '-' : (row.bytes / row.differingBytes).toFixed(2),
    kibibytes(row.mostBytes),
    String(row.pairsBeyond),
    String(row.messages),
    String(row.records),
    String(row.keysListed),
    spread(row.seconds, (seconds) => seconds.toFixed(2)),
  ]);
  const heading = [
    '',
    'differing',
    'sent',
    'records that differ',
    'ratio',
    'most of a pair',
    'pairs beyond',
    'messages',
    'records',
    'keys listed',
    'seconds: median (least - most)',
  ];
  return [
    `Exchange of ${keys} keys in ${2 ** partitionBits} partitions, values of ${valueBytes} bytes; ${rounds} rounds\n`,
    table(heading, cells),
    `\nAim: each pair of vnodes sends at most twice its records that differ and ${perPairBytes / 1024} KiB;`,
    ` where nothing differs its roots, ${rootBytes} bytes\n`,
    `\n${machineText(machine, `Torc on ${machine.runtime}`)}`,
  ].join('');
}

function kibibytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
