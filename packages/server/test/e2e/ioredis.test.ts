/** ioredis against a real node: the client that most Node.js services run, with the habits it has. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Redis, type RedisOptions } from 'ioredis';
import { Relay } from '../support/relay.ts';
import { torcOnly } from '../support/launch.ts';
import { TorcProcess } from '../support/torc-process.ts';
import { until } from '../support/until.ts';

describe('ioredis', () => {
  let torc: TorcProcess;
  const clients: Redis[] = [];

  /** Connected, its ready check done, and closed when the tests are over. */
  async function client(options: RedisOptions = {}): Promise<Redis> {
    const redis = new Redis({ host: '127.0.0.1', port: torc.port, lazyConnect: true, ...options });
    // What goes wrong rejects a command too; without a listener the library prints every attempt to reconnect.
    redis.on('error', () => undefined);
    clients.push(redis);
    await redis.connect();
    return redis;
  }

  before(async () => (torc = await TorcProcess.start()));
  after(async () => {
    for (const redis of clients) redis.disconnect();
    await torc.remove();
  });

  test('set, get, del, exists, ttl', async () => {
    const redis = await client({ connectionName: 'the-tests' });
    assert.equal(await redis.get('io:a'), null);
    assert.equal(await redis.set('io:a', '1'), 'OK');
    assert.equal(await redis.get('io:a'), '1');
    assert.equal(await redis.exists('io:a', 'io:none'), 1);
    assert.equal(await redis.set('io:a', '2', 'EX', 100, 'XX'), 'OK');
    assert.ok((await redis.ttl('io:a')) > 90);
    assert.ok((await redis.pttl('io:a')) > 90_000);
    assert.equal(await redis.set('io:a', '3', 'NX'), null);
    assert.equal(await redis.del('io:a'), 1);
    assert.equal(await redis.ttl('io:a'), -2);
    assert.equal(await redis.client('GETNAME'), 'the-tests');
  });

  test('a pipeline answers in order, an error in its place', async () => {
    const redis = await client();
    const pipeline = redis.pipeline();
    for (let n = 0; n < 500; n++) pipeline.set(`io:p:${n}`, `v${n}`).get(`io:p:${n}`);
    pipeline.call('NO-SUCH-COMMAND');
    pipeline.del('io:p:0', 'io:p:1');
    const results = (await pipeline.exec()) ?? [];
    assert.equal(results.length, 1002);
    for (let n = 0; n < 500; n++) {
      assert.deepEqual(results[2 * n], [null, 'OK']);
      assert.deepEqual(results[2 * n + 1], [null, `v${n}`]);
    }
    assert.match(String(results[1000]?.[0]?.message), /unknown command/i);
    assert.deepEqual(results[1001], [null, 2]);
  });

  test('auto-pipelining: thousands of single calls', async () => {
    const redis = await client({ enableAutoPipelining: true });
    const names = Array.from({ length: 3000 }, (_, n) => `io:auto:${n}`);
    assert.ok((await Promise.all(names.map((name) => redis.set(name, name)))).every((reply) => reply === 'OK'));
    assert.deepEqual(await Promise.all(names.map((name) => redis.get(name))), names);
  });

  test('buffers: any bytes as key and as value, up to 1 MiB', async () => {
    const redis = await client();
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await redis.set(everyByte, everyByte);
    assert.deepEqual(await redis.getBuffer(everyByte), everyByte);
    assert.equal(await redis.getBuffer('io:no such'), null);
    const large = Buffer.alloc(1024 * 1024);
    for (let at = 0; at < large.length; at += 4) large.writeUInt32LE((at * 2654435761) >>> 0, at);
    await redis.set('io:large', large);
    assert.ok(large.equals((await redis.getBuffer('io:large')) ?? Buffer.alloc(0)));
    await redis.set('io:empty', '');
    assert.equal(await redis.get('io:empty'), '');
  });

  test('a database of its own with `db`', async () => {
    const [zero, two] = await Promise.all([client(), client({ db: 2 })]);
    await two.set('io:db', 'two');
    assert.equal(await zero.get('io:db'), null);
    assert.equal(await two.get('io:db'), 'two');
  });

  test('many connections at once', async () => {
    const many = await Promise.all(Array.from({ length: 200 }, () => client()));
    const replies = await Promise.all(
      many.map(async (redis, n) => {
        await redis.set(`io:many:${n}`, n);
        return redis.get(`io:many:${n}`);
      }),
    );
    assert.deepEqual(
      replies,
      many.map((_, n) => String(n)),
    );
    await Promise.all(many.map((redis) => redis.quit()));
  });

  test('reconnects by itself after a restart, and finds its data', async () => {
    await using relay = await Relay.to(() => torc.port);
    const redis = await client({ port: relay.port, retryStrategy: () => 20, maxRetriesPerRequest: null });
    assert.equal(await redis.set('io:restart', 'before'), 'OK');
    await torc.kill();
    await until('the client notices', 5000, () => (redis.status === 'ready' ? undefined : true));
    const early = redis.get('io:restart');
    await torc.restart();
    assert.equal(await early, 'before');
    assert.equal(await redis.set('io:restart', 'after'), 'OK');
    redis.disconnect();
  });

  test('what is not supported is refused with an error that names it', { skip: torcOnly }, async () => {
    const redis = await client();
    await assert.rejects(redis.subscribe('news'), /subscribe/i);
    await assert.rejects(redis.publish('news', 'x'), /publish/i);
    await assert.rejects(redis.lpush('io:list', 'x'), /lpush/i);
    assert.equal(await redis.ping(), 'PONG');
  });
});
