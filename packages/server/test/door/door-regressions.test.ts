/** The door over the node in a simulated world: single stories that once went wrong, or easily could. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, DoorClient } from './door-client.ts';
import { DoorWorld } from './door-world.ts';

const MIB = 1024 * 1024;
const SLOW_POOL = { cruelty: 1, disk: { faults: { laterMs: [50, 50] as const } } };

let sets = 0;

function set(key: string, bytes = 10): Command & { kind: 'set' } {
  sets += 1;
  return { kind: 'set', key, value: `${sets}:${'x'.repeat(bytes)}` };
}

const get = (key: string): Command => ({ kind: 'get', key });
const del = (key: string): Command => ({ kind: 'del', key });
const PING: Command = { kind: 'ping' };

function codes({ replies }: DoorClient): string[] {
  return replies.map((reply) => reply.split(' ')[0] as string);
}

/** Everything was answered, and rightly. */
async function assertSound(world: DoorWorld, limitMs = 10_000): Promise<void> {
  const answered = await world.answered(limitMs);
  const left = world.clients.map(({ name, unanswered }) => `${name}: ${unanswered}`);
  assert.ok(answered, `unanswered: ${left.join(', ')}`);
  await world.judge(world.disk.snapshot('dropped'), world.ledger.known(), 'the end');
  assert.deepEqual(world.ledger.violations, []);
  assert.equal(world.stopped, undefined);
}

for (const cruelty of [0, 1]) {
  test(`one SET on an idle connection is answered, synced ${cruelty === 0 ? 'in the turn' : 'on the pool'}`, async () => {
    const world = await DoorWorld.open({ cruelty });
    const client = world.connect();
    for (let n = 1; n <= 5; n += 1) {
      client.send(set('a'));
      assert.deepEqual(codes(client).length, n - 1, 'not before its sync');
      await assertSound(world);
      assert.deepEqual(codes(client), Array(n).fill('OK'));
      await world.scheduler.runFor(3000);
    }
  });
}

test('a refused SET answers DISKFULL though a DEL of another client commits next in the same turn', async () => {
  for (const cruelty of [0, 1]) {
    const world = await DoorWorld.open({ cruelty });
    const [one, other] = [world.connect(), world.connect()];
    other.send(set('b'), set('c'));
    await assertSound(world);
    world.fill(200);
    // It comes when the SET is refused and its reply has not left yet.
    one.send(set('a', 5000));
    world.clock.onTurnEnd(() => other.send(del('b'), get('b')));
    await world.scheduler.runFor(1);
    await assertSound(world);
    assert.deepEqual(codes(one), ['DISKFULL']);
    assert.deepEqual(codes(other), ['OK', 'OK', '1', 'nothing']);
  }
});

test('a SET refused by the ceiling write of a DEL of another client answers DISKFULL; the DEL is done', async () => {
  const world = await DoorWorld.open(SLOW_POOL);
  const [one, other] = [world.connect(), world.connect()];
  other.send(set('b'));
  await assertSound(world);
  world.fill(500);
  one.send(PING, set('small'));
  await world.scheduler.runFor(1);
  // The sync of `small` is on the pool, so this waits in the open batch over the end of its turn.
  one.send(set('a', 5000), PING);
  await world.scheduler.runFor(1);
  assert.deepEqual(codes(one), ['PONG']);
  world.clock.jumpWall(60_000);
  other.send(del('b'), get('b'));
  await assertSound(world);
  assert.deepEqual(codes(one).slice(0, 3), ['PONG', 'OK', 'DISKFULL']);
  assert.deepEqual(codes(other), ['OK', '1', 'nothing']);
});

test('SET; DEL of nothing; GET in one chunk are answered across a write of the stamp ceiling', async () => {
  for (const cruelty of [0, 1]) {
    const world = await DoorWorld.open({ cruelty });
    const client = world.connect();
    client.send(set('x'));
    await assertSound(world);
    for (let n = 0; n < 5; n += 1) {
      const { logBytes } = world.node.figures().engine;
      world.clock.jumpWall(20_000);
      const first = set('s');
      client.send(first, del('nokey'), get('x'), get('s'));
      await assertSound(world);
      assert.ok(world.node.figures().engine.logBytes > logBytes);
      assert.deepEqual(codes(client).slice(-4, -2), ['OK', '0']);
      assert.equal(client.replies.at(-1), first.value);
    }
  }
});

