/** Expiry: exact to the millisecond, by a time that never goes back, and forgotten for good. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOSS_MODES } from '@torc/sim/disk/loss';
import { FORGETTING, NodeWorld } from './support/node-world.ts';

const HOUR_MS = 3_600_000;

async function opened(): Promise<NodeWorld> {
  const world = new NodeWorld();
  await world.open();
  return world;
}

test('a value lives up to the last millisecond before its expiry and not one longer', async () => {
  const world = await opened();
  world.write('a', 'v', { expiresAtMs: world.node.wallMs() + 50 });
  world.write('past', 'v', { expiresAtMs: world.node.wallMs() });
  assert.equal(world.value('past'), undefined);
  await world.pass(49);
  assert.equal(world.value('a'), 'v');
  await world.pass(1);
  assert.equal(world.value('a'), undefined);
});

test('what has expired stays expired when the wall clock is set back, and later expiries still come in time', async () => {
  const world = await opened();
  world.write('a', 'v', { expiresAtMs: world.node.wallMs() + 50 });
  await world.pass(60);
  assert.equal(world.value('a'), undefined);
  world.clock.jumpWall(-HOUR_MS);
  assert.equal(world.value('a'), undefined);
  world.write('b', 'v', { expiresAtMs: world.node.wallMs() + 50 });
  await world.pass(49);
  assert.equal(world.value('b'), 'v');
  await world.pass(1);
  assert.equal(world.value('b'), undefined);
  assert.equal(world.value('a'), undefined);
});

test('what had expired stays expired after a restart with the wall clock set back', async () => {
  for (const mode of LOSS_MODES) {
    const world = await opened();
    world.write('a', 'v', { expiresAtMs: world.node.wallMs() + 50 });
    await world.pass(60_000);
    world.node.coordinator.prepare();
    world.write('b', 'later');
    await world.turn();
    await world.restart(mode, -HOUR_MS);
    assert.equal(world.value('a'), undefined, mode);
    assert.equal(world.value('b'), 'later');
  }
});

test('many quick restarts do not make time run ahead: nothing expires early', async () => {
  const world = await opened();
  const expiresAtMs = world.node.wallMs() + 60_000;
  world.write('a', 'v', { expiresAtMs });
  await world.turn();
  for (let life = 0; life < 20; life += 1) {
    world.node.coordinator.prepare();
    world.write('other', String(life));
    await world.pass(10);
    await world.restart();
    assert.equal(world.value('a'), 'v', `after ${life + 1} restarts`);
    assert.equal(world.node.wallMs(), world.clock.wallMs(), `after ${life + 1} restarts`);
  }
});

test('a context from far in the future moves stamps, not the time that expiry is judged by', async () => {
  const world = await opened();
  world.write('a', 'v', { expiresAtMs: world.node.wallMs() + 60_000 });
  const ahead = world.write('b', '1') + 4096 * HOUR_MS * 24;
  world.write('b', '2', { context: [{ actor: 7, since: ahead, upto: ahead }] });
  await world.turn();
  assert.equal(world.value('a'), 'v');
  await world.restart();
  assert.equal(world.value('a'), 'v');
});

test('an expiry up to 2^53 - 1 is kept exactly and does not expire', async () => {
  const world = await opened();
  for (const expiresAtMs of [2 ** 31, 2 ** 32, 2 ** 32 + 1].map((ms) => ms + 1_800_000_000_000)) {
    world.write(`k${expiresAtMs}`, 'v', { expiresAtMs });
    assert.equal(world.value(`k${expiresAtMs}`), 'v');
  }
  world.write('a', 'v', { expiresAtMs: Number.MAX_SAFE_INTEGER });
  await world.turn();
  await world.restart();
  assert.equal(world.record('a')?.siblings[0]?.expiresAtMs, Number.MAX_SAFE_INTEGER);
  assert.equal(world.value('a'), 'v');
});

test('expiry comes after the choice of the winner: an expired winner does not let an older sibling back', async () => {
  const world = await opened();
  world.write('a', 'older', { context: [] });
  world.write('a', 'newer', { context: [], expiresAtMs: world.node.wallMs() + 10 });
  assert.equal(world.value('a'), 'newer');
  await world.pass(10);
  assert.equal(world.value('a'), undefined);
  assert.equal(world.record('a')?.siblings.length, 2);
});

/** A world whose flushes forget. */
async function forgetting(): Promise<NodeWorld> {
  const world = new NodeWorld();
  await world.open(FORGETTING);
  return world;
}

test('deleted and expired records are forgotten at the bottom and never come back', async () => {
  for (const mode of LOSS_MODES) {
    const world = await forgetting();
    world.write('deleted', 'v');
    world.write('expired', 'v', { expiresAtMs: world.node.wallMs() + 10 });
    world.write('kept', 'v', { expiresAtMs: world.node.wallMs() + HOUR_MS });
    await world.turn();
    assert.ok(world.remove('deleted'));
    await world.pass(20);
    assert.equal(world.valueCount, 2, 'a tombstone is no value, what has expired still counts');
    await world.flush();
    assert.equal(world.valueCount, 1);
    await world.restart(mode, -HOUR_MS, FORGETTING);
    assert.equal(world.valueCount, 1);
    for (const key of ['deleted', 'expired'])
      assert.deepEqual([world.value(key), world.record(key)], [undefined, undefined]);
    assert.equal(world.value('kept'), 'v');
  }
});

test('above an older version nothing is forgotten: a flush alone keeps tombstones, and the deleted stays deleted', async () => {
  const world = await opened();
  world.write('a', 'v');
  await world.flush();
  assert.ok(world.remove('a'));
  await world.flush();
  assert.equal(world.node.figures().engine.runs, 2);
  assert.notEqual(world.record('a'), undefined);
  await world.restart();
  assert.equal(world.value('a'), undefined);
  assert.equal(world.valueCount, 0);
});

test('a start after something was forgotten, with the wall clock set back, is not before the time by which that was', async () => {
  const world = await forgetting();
  world.write('a', 'v', { expiresAtMs: world.node.wallMs() + 2000 });
  world.clock.jumpWall(-HOUR_MS);
  await world.pass(3000);
  const forgottenMs = world.node.wallMs();
  await world.flush();
  await world.restart('dropped', 0, FORGETTING);
  assert.equal(world.record('a'), undefined);
  assert.ok(world.node.wallMs() >= forgottenMs);
});

test('a key that was forgotten and written again starts a clock of its own', async () => {
  const world = await forgetting();
  world.write('a', 'v');
  world.remove('a');
  await world.flush();
  const stamp = world.write('a', 'again');
  assert.deepEqual(world.record('a')?.clock, [{ actor: 1, since: stamp, upto: stamp }]);
});

test('a record with siblings is not forgotten, though its winner is dead: the others were never seen', async () => {
  const world = await forgetting();
  world.write('a', 'unseen', { context: [] });
  world.write('a', 'short', { context: [], expiresAtMs: world.node.wallMs() + 10 });
  await world.pass(20);
  await world.flush();
  await world.restart('dropped', 0, FORGETTING);
  assert.equal(world.record('a')?.siblings.length, 2);
});
