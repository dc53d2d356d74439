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
  before(async () => (torc = await TorcProcess.start()));
  after(() => torc.remove());

  for (const RESP of [2, 3] as const) {
    test(`RESP${RESP}: set and get with EX, PX, NX, XX`, async () => {
      const client = createClient({ RESP, socket: { host: '127.0.0.1', port: torc.port }, name: `tests-${RESP}` });
      await client.connect();
      const key = `nr:${RESP}`;
      assert.equal(await client.get(key), null);
      assert.equal(await client.set(key, '1', { expiration: { type: 'EX', value: 100 } }), 'OK');
      assert.ok((await client.ttl(key)) > 90);
      assert.equal(await client.set(key, '2', { condition: 'NX' }), null);
      assert.equal(await client.set(key, '3', { condition: 'XX', expiration: { type: 'PX', value: 200_000 } }), 'OK');
      assert.ok((await client.pTTL(key)) > 190_000);
      assert.equal(await client.get(key), '3');
      const at = new Date(Date.now() + 1_000_000);
      assert.equal(await client.set(key, '4', { expiration: { type: 'PXAT', value: at.getTime() } }), 'OK');
      assert.ok((await client.ttl(key)) > 900);
      assert.equal(await client.exists([key, 'nr:none']), 1);
      assert.equal(await client.del([key, 'nr:none']), 1);
      assert.equal(await client.ttl(key), -2);
      assert.equal(await client.clientGetName(), `tests-${RESP}`);
      assert.equal(await client.echo('hello'), 'hello');
      await client.close();
    });

    test(`RESP${RESP}: bytes and long pipelines`, async () => {
      const client = createClient({ RESP, socket: { host: '127.0.0.1', port: torc.port } });
      await client.connect();
      const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
      const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      await binary.set(everyByte, everyByte);
      assert.deepEqual(await binary.get(everyByte), everyByte);
      const names = Array.from({ length: 3000 }, (_, n) => `nr:p:${n}`);
      await Promise.all(names.map((name) => client.set(name, name)));
      assert.deepEqual(await Promise.all(names.map((name) => client.get(name))), names);
      client.destroy();
    });

    test(`RESP${RESP}: publish and subscribe are refused with a clear error`, { skip: torcOnly }, async () => {
      const client = createClient({ RESP, socket: { host: '127.0.0.1', port: torc.port } });
      await client.connect();
      await assert.rejects(client.publish('news', 'x'), /publish/i);
      await assert.rejects(
        client.subscribe('news', () => undefined),
        /subscribe/i,
      );
      // After a refused subscribe in RESP2 this client answers in bytes, from any server.
      assert.equal(String(await client.ping()), 'PONG');
      client.destroy();
    });
  }

  test('a database of its own with `database`', async () => {
    const options = { socket: { host: '127.0.0.1', port: torc.port } };
    const [zero, three] = [createClient(options), createClient({ ...options, database: 3 })];
    await Promise.all([zero.connect(), three.connect()]);
    await three.set('nr:db', 'three');
    assert.equal(await zero.get('nr:db'), null);
    assert.equal(await three.get('nr:db'), 'three');
    await Promise.all([zero.close(), three.close()]);
  });

  test('reconnects by itself after a restart, and finds its data', async () => {
    await using relay = await Relay.to(() => torc.port);
    const client = createClient({ socket: { host: '127.0.0.1', port: relay.port, reconnectStrategy: () => 20 } });
    client.on('error', () => undefined);
    await client.connect();
    assert.equal(await client.set('nr:restart', 'before'), 'OK');
    await torc.kill();
    await until('the client notices', 5000, () => (client.isReady ? undefined : true));
    const early = client.get('nr:restart');
    await torc.restart();
    assert.equal(await early, 'before');
    assert.equal(await client.set('nr:restart', 'after'), 'OK');
    client.destroy();
  });
});
