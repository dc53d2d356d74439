/** Each fault of the simulated network: who hears what, and when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '@torc/base/ports/transport';
import type { CutKind } from '../../src/network/path.ts';
import { SimClock } from '../../src/clock.ts';
import { CALM_NETWORK } from '../../src/network/settings.ts';
import { identityOf, recorder } from './bench.ts';
import { say, World } from './world.ts';

const { silenceMs, connectMs } = CALM_NETWORK.limits;

/** a dialed b, and both are open. */
async function talking(world: World = new World(['a', 'b'])): Promise<World> {
  say(world.dial('a', 'b'), 'hello');
  await world.until('b< got hello');
  world.heard();
  return world;
}

test('a cut that stalls loses nothing if it is healed in time', async () => {
  const world = await talking();
  const near = world.dial('a', 'b', 'bulk');
  await world.until('a opened');
  world.heard();
  const cut = world.network.cut(['a'], ['b']);
  say(near, 'one');
  await world.scheduler.runFor(silenceMs / 2);
  say(near, 'two');
  assert.deepEqual(world.heard(), []);
  cut.heal();
  await world.until('b< got two');
  assert.deepEqual(world.heard(), ['b< got one', 'b< got two']);
  await world.scheduler.runFor(silenceMs * 2);
  assert.deepEqual(world.heard(), []);
});

test('a cut that stalls for long is noticed by both sides, and a dial into it times out', async () => {
  const world = await talking();
  world.network.cut(['a'], ['b']);
  const startMs = world.scheduler.nowMs();
  world.dial('b', 'a');
  await world.until('b closed timed-out');
  assert.equal(Math.round(world.timeOf('b closed timed-out') - startMs), connectMs);
  await world.until('a closed timed-out');
  await world.until('b< closed timed-out');
  for (const row of ['a closed timed-out', 'b< closed timed-out']) {
    const afterMs = world.timeOf(row) - startMs;
    assert.ok(afterMs >= silenceMs && afterMs <= silenceMs * 1.25, `${row} after ${afterMs} ms`);
  }
});

test('a one-way cut: the deaf side notices, and its refusal reaches the other', async () => {
  const world = await talking();
  world.network.cutOneWay(['a'], ['b']);
  say(world.taken[0] as Connection, 'still here');
  await world.until('a got still here');
  await world.until('a closed reset');
  assert.deepEqual(world.log, ['a got still here', 'b< closed timed-out', 'a closed reset']);
  assert.ok(world.timeOf('a closed reset') - world.timeOf('b< closed timed-out') < 10);
  world.heard();
  world.dial('a', 'b');
  world.dial('b', 'a');
  await world.scheduler.runFor(connectMs + 1);
  assert.deepEqual(world.heard().sort(), ['a closed timed-out', 'b closed timed-out']);
});

test('a cut that refuses resets what is there and refuses what comes', async () => {
  const world = await talking();
  const startMs = world.scheduler.nowMs();
  const cut = world.network.cut(['a'], ['b'], 'refuse');
  world.dial('a', 'b');
  await world.until('a closed refused');
  assert.ok(world.timeOf('a closed refused') - startMs < 5, 'a refusal is quick');
  await world.until('a closed reset');
  await world.until('b< closed reset');
  assert.ok(world.scheduler.nowMs() - startMs <= CALM_NETWORK.probeMs, 'noticed by the first probe');
  cut.heal();
  world.heard();
  await talking(world);
});

test('faults that overlap do not heal each other; heal takes away all', async () => {
  const world = await talking();
  const kinds: CutKind[] = ['stall', 'stall'];
  const [first, second] = kinds.map((kind) => world.network.cut(['b'], ['a'], kind));
  first?.heal();
  first?.heal();
  world.dial('a', 'b');
  await world.until('a closed timed-out');
  second?.heal();
  await world.scheduler.runFor(silenceMs * 2);
  world.heard();
  await talking(world);
  world.network.cut(['a'], ['b']);
  world.network.isolate(['b'], 'refuse');
  world.network.heal();
  await talking(world);
});

test('a rack and a data centre are cut off as one; inside they talk', async () => {
  const world = new World([
    { name: 'a', rack: 'r1', dc: 'east' },
    { name: 'b', rack: 'r1', dc: 'east' },
    { name: 'c', rack: 'r2', dc: 'east' },
    { name: 'd', rack: 'r1', dc: 'west' },
  ]);
  assert.deepEqual(world.network.hostsOf('east', 'r1'), ['a', 'b']);
  const reaches = async (from: string, to: string): Promise<boolean> => {
    world.heard();
    world.dial(from, to).send(new Uint8Array(1), 0, 1);
    await world.scheduler.runFor(connectMs + 1);
    return world.heard().includes(`${from} opened`);
  };
  const rack = world.network.isolate(world.network.hostsOf('east', 'r1'));
  const seen = [await reaches('a', 'b'), await reaches('a', 'c'), await reaches('d', 'b'), await reaches('c', 'd')];
  assert.deepEqual(seen, [true, false, false, true]);
  rack.heal();
  world.network.isolate(world.network.hostsOf('east'), 'refuse');
  const after = [await reaches('a', 'c'), await reaches('c', 'b'), await reaches('b', 'd'), await reaches('d', 'a')];
  assert.deepEqual(after, [true, true, false, false]);
});

test('kill: peers are reset soon, dials refused, and the dead hear nothing', async () => {
  const world = await talking();
  const startMs = world.scheduler.nowMs();
  world.kill('b');
  await world.until('a closed reset');
  assert.ok(world.scheduler.nowMs() - startMs < 3, 'within the delay');
  world.dial('a', 'b');
  await world.until('a closed refused');
  await world.scheduler.runFor(silenceMs * 2);
  assert.deepEqual(world.heard(), ['a closed reset', 'a closed refused']);
});

