/**
 * The first promise, against the real thing: an acknowledged write is never lost. A node is killed with `kill -9` in the
 * middle of pipelined load, at a drawn moment, twenty times on one folder; after each restart every key must hold its
 * last acknowledged state or a later attempt, and nothing else (see support/write-ledger.ts).
 *
 * `kill -9` leaves the operating system's cache alive: what a power cut does to unsynced data is the simulated disk's
 * business. This test is about the process: what it acknowledges, when, and how it recovers.
 *
 * TORC_SEED=N repeats a run's choices (the moment of the kill still depends on the machine); a failure prints the seed.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { RawClient } from './support/raw-client.ts';
import { textOf } from './support/reply-reader.ts';
import { TorcProcess } from './support/torc-process.ts';
import { until } from './support/until.ts';
import { describeViolation, WriteLedger } from './support/write-ledger.ts';
import { WriteLoad } from './support/write-load.ts';

const rounds = 20;
const mostAcknowledged = 4000;
const longestLoadMs = 500;
const testLimitMs = 90_000;

const seed = process.env['TORC_SEED'] ?? String(randomInt(2 ** 32));
const random = new SimRandom(seed);

let torc: TorcProcess;
before(async () => (torc = await TorcProcess.start()));
after(() => torc.remove());

test(`${rounds} rounds of kill -9 under load lose nothing that was acknowledged`, {
  timeout: testLimitMs,
}, async (t) => {
  const ledger = new WriteLedger();
  let killedAtWork = 0;
  let interrupted = 0;
  for (let round = 0; round < rounds; round++) {
    const draw = random.fork(`round ${round}`);
    const where = `TORC_SEED=${seed}, round ${round}`;
    const load = await WriteLoad.start(torc.port, ledger, draw, round);
    const pending = await killDuring(load, draw);
    if (pending > 0) killedAtWork += 1;
    assert.deepEqual(load.complaints.slice(0, 5), [], where);
    // Every fourth recovery is killed too: what it had begun must not stand in the way of the next.
    if (round % 4 === 3) {
      interrupted += 1;
      await torc.startAndKill(draw.below(400));
    }
    await torc.restart();
    await verify(ledger, where);
  }
  assert.equal(await torc.stop(), 0, torc.output);
  await torc.restart();
  await verify(ledger, `TORC_SEED=${seed}, after a clean stop`);
  t.diagnostic(`seed ${seed}: ${ledger.acknowledged} writes acknowledged, ${ledger.keys.length} keys`);
  t.diagnostic(`killed with commands in flight ${killedAtWork} times, and in recovery ${interrupted} times`);
  assert.ok(ledger.acknowledged > rounds * 20, `only ${ledger.acknowledged} writes were acknowledged: no load`);
  assert.ok(killedAtWork > rounds / 2, `only ${killedAtWork} kills met commands in flight`);
});

/**
 * Lets the load run until a drawn number of acknowledgements, and kills: in most rounds in the very moment in which the
 * last of them is read, when a node that answers too early has not written yet; else a drawn time later, anywhere in a
 * turn. Returns the commands then in flight.
 */
async function killDuring(load: WriteLoad, draw: SimRandom): Promise<number> {
  const enough = 1 + draw.below(draw.chance(0.3) ? 50 : mostAcknowledged);
  const extraMs = draw.chance(0.6) ? 0 : draw.fraction() * 8;
  const deadline = performance.now() + longestLoadMs;
  let pending: number | undefined;
  const kill = (): void => {
    pending ??= load.pending;
    void torc.kill();
  };
  load.atAcknowledgement(enough, () => (extraMs === 0 ? kill() : void setTimeout(kill, extraMs)));
  await until('the load gets under way', 20_000, () => {
    if (load.acknowledged > 0 && performance.now() > deadline) kill();
    return pending;
  });
  await torc.kill();
  await load.finish();
  return pending ?? 0;
}

async function verify(ledger: WriteLedger, where: string): Promise<void> {
  using client = await RawClient.connect(torc.port);
  const found = await Promise.all(ledger.keys.map(async (key) => ({ key, reply: await client.command('GET', key) })));
  const violations = found.flatMap(({ key, reply }) => {
    assert.ok(reply === null || Buffer.isBuffer(reply), `${where}: GET ${key} answered ${textOf(reply)}`);
    return ledger.recover(key, reply === null ? null : reply.toString('latin1')) ?? [];
  });
  assert.deepEqual(
    violations.slice(0, 10).map((violation) => describeViolation(violation)),
    [],
    where,
  );
}
