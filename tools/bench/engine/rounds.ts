/**
 * Measures the engine bench: the stores of a set are opened and filled, warmed, and measured in rounds. In a round every
 * store gets the same row one right after the other, and every other round the order is reversed. Stores that wait have
 * settled and use no processor.
 */
import { join } from 'node:path';
import { keyBytes } from './data.ts';
import type { FillMeasured, Measured } from './protocol.ts';
import { keysFor, rowsFor, setNames, type Row, type RowName, type SetName } from './rows.ts';
import { StoreProcess } from './store-process.ts';
import type { StoreName } from './stores/names.ts';

export interface RowResult {
  readonly row: RowName;
  readonly valueBytes: number;
  readonly keys: number;
  /** For each store as many measurements as there were rounds, in their order. */
  readonly stores: Readonly<Partial<Record<StoreName, readonly (Measured | FillMeasured)[]>>>;
}

export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly keys: number;
  readonly rows: readonly RowName[];
  readonly stores: readonly StoreName[];
  readonly dataRoot: string;
  readonly say: (line: string) => void;
}

interface Running {
  readonly name: StoreName;
  readonly process: StoreProcess;
  readonly folder: string;
}

interface Work extends Plan {
  readonly valueBytes: number;
  readonly keysHere: number;
  readonly budgetBytes: number;
}

const coldFraction = 10;
const hotMultiple = 4;
const leastBudgetBytes = 1024 * 1024;

export async function measureEngine(plan: Plan, valueBytes: number): Promise<readonly RowResult[]> {
  const results: RowResult[] = [];
  for (const set of setNames) {
    const rows = rowsFor(valueBytes, plan.rows).filter((row) => row.set === set);
    if (rows.length > 0) results.push(...(await measureSet(plan, set, rows, valueBytes)));
  }
  return results;
}

async function measureSet(
  plan: Plan,
  set: SetName,
  rows: readonly Row[],
  valueBytes: number,
): Promise<readonly RowResult[]> {
  const keysHere = keysFor(valueBytes, plan.keys);
  const dataBytes = keysHere * (keyBytes + valueBytes);
  const wanted = set === 'cold' ? dataBytes / coldFraction : dataBytes * hotMultiple;
  const work = { ...plan, valueBytes, keysHere, budgetBytes: Math.max(leastBudgetBytes, Math.round(wanted)) };
  const running = plan.stores.map((name) => ({
    name,
    process: new StoreProcess(),
    folder: join(plan.dataRoot, `${valueBytes}-${set}-${name}`),
  }));
  try {
    for (const one of running) await prepare(work, one, set, rows);
    return await measureRounds(work, running, rows);
  } finally {
    await Promise.all(running.map(({ process }) => process.stop()));
  }
}

async function prepare(
  work: Work,
  { name, process, folder }: Running,
  set: SetName,
  rows: readonly Row[],
): Promise<void> {
  const { say, valueBytes, budgetBytes, keysHere } = work;
  say(`warm-up: ${name}, ${set}, ${valueBytes} B`);
  const options = { store: name, folder, budgetBytes, valueBytes };
  if (set === 'fill') {
    await process.call('measureFill', { ...options, keys: Math.ceil(keysHere / 10), compare: true });
    return;
  }
  await process.call('open', options);
  await process.call('fill', { from: 0, to: keysHere });
  await process.call('settle', {});
  for (const row of rows) {
    const seconds = Math.min(work.seconds, 0.5);
    const tried = await process.call('warm', { row: row.name, keys: keysHere, seconds, seed: 1 });
    if (tried.length > 1) {
      say(`  ${row.name}: ${tried.map(({ way, opsPerSec }) => `${way} ${Math.round(opsPerSec)}`).join(', ')}`);
    }
  }
}

async function measureRounds(
  work: Work,
  running: readonly Running[],
  rows: readonly Row[],
): Promise<readonly RowResult[]> {
  const results = rows.map((row) => ({ row, stores: {} as Partial<Record<StoreName, Measured[]>> }));
  for (let round = 0; round < work.rounds; round += 1) {
    for (const { row, stores } of results) {
      const said: string[] = [];
      for (const one of round % 2 === 0 ? running : running.toReversed()) {
        const measured = await measureOne(work, one, row, round);
        (stores[one.name] ??= []).push(measured);
        said.push(`${one.name} ${Math.round(measured.opsPerSec)}`);
      }
      work.say(`round ${round + 1} of ${work.rounds}: ${row.name}, ${work.valueBytes} B: ${said.join(', ')}`);
    }
  }
  const { valueBytes, keysHere: keys } = work;
  return results.map(({ row, stores }) => ({ row: row.name, valueBytes, keys, stores }));
}

function measureOne(work: Work, one: Running, row: Row, round: number): Promise<Measured> {
  const { valueBytes, budgetBytes, keysHere: keys, seconds } = work;
  if (row.set === 'fill') {
    const { name: store, folder } = one;
    return one.process.call('measureFill', { store, folder, budgetBytes, valueBytes, keys, compare: false });
  }
  return one.process.call('measure', { row: row.name, keys, seconds, seed: round + 2 });
}
