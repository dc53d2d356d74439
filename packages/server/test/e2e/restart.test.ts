/** Stopping and starting: SIGTERM is clean, `kill -9` loses nothing that was acknowledged, expiries go on. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { RawClient } from '../support/raw-client.ts';
import { textOf } from '../support/reply-reader.ts';
import { TorcProcess } from '../support/torc-process.ts';

describe('restart', () => {
  let torc: TorcProcess;
  before(async () => (torc = await TorcProcess.start()));
  after(() => torc.remove());

  for (const how of ['stop', 'kill'] as const) {
    test(`values, deletes and expiries survive ${how === 'stop' ? 'SIGTERM, which exits 0' : 'kill -9'}`, async () => {
      using client = await RawClient.connect(torc.port);
      assert.equal(await client.command('SET', 'kept', how), 'OK');
      assert.equal(await client.command('SET', 'timed', how, 'EX', '1000'), 'OK');
      assert.equal(await client.command('SET', 'deleted', how), 'OK');
      assert.equal(await client.command('DEL', 'deleted'), 1);
      const code = await torc[how]();
      if (how === 'stop') assert.equal(code, 0, torc.output);
      await torc.restart();
      using again = await RawClient.connect(torc.port);
      assert.deepEqual(await again.command('GET', 'kept'), Buffer.from(how));
      assert.deepEqual(await again.command('GET', 'timed'), Buffer.from(how));
      const left = Number(await again.command('TTL', 'timed'));
      assert.ok(left > 900 && left <= 1000, `ttl ${left}`);
      assert.equal(await again.command('GET', 'deleted'), null);
      assert.equal(await again.command('DEL', 'kept', 'timed', 'deleted'), 2);
    });
  }

  test('SIGTERM under load answers or closes: what was acknowledged is there', async () => {
    using client = await RawClient.connect(torc.port);
    let acknowledged = -1;
    for (let n = 0; n < 2000; n++) {
      client.request(`SET load ${n}\r\n`, (reply) => {
        if (reply === 'OK') acknowledged = n;
      });
    }
    assert.equal(await torc.stop(), 0, torc.output);
    await client.closed;
    await torc.restart();
    using again = await RawClient.connect(torc.port);
    const found = await again.command('GET', 'load');
    const last = found === null ? -1 : Number(textOf(found));
    assert.ok(last >= acknowledged, `found ${last}, acknowledged ${acknowledged}`);
  });
});
