/** From rounds of the engine bench to what is reported: spreads, ratios round by round, aims, and what it cost. Pure. */
import { ratioSpread, spreadOf, type Spread } from '../spread.ts';
import { engineAims, type EngineAim } from './aims.ts';
import { keyBytes } from './data.ts';
import type { FillMeasured, Measured } from './protocol.ts';
import type { RowResult } from './rounds.ts';
import { fullValueBytes, type RowName } from './rows.ts';
import type { StoreName } from './stores/names.ts';

type ByStore<Value> = Readonly<Partial<Record<StoreName, Value>>>;

export interface RowSummary {
  readonly row: RowName;
  readonly valueBytes: number;
  readonly opsPerSec: ByStore<Spread>;
  /** Torc divided by each of these; absent where one of the two did not take part. */
  readonly torcOver: ByStore<Spread>;
  /** In which of its ways each store did the work: its fastest. */
  readonly ways: ByStore<string>;
  /** The longest stall of any round; absent where the bench itself holds the event loop. */
  readonly stallMs: ByStore<number>;
  /** Of the rows that fill alone. */
  readonly cost?: ByStore<FillCost>;
}

/** What a filled store took, in the median of the rounds. */
export interface FillCost {
  /** Bytes written to disk for each byte of key and value. */
  readonly writeAmplification: number;
  /** Bytes taken up on disk for each byte of key and value. */
  readonly spaceAmplification: number;
  readonly memoryBytesPerKey: number;
}

export interface EngineVerdict extends EngineAim {
  readonly ratio: Spread;
  readonly met: boolean;
}

export function summarise(results: readonly RowResult[]): readonly RowSummary[] {
  return results.map((result) => {
    const torc = result.stores.torc;
    const cost = byStore(result, (measured) => fillCost(measured, result));
    return {
      row: result.row,
      valueBytes: result.valueBytes,
      opsPerSec: byStore(result, (measured) => spreadOf(rates(measured))),
      torcOver: byStore(result, (measured, name) =>
        name === 'torc' || torc === undefined ? undefined : ratioSpread(rates(torc), rates(measured)),
      ),
      ways: byStore(result, ([first]) => first?.way),
      stallMs: byStore(result, (measured) => longestStall(measured)),
      ...(Object.keys(cost).length === 0 ? {} : { cost }),
    };
  });
}

/** Aims speak of one size of value; rows of another have none. */
export function judge(summaries: readonly RowSummary[]): readonly EngineVerdict[] {
  return engineAims.flatMap((aim) => {
    const found = summaries.find(({ row, valueBytes }) => row === aim.row && valueBytes === fullValueBytes);
    const ratio = found?.torcOver[aim.against];
    return ratio === undefined ? [] : [{ ...aim, ratio, met: ratio.median >= aim.atLeast }];
  });
}

function rates(measured: readonly Measured[]): readonly number[] {
  return measured.map(({ opsPerSec }) => opsPerSec);
}

function longestStall(measured: readonly Measured[]): number | undefined {
  const stalls = measured.flatMap(({ stallMs }) => (stallMs === undefined ? [] : [stallMs]));
  return stalls.length === 0 ? undefined : Math.max(...stalls);
}

function fillCost(measured: readonly (Measured | FillMeasured)[], result: RowResult): FillCost | undefined {
  const fills = measured.filter((one): one is FillMeasured => 'diskBytes' in one);
  if (fills.length === 0) return undefined;
  const userBytes = result.keys * (keyBytes + result.valueBytes);
  const median = (value: (fill: FillMeasured) => number): number => spreadOf(fills.map((fill) => value(fill))).median;
  return {
    writeAmplification: median((fill) => fill.writtenBytes) / userBytes,
    spaceAmplification: median((fill) => fill.diskBytes) / userBytes,
    memoryBytesPerKey: median((fill) => fill.memoryBytes) / result.keys,
  };
}

function byStore<Value>(
  result: RowResult,
  value: (measured: readonly (Measured | FillMeasured)[], name: StoreName) => Value | undefined,
): Partial<Record<StoreName, Value>> {
  const entries = (Object.keys(result.stores) as StoreName[]).map(
    (name) => [name, value(result.stores[name] ?? [], name)] as const,
  );
  return Object.fromEntries(entries.filter(([, found]) => found !== undefined));
}
