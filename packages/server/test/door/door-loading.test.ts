/**
 * Commands whose keys lie on the disk: the connection stops, what they need is loaded off the turn, and they run again from
 * the start. Replies keep their order, nothing is done by halves, and damage is an answer.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { LEAST_TABLE_DATA, valueOf } from './cold-keys.ts';
import { DoorWorld, type DoorWorldOptions } from './door-world.ts';
import { PlainClient, wire } from './plain-client.ts';

const KEYS = 60;
const LOAD_MS = 50;

/** Every read of a table takes its time on the pool; a block holds one value. */
const ON_THE_POOL: DoorWorldOptions = {
  cruelty: 1,
  engine: { blockBytes: 256 },
  disk: { faults: { laterMs: [LOAD_MS, LOAD_MS] } },
};
const IN_THE_TURN: DoorWorldOptions = { ...ON_THE_POOL, cruelty: 0 };

/** `k0`, `k1`, … in one table, none of them in memory. */
async function coldWorld(options: DoorWorldOptions = ON_THE_POOL): Promise<DoorWorld> {
  const world = await DoorWorld.open(options);
  const client = new PlainClient(world);
  client.send(...Array.from({ length: KEYS }, (_, n) => `SET k${n} ${valueOf(n)}`));
  await replies(world, client, KEYS);
  await world.scheduler.settle(world.node.flush());
  const { tables, memtableKeys } = world.node.figures().engine;
  assert.deepEqual([tables, memtableKeys, world.node.isInMemory], [1, 0, false]);
  return world;
}

async function replies(world: DoorWorld, client: PlainClient, count: number): Promise<string[]> {
  const came = await world.scheduler.runUntil(() => client.replies.length >= count, 60_000);
  assert.ok(came, `${client.replies.length} of ${count} replies: ${client.replies.at(-1)?.slice(0, 80)}`);
  assert.equal(client.replies.length, count, client.replies.at(-1));
  return client.replies;
}

function reads(world: DoorWorld): number {
  return world.probe.counts.get('read-on-the-pool') ?? 0;
}

test('a cold key is loaded off the turn: other clients are served meanwhile, and a second read needs no disk', async () => {
  const world = await coldWorld();
  const [cold, other] = [new PlainClient(world), new PlainClient(world)];
  cold.send('GET k7');
  await world.scheduler.runFor(1);
  assert.equal(reads(world), 1);
  other.send('PING', 'ECHO hello');
  await world.scheduler.runFor(1);
  assert.deepEqual(other.replies, ['PONG', 'hello']);
  assert.deepEqual(cold.replies, [], 'it is still being loaded');
  await replies(world, cold, 1);
  assert.deepEqual(cold.replies, [valueOf(7)]);
  const before = reads(world);
  cold.send('GET k7', 'EXISTS k7', 'TTL k7');
  await replies(world, cold, 4);
  assert.deepEqual(cold.replies.slice(1), [valueOf(7), '1', '-1']);
  assert.equal(reads(world), before);
});

test('pipelines over cold and warm keys, cut anywhere, are answered in order, and a command counts once', async () => {
  for (const options of [ON_THE_POOL, IN_THE_TURN]) {
    for (let seed = 1; seed <= 6; seed += 1) {
      const world = await coldWorld({ ...options, seed });
      const random = new SimRandom(seed);
      const client = new PlainClient(world);
      const model = new Map(Array.from({ length: KEYS }, (_, n) => [`k${n}`, valueOf(n)]));
      const commands: string[] = [];
      const expected: string[] = [];
      const before = world.door.info.totalCommands();
      for (let n = 0; n < 120; n += 1) {
        const { command, answer } = draw(random, model, n);
        commands.push(command);
        expected.push(answer);
      }
      const bytes = wire(commands);
      for (let at = 0; at < bytes.length; ) {
        const end = Math.min(bytes.length, at + 1 + random.below(3000));
        client.socket.push(bytes.subarray(at, end));
        if (random.chance(0.3)) await world.scheduler.runFor(random.below(80));
        at = end;
      }
      assert.deepEqual(await replies(world, client, expected.length), expected, `seed ${seed}`);
      assert.equal(world.door.info.totalCommands() - before, commands.length);
    }
  }
});

