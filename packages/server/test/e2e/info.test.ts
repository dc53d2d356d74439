/** INFO with Redis's field names: dashboards, exporters and clients read it before anything else. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { infoNumber, infoOf } from '../support/info.ts';
import { torcOnly } from '../support/launch.ts';
import { RawClient } from '../support/raw-client.ts';
import { TorcProcess } from '../support/torc-process.ts';
import { untilNumber } from '../support/until.ts';

describe('INFO', () => {
  let torc: TorcProcess;
  before(async () => (torc = await TorcProcess.start()));
  after(() => torc.remove());

  test('has the fields that clients and exporters read', async () => {
    using client = await RawClient.connect(torc.port);
    assert.equal(await client.command('PING'), 'PONG');
    const info = await infoOf(client);
    for (const field of ['redis_version', 'redis_mode', 'process_id', 'run_id', 'tcp_port', 'uptime_in_seconds']) {
      assert.ok((info.get(field) ?? '') !== '', `${field} is missing`);
    }
    for (const field of ['connected_clients', 'used_memory', 'used_memory_rss', 'total_commands_processed']) {
      assert.ok(Number(info.get(field)) > 0, `${field}:${info.get(field)}`);
    }
    assert.equal(info.get('redis_version'), '7.0.15');
    assert.equal(info.get('loading'), '0');
    assert.equal(info.get('role'), 'master');
    assert.equal(Number(info.get('tcp_port')), torc.port);
  });

  test('process_id is the process', { skip: torcOnly }, async () => {
    using client = await RawClient.connect(torc.port);
    assert.equal(await infoNumber(client, 'process_id'), torc.pid);
  });

  test('connected_clients follows connections', async () => {
    using watcher = await RawClient.connect(torc.port);
    const clients = (): Promise<number> => infoNumber(watcher, 'connected_clients');
    const base = await untilNumber('other connections are gone', 5000, clients, (count) => count === 1);
    const more = await Promise.all(Array.from({ length: 5 }, () => RawClient.connect(torc.port)));
    await untilNumber('five more are counted', 5000, clients, (count) => count === base + 5);
    for (const one of more) one.socket.destroy();
    await untilNumber('and not when they left', 5000, clients, (count) => count === base);
  });

  test('the keyspace line counts keys', async () => {
    using client = await RawClient.connect(torc.port);
    assert.equal((await infoOf(client)).get('db0'), undefined);
    await client.command('SET', 'a', '1');
    await client.command('SET', 'b', '2', 'EX', '100');
    assert.match((await infoOf(client)).get('db0') ?? '', /^keys=2,expires=\d+/);
  });

  test('one section can be asked for', async () => {
    using client = await RawClient.connect(torc.port);
    const info = await infoOf(client, 'server');
    assert.equal(info.get('redis_version'), '7.0.15');
    assert.equal(info.get('connected_clients'), undefined);
  });
});
