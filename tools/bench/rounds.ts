/**
 * Measures: starts all servers, warms them, then goes through the rows in rounds. In a round every server gets the same
 * row one right after the other, and every other round the order is reversed, so that neither a slow minute of the
 * machine nor a place in the order favours one of them. Servers that wait use no processor.
 */
import { roundOrder, startContender, type ContenderName } from './contenders.ts';
import { fill, runLoad, type Measured } from './load.ts';
import type { ServerProcess } from './server-process.ts';

export interface Row {
  readonly command: 'SET' | 'GET';
  readonly pipeline: number;
  readonly valueBytes: number;
}

/** One row's measurements: for each server as many as there were rounds, in their order. */
export interface RowResult extends Row {
  readonly servers: Readonly<Partial<Record<ContenderName, readonly Measured[]>>>;
}

export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly pipelines: readonly number[];
  readonly servers: readonly ContenderName[];
  readonly connections: number;
  readonly keys: number;
  readonly dataRoot: string;
  readonly torcMain: string;
  readonly say: (line: string) => void;
}

interface Running {
  readonly name: ContenderName;
  readonly server: ServerProcess;
  /** Operations a second last time, by row: the next measurement is sized by it. */
  readonly lastRate: Map<Row, number>;
}

const warmUpRequests = { 1: 20_000, more: 100_000 };

export async function measureRows(plan: Plan, valueBytes: number): Promise<readonly RowResult[]> {
  const rows = (['SET', 'GET'] as const).flatMap((command) =>
    plan.pipelines.map((pipeline): Row => ({ command, pipeline, valueBytes })),
  );
  const running: Running[] = [];
  try {
    for (const name of plan.servers) {
      const server = await startContender({ name, dataRoot: plan.dataRoot, valueBytes, torcMain: plan.torcMain });
      running.push({ name, server, lastRate: new Map() });
    }
    for (const one of running) await warmUp(plan, one, rows);
    return await measure(plan, running, rows);
  } finally {
    await Promise.all(running.map(({ server }) => server.stop()));
  }
}

/** Every key set, and every row run twice: a compiler that has seen the work, and a first guess of the speed. */
async function warmUp(plan: Plan, one: Running, rows: readonly Row[]): Promise<void> {
  plan.say(`warm-up: ${one.name}`);
  await fill(one.server.port, plan.keys, rows[0]?.valueBytes ?? 0);
  for (const row of rows) {
    const requests = row.pipeline === 1 ? warmUpRequests[1] : warmUpRequests.more;
    const first = await runLoad(one.server.port, { ...row, connections: plan.connections, keys: plan.keys, requests });
    one.lastRate.set(row, first.opsPerSec);
    await measureOne({ ...plan, seconds: Math.min(plan.seconds, 1) }, one, row);
  }
}

async function measure(plan: Plan, running: readonly Running[], rows: readonly Row[]): Promise<readonly RowResult[]> {
  const results = rows.map((row) => ({ row, servers: {} as Partial<Record<ContenderName, Measured[]>> }));
  for (let round = 0; round < plan.rounds; round++) {
    for (const { row, servers } of results) {
      const said: string[] = [];
      for (const one of ordered(running, row.command, round)) {
        const measured = await measureOne(plan, one, row);
        (servers[one.name] ??= []).push(measured);
        said.push(`${one.name} ${Math.round(measured.opsPerSec)}`);
      }
      plan.say(`round ${round + 1} of ${plan.rounds}: ${row.command} P${row.pipeline}: ${said.join(', ')}`);
    }
  }
  return results.map(({ row, servers }) => ({ ...row, servers }));
}

function ordered(running: readonly Running[], command: Row['command'], round: number): readonly Running[] {
  const order = roundOrder[command].flatMap((name) => running.filter((one) => one.name === name));
  return round % 2 === 0 ? order : order.toReversed();
}

async function measureOne(plan: Plan, one: Running, row: Row): Promise<Measured> {
  const pipelines = plan.connections * row.pipeline;
  const wanted = (one.lastRate.get(row) ?? 0) * plan.seconds;
  const requests = Math.max(4, Math.ceil(wanted / pipelines)) * pipelines;
  const measured = await runLoad(one.server.port, { ...row, connections: plan.connections, keys: plan.keys, requests });
  one.lastRate.set(row, measured.opsPerSec);
  return measured;
}
