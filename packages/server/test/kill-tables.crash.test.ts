/**
 * `kill -9` while memtables become tables and tables are merged: every acknowledged write is there after the next start.
 * As `kill.crash.test.ts`, with a data set much larger than the memtable and the whole memory budget.
 *
 * TORC_SEED=N repeats a run's choices; the moment of a kill still depends on the machine.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { infoNumber } from './support/info.ts';
import { torcOnly } from './support/launch.ts';
import { encode, RawClient } from './support/raw-client.ts';
import { textOf } from './support/reply-reader.ts';
import { TorcProcess } from './support/torc-process.ts';
import { describeViolation, WriteLedger } from './support/write-ledger.ts';

const rounds = 5;
const keyCount = 1500;
const depth = 64;
const leastWrites = 800;
const mostWrites = 2400;

const flags = [
  '--memory',
  '2mb',
  '--memtable',
  '64kb',
  '--table-bytes',
  '64kb',
  '--tier-runs',
  '2',
  '--log-bytes',
  '1mb',
];
const seed = process.env['TORC_SEED'] ?? String(randomInt(2 ** 32));
const random = new SimRandom(seed);

let torc: TorcProcess;
before(async () => {
  if (torcOnly === false) torc = await TorcProcess.start(...flags);
});
after(() => torc?.remove());

test(`${rounds} rounds of kill -9 during flushes and compactions lose nothing that was acknowledged`, {
  skip: torcOnly,
  timeout: 90_000,
}, async (t) => {
  const ledger = new WriteLedger();
  let tables = 0;
  let steps = 0;
  for (let round = 0; round < rounds; round += 1) {
    const draw = random.fork(`round ${round}`);
    const where = `TORC_SEED=${seed}, round ${round}`;
    const seen = await writeAndKill(ledger, draw, round);
    tables = Math.max(tables, seen.tables);
    steps += seen.steps;
    if (round % 2 === 1) await torc.startAndKill(draw.below(600));
    await torc.restart();
    await verify(ledger, where);
  }
  t.diagnostic(
    `seed ${seed}: ${ledger.acknowledged} writes acknowledged, up to ${tables} tables, ${steps} compactions seen`,
  );
  assert.ok(tables > 2 && steps > rounds, `${tables} tables and ${steps} compactions: the kills met nothing`);
});

/** Writes until a drawn number is acknowledged, and kills in that moment. What INFO said half way. */
async function writeAndKill(
  ledger: WriteLedger,
  draw: SimRandom,
  round: number,
): Promise<{ tables: number; steps: number }> {
  using watcher = await RawClient.connect(torc.port);
  using client = await RawClient.connect(torc.port);
  const enough = leastWrites + draw.below(mostWrites - leastWrites);
  let sent = 0;
  let acknowledged = 0;
  let info: Promise<readonly [number, number]> | undefined;
  const send = (): void => {
    const key = `k${draw.below(keyCount)}`;
    const value = draw.chance(0.15) ? null : `${key}=${round}.${sent}${'.'.repeat(draw.below(1500))}`;
    sent += 1;
    const expected = value !== null ? 'OK' : ledger.latest(key) === null ? 0 : 1;
    const attempt = ledger.attempt(key, value);
    client.request(encode(value === null ? ['DEL', key] : ['SET', key, value]), (reply) => {
      if (reply instanceof Error) return;
      assert.equal(reply, expected, `TORC_SEED=${seed}, round ${round}, ${key}`);
      ledger.acknowledge(key, attempt);
      acknowledged += 1;
      if (acknowledged === enough >>> 1) info = figures(watcher);
      if (acknowledged >= enough) void torc.kill();
      else send();
    });
  };
  for (let n = 0; n < depth; n += 1) send();
  await client.closed;
  await torc.kill();
  assert.ok(acknowledged >= enough, `TORC_SEED=${seed}, round ${round}: ${acknowledged} of ${enough}; ${torc.output}`);
  const [tables, steps] = (await info) ?? [0, 0];
  return { tables, steps };
}

async function figures(client: RawClient): Promise<readonly [number, number]> {
  return [await infoNumber(client, 'torc_tables'), await infoNumber(client, 'torc_compaction_steps')];
}

async function verify(ledger: WriteLedger, where: string): Promise<void> {
  using client = await RawClient.connect(torc.port);
  const found = await Promise.all(ledger.keys.map(async (key) => ({ key, reply: await client.command('GET', key) })));
  const violations = found.flatMap(({ key, reply }) => {
    assert.ok(reply === null || Buffer.isBuffer(reply), `${where}: GET ${key} answered ${textOf(reply)}`);
    return ledger.recover(key, reply === null ? null : reply.toString('latin1')) ?? [];
  });
  assert.deepEqual(
    violations.slice(0, 5).map((violation) => describeViolation(violation)),
    [],
    where,
  );
}