test('connections that only read, and stopped because too much waits for a sync, go on', async () => {
  const world = await DoorWorld.open(SLOW_POOL);
  const [writer, reader, idle] = [world.connect(), world.connect(), world.connect()];
  reader.send(get('nokey'));
  writer.send(set('a'));
  await world.scheduler.runFor(1);
  assert.equal(codes(reader).length, 1);
  // The sync of `a` is on the pool: all this must wait for it.
  for (let n = 0; n < 5; n += 1) writer.send(set(`big ${n}`, 2 * MIB));
  assert.ok(world.node.openBytes >= 8 * MIB);
  assert.ok(world.node.openBytes < 11 * MIB);
  reader.send(get('nokey'), get('nokey'));
  idle.send(PING, get('nokey'));
  await world.scheduler.runFor(1);
  assert.deepEqual([codes(reader).length, codes(idle).length], [1, 0], 'they are stopped');
  await assertSound(world);
});

test('a reader whose replies wait beyond 256 KiB is stopped, and goes on when they have left', async () => {
  const world = await DoorWorld.open(SLOW_POOL);
  const [writer, reader] = [world.connect(), world.connect()];
  writer.send(set('first'));
  await world.scheduler.runFor(1);
  // The sync of `first` is on the pool: `big`, and what is read of it, must wait for it, however large.
  writer.send(set('big', 200 * 1024));
  reader.send(...Array.from({ length: 20 }, () => get('big')), PING);
  await world.scheduler.runFor(1);
  assert.equal(codes(reader).length, 0);
  await assertSound(world);
});

test('a client that does not read is stopped, and gets everything when it does', async () => {
  const world = await DoorWorld.open();
  const client = world.connect(1000);
  client.send(set('big', 100 * 1024));
  await assertSound(world);
  client.socket.stall();
  client.send(...Array.from({ length: 50 }, () => get('big')));
  await world.scheduler.runFor(100);
  assert.ok(client.unanswered > 40, 'it is not answered into memory');
  for (let n = 0; n < 10; n += 1) {
    client.socket.sip();
    await world.scheduler.runFor(1);
  }
  client.socket.drain();
  await assertSound(world);
  assert.ok(client.socket.takenBytes > 50 * 100 * 1024);
});

test('what stopped behind a refused command at 256 KiB is neither lost nor answered wrongly', async () => {
  for (const tail of [0, 3, 400]) {
    const world = await DoorWorld.open(SLOW_POOL);
    const client = world.connect();
    client.send(set('big', 100 * 1024));
    await assertSound(world);
    world.fill(500);
    const reads = Array.from({ length: 5 }, () => get('big'));
    const rest = Array.from({ length: tail }, () => PING);
    client.send(set('refused', 5000), ...reads, get('refused'), del('big'), get('big'), ...rest);
    await assertSound(world);
    assert.equal(codes(client)[1], 'DISKFULL');
    const after = client.replies.slice(7, 10);
    assert.ok(['nothing', 'DISKFULL'].includes(after[0]?.split(' ')[0] as string), after[0]);
    assert.equal(client.replies.length, 10 + tail);
  }
});

test('a door that closes answers what is under way, makes it durable, and ends every connection', async () => {
  for (const cruelty of [0, 1]) {
    const world = await DoorWorld.open({ cruelty, disk: { faults: { laterMs: [50, 50] } } });
    const [held, idle, late] = [world.connect(), world.connect(), world.connect()];
    held.send(set('a'));
    await world.scheduler.runFor(cruelty === 0 ? 0 : 1);
    held.send(set('b'), get('b'));
    world.door.finish();
    const closing = world.node.close();
    idle.socket.push(late.encode([]));
    await world.scheduler.settle(closing);
    await world.scheduler.settle(world.door.close());
    await assertSound(world);
    assert.deepEqual(codes(held).slice(0, 2), ['OK', 'OK']);
    assert.ok(world.clients.every(({ socket }) => socket.ended));
  }
});

test('a client that sends and closes its side at once is answered before the connection ends', async () => {
  for (const cruelty of [0, 1]) {
    const world = await DoorWorld.open({ cruelty });
    const client = world.connect();
    client.send(set('a'), get('a'), PING);
    client.socket.push(null);
    await assertSound(world);
    await world.scheduler.runUntilIdle();
    assert.ok(client.socket.ended);
  }
});

test('when the disk fails no reply to what was not synced leaves, and every connection is cut', async () => {
  for (const cruelty of [0, 1]) {
    const world = await DoorWorld.open({ cruelty });
    const [client, idle] = [world.connect(), world.connect()];
    client.send(set('a'));
    await assertSound(world);
    world.disk.faults.failSync(1, 'dropped');
    client.send(set('b'), get('b'));
    await world.scheduler.runFor(100);
    assert.deepEqual(codes(client), ['OK']);
    assert.ok(client.socket.destroyed && idle.socket.destroyed);
    assert.notEqual(world.stopped, undefined);
    assert.deepEqual(world.ledger.violations, []);
  }
});