/** A command and what it must answer, given all before it. */
function draw(random: SimRandom, model: Map<string, string>, n: number): { command: string; answer: string } {
  const key = (): string => `k${random.below(KEYS + 5)}`;
  const several = [key(), key(), key()];
  const one = several[0] as string;
  const dice = random.below(100);
  if (dice < 40) return { command: `GET ${one}`, answer: model.get(one) ?? 'nothing' };
  if (dice < 55) return { command: 'PING', answer: 'PONG' };
  if (dice < 70) {
    model.set(one, `new-${n}`);
    return { command: `SET ${one} new-${n}`, answer: 'OK' };
  }
  if (dice < 80) {
    const wrote = !model.has(one);
    if (wrote) model.set(one, `nx-${n}`);
    return { command: `SET ${one} nx-${n} NX`, answer: wrote ? 'OK' : 'nothing' };
  }
  if (dice < 90) {
    const answer = String(several.filter((each) => model.has(each)).length);
    return { command: `EXISTS ${several.join(' ')}`, answer };
  }
  const removed = several.filter((each) => model.delete(each)).length;
  return { command: `DEL ${several.join(' ')}`, answer: String(removed) };
}

test('a DEL of several keys happens in one moment, after all of them have been loaded', async () => {
  const world = await coldWorld();
  const [deleter, watcher] = [new PlainClient(world), new PlainClient(world)];
  watcher.send('GET k1', 'GET k3');
  await replies(world, watcher, 2);
  deleter.send('DEL k1 k2 k3 nokey k2', 'EXISTS k1 k2 k3 k4 k4');
  const seen = new Set<string>();
  for (let n = 3; deleter.replies.length < 1; n += 1) {
    watcher.send('EXISTS k1 k3');
    await world.scheduler.runFor(5);
    assert.ok(n < 200);
  }
  await replies(world, deleter, 2);
  await world.scheduler.runFor(1000);
  for (const reply of watcher.replies.slice(2)) seen.add(reply);
  assert.deepEqual([...seen], ['2', '0'], 'both, then none');
  assert.deepEqual(deleter.replies, ['3', '2']);
});

test('a client that sends and closes its side while it is loaded is answered before the connection ends', async () => {
  const world = await coldWorld();
  const client = new PlainClient(world);
  client.send('GET k1', 'GET k2', 'SET k3 new', 'DEL k4 k5', 'PING');
  client.socket.push(null);
  await replies(world, client, 5);
  assert.deepEqual(client.replies, [valueOf(1), valueOf(2), 'OK', '2', 'PONG']);
  await world.scheduler.runUntilIdle();
  assert.ok(client.socket.ended);
});

test('a client that goes away while it is loaded leaves nothing behind, and what it asked for is not done', async () => {
  const world = await coldWorld();
  const [gone, other] = [new PlainClient(world), new PlainClient(world)];
  gone.send('SET k1 new', 'DEL k2 k3');
  await world.scheduler.runFor(1);
  gone.socket.destroy();
  await world.scheduler.runFor(1000);
  assert.deepEqual(gone.replies, []);
  other.send('GET k1', 'EXISTS k2 k3');
  assert.deepEqual(await replies(world, other, 2), [valueOf(1), '2']);
  assert.equal(world.door.info.connections(), 2, 'the one that filled the world, and the other');
});

test('a door that closes while connections load ends them all, and the node lets go of its disk', async () => {
  for (const afterMs of [1, LOAD_MS - 1, LOAD_MS + 1, 2 * LOAD_MS + 1]) {
    const world = await coldWorld();
    const clients = Array.from({ length: 4 }, () => new PlainClient(world));
    for (const [n, client] of clients.entries()) client.send(`GET k${n * 7}`, `DEL k${n * 7} k${n * 7 + 1}`, 'PING');
    await world.scheduler.runFor(afterMs);
    world.door.finish();
    await world.scheduler.settle(world.node.close());
    await world.scheduler.settle(world.door.close());
    await world.scheduler.runUntilIdle();
    for (const { socket, replies: came } of clients) {
      assert.ok(socket.ended, `finished after ${afterMs} ms`);
      assert.ok(
        came.every((reply, at) => reply === [came[0], '2', 'PONG'][at]),
        came.join(),
      );
    }
    assert.equal(world.stopped, undefined);
  }
});

