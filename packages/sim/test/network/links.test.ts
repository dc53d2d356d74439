/** How long things take: distance, bandwidth, fair shares, slow links; and what a delay of bulk leaves alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CALM_NETWORK, CRUEL_NETWORK, type Latency } from '../../src/network/settings.ts';
import { say, World } from './world.ts';

const EAST = { dc: 'east', rack: 'r1' };
const NO_LATENCY: Latency = { baseMs: 0.1, jitterMs: 0, tailShare: 0, tailMs: 0 };
const FLAT = { host: NO_LATENCY, rack: NO_LATENCY, dc: NO_LATENCY, world: NO_LATENCY };

async function timeOfMessageMs(world: World, from: string, to: string, bytes: number = 1): Promise<number> {
  const connection = world.dial(from, to);
  await world.scheduler.runUntil(() => world.log.filter((row) => row.endsWith('opened')).length === 2);
  world.heard();
  const startMs = world.scheduler.nowMs();
  connection.send(new Uint8Array(bytes).fill(65), 0, bytes);
  await world.scheduler.runUntil(() => world.log.length > 0);
  const ms = (world.times[0] ?? 0) - startMs;
  world.heard();
  return ms;
}

test('a message takes longer the farther it goes', async () => {
  const world = new World([
    { name: 'a', ...EAST },
    { name: 'b', ...EAST },
    { name: 'c', dc: 'east', rack: 'r2' },
    { name: 'd', dc: 'west', rack: 'r1' },
  ]);
  const times: number[] = [];
  for (const to of ['b', 'c', 'd']) times.push(await timeOfMessageMs(world, 'a', to));
  const { rack, dc, world: far } = CALM_NETWORK.distances;
  [rack, dc, far].forEach((latency, i) => assert.ok((times[i] ?? 0) >= latency.baseMs, times.join()));
  assert.deepEqual(
    times,
    times.slice().sort((x, y) => x - y),
  );
});

test('the tail is heavy and has an end', async () => {
  const tail: Latency = { baseMs: 1, jitterMs: 0, tailShare: 0.2, tailMs: 1 };
  const world = new World(['a', 'b'], { settings: { distances: { ...FLAT, rack: tail } } });
  const times: number[] = [];
  for (let i = 0; i < 400; i++) times.push(await timeOfMessageMs(world, 'a', 'b'));
  const late = times.filter((ms) => ms > 1.5).length;
  assert.ok(late > 20 && late < 120, `${late} of 400 in the tail`);
  assert.ok(Math.max(...times) > 8 && Math.max(...times) <= 52, `the longest took ${Math.max(...times)} ms`);
});

test('bandwidth: a long message takes its time, on a slow link more, until it is healed', async () => {
  const world = new World(['a', 'b'], { settings: { bytesPerMs: 1000, distances: FLAT, windowBytes: 1e9 } });
  const near = (ms: number, wanted: number): void => assert.ok(Math.abs(ms - wanted) < wanted * 0.05, `${ms} ms`);
  near(await timeOfMessageMs(world, 'a', 'b', 1_000_000), 1000);
  const slow = world.network.slow(['a'], ['b'], { bandwidthFactor: 0.1, latencyFactor: 50 });
  near(await timeOfMessageMs(world, 'b', 'a', 1_000_000), 10_000);
  near(await timeOfMessageMs(world, 'a', 'b', 1), 5);
  slow.heal();
  near(await timeOfMessageMs(world, 'a', 'b', 1_000_000), 1000);
});

test('an urgent message passes a bulk backlog: it waits for one piece, not for all', async () => {
  const settings = { bytesPerMs: 1000, distances: FLAT, pieceBytes: 10_000, windowBytes: 1e9 };
  const world = new World(['a', 'b'], { settings });
  const [bulk, urgent] = [world.dial('a', 'b', 'bulk'), world.dial('a', 'b', 'urgent')];
  await world.scheduler.runUntil(() => world.log.length === 4);
  bulk.send(new Uint8Array(3_000_000), 0, 3_000_000);
  await world.scheduler.runFor(5);
  const startMs = world.scheduler.nowMs();
  say(urgent, 'now');
  await world.until('b< got now');
  const afterMs = world.timeOf('b< got now') - startMs;
  assert.ok(afterMs > 1 && afterMs <= 11, `after ${afterMs} ms`);
});

test('cruel delays are of bulk only, and keep its order', async () => {
  const cruelty = { ...CALM_NETWORK.cruelty, bulkDelays: 0.3, bulkDelayMs: 500, piecemeal: true };
  const world = new World(['a', 'b'], { settings: { cruelty } });
  const [bulk, urgent] = [world.dial('a', 'b', 'bulk'), world.dial('a', 'b', 'urgent')];
  await world.scheduler.runUntil(() => world.log.filter((row) => row.endsWith('opened')).length === 4);
  world.heard();
  for (let i = 0; i < 50; i++) {
    say(bulk, `bulk ${i}`);
    say(urgent, `urgent ${i}`);
  }
  await world.until('b< got bulk 49');
  const inOrder = (kind: string): string[] => Array.from({ length: 50 }, (_, i) => `b< got ${kind} ${i}`);
  assert.deepEqual(
    world.log.filter((row) => row.includes('bulk')),
    inOrder('bulk'),
  );
  assert.deepEqual(
    world.log.filter((row) => row.includes('urgent')),
    inOrder('urgent'),
  );
  assert.ok(world.timeOf('b< got bulk 49') - world.timeOf('b< got urgent 49') > 200, 'bulk is late');
});

test('a cruel network breaks connections by itself', async () => {
  const world = new World(['a', 'b'], { settings: CRUEL_NETWORK });
  let breaks = 0;
  for (let round = 0; round < 20; round++) {
    const connection = world.dial('a', 'b');
    for (let i = 0; i < 100; i++) say(connection, `${i}`);
    await world.scheduler.runFor(CRUEL_NETWORK.limits.silenceMs * 2);
    if (world.heard().includes('a closed reset')) breaks++;
  }
  assert.ok(breaks > 1 && breaks < 15, `${breaks} of 20 broke`);
});