test('power off: silence until the limit; with power again before it, a reset', async () => {
  for (const isBackSoon of [false, true]) {
    const world = await talking();
    const startMs = world.scheduler.nowMs();
    world.clocks.get('b')?.kill();
    world.network.powerOff('b');
    world.dial('a', 'b');
    await world.scheduler.runFor(silenceMs / 2);
    assert.deepEqual(world.heard(), ['a closed timed-out']);
    if (isBackSoon) world.start('b', 2);
    const row = `a closed ${isBackSoon ? 'reset' : 'timed-out'}`;
    await world.until(row);
    assert.equal(world.timeOf(row) - startMs < silenceMs, isBackSoon);
  }
});

test('a process that starts again is found with its boot number, and is no heir to old connections', async () => {
  const world = await talking();
  world.kill('b');
  world.start('b', 2);
  const connection = world.dial('a', 'b');
  say(connection, 'new');
  await world.until('b< got new');
  assert.equal(connection.peer?.boot, 2);
  await world.scheduler.runFor(silenceMs * 2);
  assert.deepEqual(world.log, ['a closed reset', 'b< opened', 'a opened', 'b< got new']);
});

test('reset: of one kind only, and what is under way arrives or is lost by the seed', async () => {
  const arrived = new Set<number>();
  for (let seed = 1; seed <= 12; seed++) {
    const world = new World(['a', 'b'], { seed, settings: { pieceBytes: 256 } });
    const [urgent, bulk] = [world.dial('a', 'b', 'urgent'), world.dial('a', 'b', 'bulk')];
    await world.scheduler.runUntil(() => world.log.length === 4);
    world.heard();
    for (let i = 0; i < 200; i++) bulk.send(new Uint8Array(4000).fill(65), 0, 4000);
    await world.scheduler.runFor(0.2);
    world.network.reset(['a'], ['b'], 'bulk');
    await world.scheduler.runFor(5);
    const rows = world.heard();
    assert.deepEqual(rows.filter((row) => row.endsWith('closed reset')).sort(), ['a closed reset', 'b< closed reset']);
    arrived.add(rows.length - 2);
    say(urgent, 'fine');
    await world.until('b< got fine');
  }
  assert.ok(arrived.size > 3, `${arrived.size} different numbers of messages`);
  assert.ok(Math.max(...arrived) < 200, 'some were lost');
});

test('a half-open connection: one side hears at once, the other late, or when it sends', async () => {
  const cruelty = { ...CALM_NETWORK.cruelty, halfOpen: 1 };
  const gaps: number[] = [];
  for (let seed = 1; seed <= 8; seed++) {
    for (const isSending of [false, true]) {
      const world = await talking(new World(['a', 'b'], { seed, settings: { cruelty } }));
      world.network.reset(['a'], ['b']);
      const rows = ['a closed reset', 'b< closed reset'];
      await world.scheduler.runUntil(() => world.log.length === 1);
      const [first] = world.log;
      assert.ok(first !== undefined && rows.includes(first));
      const second = rows.find((row) => row !== first) ?? '';
      const [firstMs = 0] = world.times;
      if (isSending && second.startsWith('b<')) say(world.taken[0] as Connection, 'anybody?');
      await world.until(second);
      const gapMs = world.timeOf(second) - firstMs;
      if (isSending && second.startsWith('b<')) assert.ok(gapMs < 2, `heard ${gapMs} ms after its message`);
      else gaps.push(gapMs);
      assert.ok(gapMs <= silenceMs, `heard after ${gapMs} ms`);
    }
  }
  assert.ok(Math.max(...gaps) > silenceMs / 2, `the latest after ${Math.max(...gaps)} ms`);
});

test('what a handler throws escapes, and the messages after it still come', async () => {
  const world = new World(['a', 'b']);
  const got: number[] = [];
  world.network.addHost({ name: 'c' });
  const clock = new SimClock(world.scheduler);
  world.network.open({ host: 'c', clock, identity: identityOf('c') }).listen(() => ({
    ...recorder([], 'c'),
    received(bytes, start) {
      got.push(bytes[start] ?? 0);
      if (got.length === 2) throw new SyntaxError('a bug of the owner');
    },
  }));
  const connection = world.dial('a', 'c');
  for (const text of ['1', '2', '3']) say(connection, text);
  await assert.rejects(world.scheduler.runFor(50), SyntaxError);
  await world.scheduler.runFor(50);
  assert.deepEqual(got, [49, 50, 51]);
});

test('a dead process that goes on for the rest of its turn reaches nobody', async () => {
  const world = await talking();
  const connection = world.taken[0] as Connection;
  world.network.kill('b');
  say(connection, 'from the grave');
  assert.equal(connection.send(new Uint8Array(1), 0, 1), 'refused');
  world.dial('b', 'a');
  await world.scheduler.runFor(silenceMs * 2);
  assert.deepEqual(world.heard(), ['a closed reset']);
});

test('a blocked node hears late and in order, the rest of the world does not wait', async () => {
  const world = await talking();
  const connection = world.taken[0] as Connection;
  const clock = world.clocks.get('a');
  for (const text of ['1', '2', '3']) say(connection, text);
  clock?.block(50);
  await world.scheduler.runFor(20);
  say(connection, '4');
  clock?.block(30);
  const startMs = world.scheduler.nowMs();
  await world.until('a got 4');
  assert.deepEqual(world.log, ['a got 1', 'a got 2', 'a got 3', 'a got 4']);
  assert.ok(world.timeOf('a got 1') - startMs >= 60 - 0.001, 'after both blocks');
});
