/** The report of the planner bench that a person reads. Pure text. */
import type { Machine } from '../machine.ts';
import type { Spread } from '../spread.ts';
import { machineText, spread, table } from '../text.ts';
import type { PlannerBenchOptions } from './options.ts';

export interface RowResult {
  readonly name: string;
  readonly planMs: Spread;
  /** Seats that come, go or move. */
  readonly moves: number;
  readonly violations: number;
}

/** Aimed at for a thousand nodes and 16384 partitions. */
const aimMs = 1000;

export function report(options: PlannerBenchOptions, machine: Machine, rows: readonly RowResult[]): string {
  const { nodes, partitionBits, copies, rounds } = options;
  const seats = copies * 2 ** partitionBits;
  return [
    `Plans for ${nodes} nodes, ${2 ** partitionBits} partitions, ${copies} copies: ${seats} seats; ${rounds} rounds\n`,
    table(
      ['', 'plan', 'ms: median (least - most)', 'moves', 'of all seats', 'violations'],
      rows.map(({ name, planMs, moves, violations }) => [
        planMs.median < aimMs ? 'met' : 'MISSED',
        name,
        spread(planMs, (ms) => ms.toFixed(0)),
        String(moves),
        `${((moves / seats) * 100).toFixed(2)} %`,
        String(violations),
      ]),
    ),
    `\nAim: below ${aimMs} ms each\n`,
    `\n${machineText(machine, `Torc on ${machine.runtime}`)}`,
  ].join('');
}
