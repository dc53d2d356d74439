/**
 * Bad input and bad manners, against one live node (DESIGN section 12): each test misbehaves on connections of its own,
 * and another connection must be served as if nothing had happened. After each test the node has the connections that
 * it had before, and what a bystander stored is untouched.
 *
 * TORC_SEED=N repeats the generated input; a failure prints the seed.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { converse } from './support/conversation.ts';
import { garbageFrame } from './support/garbage.ts';
import { infoNumber } from './support/info.ts';
import { againstRedis, torcOnly } from './support/launch.ts';
import { encode, RawClient } from './support/raw-client.ts';
import { ErrorReply, ReplyReader } from './support/reply-reader.ts';
import { TorcProcess } from './support/torc-process.ts';
import { until, untilNumber } from './support/until.ts';

const MiB = 1024 * 1024;
const seed = process.env['TORC_SEED'] ?? String(randomInt(2 ** 32));

describe('hazards', () => {
  let torc: TorcProcess;
  /** The one who behaves: connected all the time. */
  let bystander: RawClient;

  /** What the test that runs has opened; closed behind it, so that a test that fails leaves nothing to the next. */
  const opened: RawClient[] = [];
  let connectionsBefore = 0;
  /** False when the node no longer serves the bystander: what comes after would only wait. */
  let served = true;

  async function open(): Promise<RawClient> {
    const client = await RawClient.connect(torc.port);
    opened.push(client);
    return client;
  }

  const openMany = (count: number): Promise<RawClient[]> => Promise.all(Array.from({ length: count }, () => open()));
  const residentBytes = (): Promise<number> => infoNumber(bystander, 'used_memory_rss');
  const clients = (): Promise<number> => infoNumber(bystander, 'connected_clients');

  before(async () => {
    torc = await TorcProcess.start();
    bystander = await RawClient.connect(torc.port);
    assert.equal(await bystander.command('SET', 'canary', 'sings'), 'OK');
  });
  after(() => torc.remove());

  beforeEach(async () => {
    assert.ok(served, 'an earlier test left a node that does not serve');
    connectionsBefore = await clients();
  });

  afterEach(async () => {
    served = false;
    for (const { socket } of opened.splice(0)) socket.destroy();
    assert.equal(await bystander.command('PING'), 'PONG');
    assert.deepEqual(await bystander.command('GET', 'canary'), Buffer.from('sings'));
    await untilNumber('connections are given back', 5000, clients, (count) => count <= connectionsBefore);
    served = true;
  });

  test('a client that asks for GiBs and never reads costs bounded memory', { skip: torcOnly }, async () => {
    assert.equal(await bystander.command('SET', 'large', Buffer.alloc(MiB, 'v')), 'OK');
    const base = await residentBytes();
    const greedy = await openMany(4);
    const asked = Buffer.concat(Array.from({ length: 10_000 }, () => encode(['GET', 'large'])));
    for (const { socket } of greedy) {
      socket.pause();
      // More than all the buffers of two kernels' sockets: the rest stays here once the server has stopped reading.
      for (let n = 0; n < 50; n++) socket.write(asked);
    }
    let most = 0;
    let quiet = 0;
    let left = -1;
    await until('the server stops reading from who does not read', 15_000, async () => {
      most = Math.max(most, await residentBytes());
      assert.ok(most - base < 192 * MiB, `resident memory grew by ${Math.round((most - base) / MiB)} MiB`);
      const now = greedy.reduce((sum, { socket }) => sum + (socket.destroyed ? 0 : socket.writableLength), 0);
      quiet = now === left ? quiet + 1 : 0;
      left = now;
      return quiet === 30 ? true : undefined;
    });
    assert.ok(left > 0 || greedy.every(({ socket }) => socket.destroyed), 'the server took all that was asked');
  });

  test('a client that reads late gets every reply, in order', { skip: torcOnly }, async () => {
    const values = [Buffer.alloc(MiB, 'a'), Buffer.alloc(MiB / 2, 'b')];
    for (const [n, value] of values.entries()) await bystander.command('SET', `late:${n}`, value);
    const late = await open();
    late.socket.pause();
    const replies = Array.from({ length: 80 }, (_, n) => late.command('GET', `late:${n % 2}`));
    const processed = (): Promise<number> => infoNumber(bystander, 'total_commands_processed');
    let before = -1;
    await until('the server waits for the reader', 10_000, async () => {
      const [last, now] = [before, await processed()];
      before = now;
      // INFO itself is the one command between two looks.
      return now === last + 1 ? true : undefined;
    });
    late.socket.resume();
    for (const [n, reply] of (await Promise.all(replies)).entries()) {
      assert.ok(Buffer.isBuffer(reply) && reply.equals(values[n % 2] as Buffer), `reply ${n}`);
    }
  });

  test('overwriting the same keys for long costs bounded memory', { skip: torcOnly }, async () => {
    const base = await residentBytes();
    const writer = await open();
    const value = Buffer.alloc(MiB / 4, 'o');
    const replies = Array.from({ length: 1200 }, (_, n) => writer.command('SET', `over:${n % 8}`, value));
    assert.ok((await Promise.all(replies)).every((reply) => reply === 'OK'));
    const grown = (await residentBytes()) - base;
    assert.ok(grown < 240 * MiB, `2 MiB live, 300 MiB written: resident memory grew by ${Math.round(grown / MiB)} MiB`);
  });

  test('one command that writes a lot silences nobody for good', async () => {
    const names = Array.from({ length: 150_000 }, (_, n) => `many:${n}`);
    const writer = await open();
    const others = await openMany(20);
    let done = false;
    // A command of every kind of wait at any moment: in the turn of the large write, while it syncs, and after.
    const chatter = others.map(async (other, n) => {
      while (!done) assert.equal(await other.command('PING'), 'PONG', `connection ${n}`);
    });
    const work = async (): Promise<void> => {
      for (let round = 0; round < 2; round++) {
        const sets = Buffer.concat(names.map((name) => encode(['SET', name, 'v'])));
        await writer.sendMany(sets, names.length);
        assert.equal(await writer.send(encode(['DEL', ...names])), names.length);
      }
    };
    await Promise.all([work().finally(() => (done = true)), ...chatter]);
  });

  test('lengths that are declared and never sent cost no memory', async () => {
    const base = await residentBytes();
    const heads = [
      '*3\r\n$3\r\nSET\r\n$8\r\ndeclared\r\n$1048576\r\nonly this',
      '*1000000\r\n$3\r\nDEL\r\n',
      '*3\r\n$3\r\nSET\r\n$65536\r\nk',
    ];
    const waiting = await openMany(300);
    await Promise.all(
      waiting.map(({ socket }, n) => new Promise((resolve) => socket.write(heads[n % heads.length] ?? '', resolve))),
    );
    await untilNumber('all are connected', 5000, clients, (count) => count === connectionsBefore + waiting.length);
    const grown = (await residentBytes()) - base;
    assert.ok(grown < 64 * MiB, `resident memory grew by ${Math.round(grown / MiB)} MiB`);
    assert.equal(await bystander.command('EXISTS', 'declared'), 0);
  });

  const broken: readonly [name: string, bytes: string][] = [
    ['a count beyond 64 bits', '*99999999999999999999\r\n'],
    ['a count beyond 32 bits', '*4294967297\r\n'],
    ['a count of 2^31 - 1', '*2147483647\r\n'],
    ['a count of letters', '*abc\r\n'],
    ['no count', '*\r\n'],
    ['a count with a tail', '*1a\r\n'],
    ['a count that goes on for 70 kB', `*${'1'.repeat(70_000)}`],
    ['a null argument', '*1\r\n$-1\r\n'],
    ['a negative length', '*2\r\n$3\r\nGET\r\n$-5\r\n'],
    ['a length beyond 64 bits', '*2\r\n$3\r\nGET\r\n$99999999999999999999\r\n'],
    ['a length of 2^63', '*2\r\n$3\r\nGET\r\n$9223372036854775808\r\n'],
    ['a length of 4 GiB', '*2\r\n$3\r\nGET\r\n$4294967296\r\n'],
    ['a length of letters', '*2\r\n$3\r\nGET\r\n$abc\r\n'],
    ['a number instead of an argument', '*1\r\n:5\r\n'],
    ['a status instead of an argument', '*1\r\n+PING\r\n'],
    ['arrays in arrays', '*1\r\n'.repeat(1000)],
    ['quotes that are never closed', 'SET a "b\r\n'],
  ];
  for (const [name, bytes] of broken) {
    test(`${name} is answered with an error and the end of the connection`, async () => {
      const before = encode(['SET', 'broken:before', name]);
      const behind = encode(['SET', 'broken:behind', name]);
      const { answer, ended } = await converse(torc.port, Buffer.concat([before, Buffer.from(bytes), behind]));
      assert.match(answer, /^\+OK\r\n-ERR Protocol error: [^\r\n]+\r\n$/);
      assert.notEqual(ended, 'open');
      assert.deepEqual(await bystander.command('GET', 'broken:before'), Buffer.from(name));
      assert.equal(await bystander.command('EXISTS', 'broken:behind'), 0);
    });
  }

  test('an inline command that does not end is cut off', async () => {
    const { answer, ended } = await converse(torc.port, `SET inline ${'x'.repeat(70_000)}`);
    assert.match(answer, /^-ERR Protocol error: [^\r\n]+\r\n$/);
    assert.notEqual(ended, 'open');
  });

  test('keys and values beyond the limits are refused, and nothing is written', { skip: torcOnly }, async () => {
    assert.equal(await bystander.command('SET', 'limit', 'old'), 'OK');
    assert.equal(await bystander.command('SET', 'limit:whole', Buffer.alloc(MiB, 'v')), 'OK');
    const tooLong: readonly Buffer[][] = [
      [Buffer.from('limit'), Buffer.alloc(MiB + 1, 'v')],
      [Buffer.from('limit'), Buffer.alloc(4 * MiB, 'v')],
      [Buffer.alloc(64 * 1024 + 1, 'k'), Buffer.from('v')],
    ];
    for (const [key, value] of tooLong as [Buffer, Buffer][]) {
      const client = await open();
      const reply = await client.command('SET', key, value);
      assert.ok(reply instanceof ErrorReply, 'it was accepted');
      assert.match(reply.message, /limit|too long|too large|at most|bytes/i);
    }
    assert.deepEqual(await bystander.command('GET', 'limit'), Buffer.from('old'));
  });

  test('expiries beyond 2^31 ms and 2^53 are exact or refused, never wrong', async () => {
    for (const option of ['EX', 'PX', 'EXAT', 'PXAT']) {
      for (const amount of [2 ** 31, 3_000_000_000, 2 ** 41, 2 ** 53 - 1, 2 ** 53 + 2, 2 ** 62, 2 ** 63, 2 ** 70]) {
        await bystander.command('DEL', 'long');
        const asked = BigInt(amount).toString();
        const reply = await bystander.command('SET', 'long', 'v', option, asked);
        if (reply instanceof ErrorReply) {
          assert.match(reply.message, /invalid expire time|not an integer or out of range/, `${option} ${asked}`);
          assert.equal(await bystander.command('EXISTS', 'long'), 0);
          continue;
        }
        assert.equal(reply, 'OK');
        const atMs = option.startsWith('EX') ? amount * 1000 : amount;
        const wantedMs = option.endsWith('AT') ? atMs - Date.now() : atMs;
        const leftMs = Number(await bystander.command('PTTL', 'long'));
        const tolerance = 5000 + Math.abs(wantedMs) * 1e-12;
        const isRight = wantedMs <= 0 ? leftMs === -2 : Math.abs(leftMs - wantedMs) < tolerance;
        assert.ok(isRight, `SET ... ${option} ${asked}: PTTL ${leftMs}, wanted ${wantedMs}`);
      }
    }
    assert.equal(await bystander.command('SET', 'month', 'v', 'PX', '2592000000'), 'OK');
    assert.deepEqual(await bystander.command('GET', 'month'), Buffer.from('v'));
  });

  test('ten thousand mutated frames: whole replies or an end, and nobody else notices', async () => {
    const random = new SimRandom(seed).fork('garbage');
    const frames = 10_000;
    let sent = 0;
    const talk = async (): Promise<void> => {
      while (sent < frames) {
        const count = Math.min(frames - sent, 1 + random.below(8));
        sent += count;
        const bytes = Buffer.concat(Array.from({ length: count }, () => garbageFrame(random)));
        const { answer, ended } = await converse(torc.port, bytes, { halfClose: true });
        const where = `TORC_SEED=${seed}, sent ${JSON.stringify(bytes.toString('latin1'))}`;
        assert.notEqual(ended, 'open', `${where}: not closed`);
        assertWholeReplies(answer, where);
      }
    };
    await Promise.all(Array.from({ length: 24 }, () => talk()));
  });

  test('a pipeline whose sender has closed its side is answered to the end', async () => {
    const count = 500;
    const bytes = Buffer.concat(Array.from({ length: count }, (_, n) => encode(['SET', `half:${n}`, `v${n}`])));
    const { answer, ended } = await converse(torc.port, bytes, { halfClose: true });
    assert.equal(answer, '+OK\r\n'.repeat(count));
    assert.equal(ended, 'closed');
    assert.deepEqual(await bystander.command('GET', `half:${count - 1}`), Buffer.from(`v${count - 1}`));
  });

  test('a half-closed connection is closed, with nothing or half a command on it', async () => {
    for (const bytes of ['', '*2\r\n$3\r\nGET\r\n$100\r\nhalf', 'PIN']) {
      assert.deepEqual(await converse(torc.port, bytes, { halfClose: true }), { answer: '', ended: 'closed' });
    }
  });

  test('connections that are reset in the middle of a pipeline are forgotten', async () => {
    const commands = Buffer.concat(
      Array.from({ length: 2000 }, (_, n) => encode(['SET', `reset:${n % 50}`, 'r'.repeat(500)])),
    );
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        const client = await open();
        client.request(commands, () => client.socket.resetAndDestroy());
        // The others are answered into the void, or not at all.
        client.sendMany('', 1999).catch(() => undefined);
        await client.closed;
      }),
    );
    assert.equal(await bystander.command('SET', 'reset:after', 'v'), 'OK');
  });

  test('thousands of connections come, are served, and go', async () => {
    for (let wave = 0; wave < 5; wave++) {
      const many = await openMany(500);
      const replies = await Promise.all(many.map((client) => client.command('PING')));
      assert.ok(replies.every((reply) => reply === 'PONG'));
      for (const [n, { socket }] of many.entries()) {
        if (n % 2 === 0) socket.destroy();
        else socket.resetAndDestroy();
      }
    }
  });
});

function assertWholeReplies(answer: string, where: string): void {
  const reader = new ReplyReader();
  reader.push(Buffer.from(answer, 'latin1'));
  try {
    while (reader.next() !== undefined);
  } catch (error) {
    assert.fail(`${where}: ${String(error)} in ${JSON.stringify(answer)}`);
  }
  // Redis drops what it had not sent yet when its client closes one side.
  if (againstRedis) return;
  assert.equal(reader.unreadBytes, 0, `${where}: half a reply at the end of ${JSON.stringify(answer)}`);
}
