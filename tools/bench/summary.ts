/** From rounds to what is reported: spreads, ratios taken round by round, and which aims were met. Pure. */
import { aims, aimedAt, type Aim } from './aims.ts';
import type { ContenderName } from './contenders.ts';
import type { RowResult } from './rounds.ts';
import { ratioSpread, spreadOf, type Spread } from './spread.ts';

export interface RowSummary {
  readonly name: string;
  readonly command: 'SET' | 'GET';
  readonly pipeline: number;
  readonly valueBytes: number;
  readonly opsPerSec: Readonly<Partial<Record<ContenderName, Spread>>>;
  /** Torc divided by each of these; absent where one of the two did not take part. */
  readonly torcOver: Readonly<Partial<Record<ContenderName, Spread>>>;
}

export interface AimVerdict extends Aim {
  readonly row: string;
  readonly ratio: Spread;
  readonly met: boolean;
}

/** The ratios that are always shown. */
export const comparedWith: readonly ContenderName[] = ['redis-always', 'redis-off', 'floor'];

export function summarise(results: readonly RowResult[]): readonly RowSummary[] {
  return results.map((result) => ({
    name: `${result.command} P${result.pipeline}`,
    command: result.command,
    pipeline: result.pipeline,
    valueBytes: result.valueBytes,
    opsPerSec: mapServers(result, (name) => spreadOf(rates(result, name))),
    torcOver: mapServers(result, (name) =>
      name === 'torc' || result.servers.torc === undefined
        ? undefined
        : ratioSpread(rates(result, 'torc'), rates(result, name)),
    ),
  }));
}

/** Aims speak of one size of value; rows of another have none. */
export function judge(rows: readonly RowSummary[]): readonly AimVerdict[] {
  return aims.flatMap((aim) => {
    const row = rows.find(
      ({ command, pipeline, valueBytes }) =>
        command === aim.command && pipeline === aim.pipeline && valueBytes === aimedAt.valueBytes,
    );
    const ratio = row?.torcOver[aim.against];
    if (row === undefined || ratio === undefined) return [];
    return [{ ...aim, row: row.name, ratio, met: ratio.median >= aim.atLeast }];
  });
}

function rates(result: RowResult, name: ContenderName): readonly number[] {
  return (result.servers[name] ?? []).map(({ opsPerSec }) => opsPerSec);
}

function mapServers(
  result: RowResult,
  value: (name: ContenderName) => Spread | undefined,
): Partial<Record<ContenderName, Spread>> {
  const entries = (Object.keys(result.servers) as ContenderName[]).map((name) => [name, value(name)] as const);
  return Object.fromEntries(entries.filter(([, spread]) => spread !== undefined));
}
