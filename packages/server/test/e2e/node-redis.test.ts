/** node-redis (the package `redis`) against a real node, in RESP2 and in RESP3. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createClient, RESP_TYPES } from 'redis';
import { torcOnly } from '../support/launch.ts';
import { Relay } from '../support/relay.ts';
import { TorcProcess } from '../support/torc-process.ts';
import { until } from '../support/until.ts';

describe('node-redis', () => {
  let torc: TorcProcess;
  const ends: (() => void)[] = [];

  /** Connected, and ended when the tests are over: one that was left would reconnect for ever. */
  async function client(options: { RESP?: 2 | 3; name?: string; database?: number; port?: number } = {}) {
    const { port = torc.port, ...rest } = options;
    const made = createClient({ ...rest, socket: { host: '127.0.0.1', port, reconnectStrategy: () => 20 } });
    // What goes wrong rejects a command too; an error event that nobody hears would end the process.
    made.on('error', () => undefined);
    ends.push(() => made.isOpen && made.destroy());
    await made.connect();
    return made;
  }

  before(async () => (torc = await TorcProcess.start()));
  after(async () => {
    for (const end of ends) end();
    await torc.remove();
  });

  for (const RESP of [2, 3] as const) {
    test(`RESP${RESP}: set and get with EX, PX, NX, XX`, async () => {
      const redis = await client({ RESP, name: `tests-${RESP}` });
      const key = `nr:${RESP}`;
      assert.equal(await redis.get(key), null);
      assert.equal(await redis.set(key, '1', { expiration: { type: 'EX', value: 100 } }), 'OK');
      assert.ok((await redis.ttl(key)) > 90);
      assert.equal(await redis.set(key, '2', { condition: 'NX' }), null);
      assert.equal(await redis.set(key, '3', { condition: 'XX', expiration: { type: 'PX', value: 200_000 } }), 'OK');
      assert.ok((await redis.pTTL(key)) > 190_000);
      assert.equal(await redis.get(key), '3');
      const at = new Date(Date.now() + 1_000_000);
      assert.equal(await redis.set(key, '4', { expiration: { type: 'PXAT', value: at.getTime() } }), 'OK');
      assert.ok((await redis.ttl(key)) > 900);
      assert.equal(await redis.exists([key, 'nr:none']), 1);
      assert.equal(await redis.del([key, 'nr:none']), 1);
      assert.equal(await redis.ttl(key), -2);
      assert.equal(await redis.clientGetName(), `tests-${RESP}`);
      assert.equal(await redis.echo('hello'), 'hello');
      await redis.close();
    });

    test(`RESP${RESP}: bytes and long pipelines`, async () => {
      const redis = await client({ RESP });
      const binary = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
      const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      await binary.set(everyByte, everyByte);
      assert.deepEqual(await binary.get(everyByte), everyByte);
      const names = Array.from({ length: 3000 }, (_, n) => `nr:p:${n}`);
      await Promise.all(names.map((name) => redis.set(name, name)));
      assert.deepEqual(await Promise.all(names.map((name) => redis.get(name))), names);
      redis.destroy();
    });

    test(`RESP${RESP}: publish and subscribe are refused with a clear error`, { skip: torcOnly }, async () => {
      const redis = await client({ RESP });
      await assert.rejects(redis.publish('news', 'x'), /publish/i);
      await assert.rejects(
        redis.subscribe('news', () => undefined),
        /subscribe/i,
      );
      // After a refused subscribe in RESP2 this client answers in bytes, from any server.
      assert.deepEqual(Buffer.from(await redis.ping()), Buffer.from('PONG'));
      redis.destroy();
    });
  }

  test('a database of its own with `database`', async () => {
    const [zero, three] = await Promise.all([client(), client({ database: 3 })]);
    await three.set('nr:db', 'three');
    assert.equal(await zero.get('nr:db'), null);
    assert.equal(await three.get('nr:db'), 'three');
  });

  test('reconnects by itself after a restart, and finds its data', async () => {
    await using relay = await Relay.to(() => torc.port);
    const redis = await client({ port: relay.port });
    assert.equal(await redis.set('nr:restart', 'before'), 'OK');
    await torc.kill();
    await until('the client notices', 5000, () => (redis.isReady ? undefined : true));
    await torc.restart();
    await until('the client is back', 5000, () => (redis.isReady ? true : undefined));
    assert.equal(await redis.get('nr:restart'), 'before');
    assert.equal(await redis.set('nr:restart', 'after'), 'OK');
    redis.destroy();
  });
});