test('what a client sends while it is loaded waits in the socket, and is answered afterwards', async () => {
  const world = await coldWorld();
  const client = new PlainClient(world);
  client.send('GET k1');
  await world.scheduler.runFor(1);
  assert.ok(client.socket.isPaused());
  const chunk = wire(Array.from({ length: 2000 }, () => 'ECHO 12345678901234567890'));
  for (let n = 0; n < 50; n += 1) client.socket.push(chunk);
  await world.scheduler.runFor(1);
  assert.equal(client.socket.readableLength, 50 * chunk.length, 'not taken into the connection');
  assert.ok(client.replies.length === 0);
  await replies(world, client, 1 + 50 * 2000);
  assert.equal(client.replies[0], valueOf(1));
  assert.ok(client.replies.slice(1).every((reply) => reply === '12345678901234567890'));
});

for (const [where, options] of [
  ['on the pool', ON_THE_POOL],
  ['in the turn', IN_THE_TURN],
] as const) {
  test(`a damaged block read ${where} is answered DAMAGED, by every command, which then has done nothing`, async () => {
    const world = await coldWorld(options);
    const client = new PlainClient(world);
    const damaged = await damageOneBlock(world);
    const sound = damaged === 'k0' ? 'k1' : 'k0';
    client.send(`GET ${damaged}`, `SET ${damaged} new`, `SET ${damaged} new NX`, `TTL ${damaged}`, 'PING');
    client.send(`DEL ${sound} ${damaged}`, `EXISTS ${sound} ${damaged}`, `GET ${sound}`);
    await replies(world, client, 8);
    const codes = client.replies.map((reply) => reply.split(' ')[0]);
    const value = valueOf(Number(sound.slice(1)));
    const errors = ['DAMAGED', 'DAMAGED', 'DAMAGED', 'DAMAGED'];
    assert.deepEqual(codes, [...errors, 'PONG', 'DAMAGED', 'DAMAGED', value]);
    assert.match(client.replies[0] as string, /^DAMAGED table-\d{10}.*the key may be there.*torc fsck/);
    assert.equal(world.stopped, undefined);
  });

  test(`a disk that does not answer ${where} is answered IOERR, and asked again by the next command`, async () => {
    const world = await coldWorld(options);
    const client = new PlainClient(world);
    world.disk.faults.failAlways('read');
    client.send('GET k1', 'DEL k2 k3', 'SET k4 new', 'PING');
    await replies(world, client, 4);
    const codes = client.replies.map((reply) => reply.split(' ')[0]);
    assert.deepEqual(codes, ['IOERR', 'IOERR', 'IOERR', 'PONG']);
    world.disk.faults.heal();
    client.send('GET k1', 'EXISTS k2 k3', 'GET k4');
    await replies(world, client, 7);
    assert.deepEqual(client.replies.slice(4), [valueOf(1), '2', valueOf(4)]);
  });
}

/** Flips a bit in the middle of the table's data, and answers which key cannot be read any more. */
async function damageOneBlock(world: DoorWorld): Promise<string> {
  const table = world.disk.list('').find((name) => name.startsWith('table-')) as string;
  world.disk.flipBit(table, LEAST_TABLE_DATA, 3);
  const probe = new PlainClient(world);
  probe.send(...Array.from({ length: KEYS }, (_, n) => `GET k${n}`));
  const answers = await replies(world, probe, KEYS);
  const damaged = answers.flatMap((reply, n) => (reply.startsWith('DAMAGED') ? [`k${n}`] : []));
  assert.equal(damaged.length, 1, 'a block holds one key');
  for (const [n, reply] of answers.entries()) if (`k${n}` !== damaged[0]) assert.equal(reply, valueOf(n));
  return damaged[0] as string;
}
