/** The first client that anybody tries: redis-cli, against a real node. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cliLine, redisCli, redisCliMissing } from '../support/redis-cli.ts';
import { torcOnly } from '../support/launch.ts';
import { TorcProcess } from '../support/torc-process.ts';
import { until } from '../support/until.ts';

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

describe('redis-cli', { skip: redisCliMissing }, () => {
  let torc: TorcProcess;
  const cli = (...args: string[]): Promise<string> => cliLine(torc.port, ...args);

  before(async () => (torc = await TorcProcess.start()));
  after(() => torc.remove());

  test('PING and ECHO', async () => {
    assert.equal(await cli('ping'), 'PONG');
    assert.equal(await cli('ping', 'hello'), 'hello');
    assert.equal(await cli('echo', 'two words'), 'two words');
  });

  test('SET, GET, EXISTS, DEL', async () => {
    assert.equal(await cli('get', 'cli:a'), '');
    assert.equal(await cli('set', 'cli:a', '1'), 'OK');
    assert.equal(await cli('get', 'cli:a'), '1');
    assert.equal(await cli('set', 'cli:a', '2'), 'OK');
    assert.equal(await cli('get', 'cli:a'), '2');
    assert.equal(await cli('exists', 'cli:a', 'cli:a', 'cli:none'), '2');
    assert.equal(await cli('del', 'cli:a', 'cli:none'), '1');
    assert.equal(await cli('exists', 'cli:a'), '0');
    assert.equal(await cli('--no-raw', 'get', 'cli:a'), '(nil)');
  });

  test('TTL and PTTL: what is left, -1 without an expiry, -2 without a key', async () => {
    await cli('set', 'cli:ttl', 'v', 'EX', '100');
    assert.match(await cli('ttl', 'cli:ttl'), /^(99|100)$/);
    const left = Number(await cli('pttl', 'cli:ttl'));
    assert.ok(left > 90_000 && left <= 100_000, `pttl ${left}`);
    await cli('set', 'cli:ttl', 'v');
    assert.equal(await cli('ttl', 'cli:ttl'), '-1');
    assert.equal(await cli('pttl', 'cli:ttl'), '-1');
    assert.equal(await cli('ttl', 'cli:none'), '-2');
    assert.equal(await cli('pttl', 'cli:none'), '-2');
  });

  test('EXAT and PXAT take a point in time', async () => {
    const inAnHour = Math.floor(Date.now() / 1000) + 3600;
    await cli('set', 'cli:exat', 'v', 'EXAT', String(inAnHour));
    assert.match(await cli('ttl', 'cli:exat'), /^(359\d|3600)$/);
    await cli('set', 'cli:exat', 'v', 'PXAT', String(inAnHour * 1000 + 1000_000));
    assert.match(await cli('ttl', 'cli:exat'), /^(459\d|460[01])$/);
  });

  test('PX expires: the key is gone for GET, EXISTS and TTL', async () => {
    await cli('set', 'cli:px', 'v', 'PX', '50');
    await until('the key expires', 5000, async () => ((await cli('get', 'cli:px')) === '' ? true : undefined));
    assert.equal(await cli('exists', 'cli:px'), '0');
    assert.equal(await cli('ttl', 'cli:px'), '-2');
    assert.equal(await cli('set', 'cli:px', 'again', 'NX'), 'OK');
    assert.equal(await cli('ttl', 'cli:px'), '-1');
  });

  test('NX and XX', async () => {
    assert.equal(await cli('--no-raw', 'set', 'cli:nx', 'v', 'XX'), '(nil)');
    assert.equal(await cli('exists', 'cli:nx'), '0');
    assert.equal(await cli('set', 'cli:nx', '1', 'NX'), 'OK');
    assert.equal(await cli('--no-raw', 'set', 'cli:nx', '2', 'NX'), '(nil)');
    assert.equal(await cli('get', 'cli:nx'), '1');
    assert.equal(await cli('set', 'cli:nx', '3', 'XX'), 'OK');
    assert.equal(await cli('get', 'cli:nx'), '3');
  });

  test('errors say what is wrong', async () => {
    assert.match(await cli('set', 'k'), /^ERR wrong number of arguments for 'set' command/);
    assert.match(await cli('set', 'k', 'v', 'NX', 'XX'), /^ERR syntax error/);
    assert.match(await cli('set', 'k', 'v', 'EX', 'soon'), /^ERR value is not an integer or out of range/);
    assert.match(await cli('set', 'k', 'v', 'EX', '0'), /^ERR invalid expire time in 'set' command/);
    assert.match(await cli('set', 'k', 'v', 'PX', '-1'), /^ERR invalid expire time in 'set' command/);
    assert.match(await cli('no-such-command', 'k'), /^ERR unknown command 'no-such-command'/);
    assert.equal(await cli('exists', 'k'), '0');
  });

  test('-3 speaks RESP3: HELLO answers a map, nil is a null', async () => {
    const hello = JSON.parse(await cli('--json', 'hello')) as Record<string, unknown>;
    assert.equal(hello['proto'], 3);
    assert.equal(hello['role'], 'master');
    assert.equal(hello['mode'], 'standalone');
    assert.equal(await cli('-3', 'set', 'cli:three', 'v'), 'OK');
    assert.equal(await cli('-3', 'get', 'cli:three'), 'v');
    assert.equal(await cli('--json', 'get', 'cli:none'), 'null');
    assert.match(await cli('hello', '4'), /^NOPROTO /);
  });

  test('SELECT separates databases', async () => {
    await cli('-n', '0', 'set', 'cli:db', 'zero');
    assert.equal(await cli('-n', '1', '--no-raw', 'get', 'cli:db'), '(nil)');
    await cli('-n', '1', 'set', 'cli:db', 'one');
    assert.equal(await cli('-n', '0', 'get', 'cli:db'), 'zero');
    assert.equal(await cli('-n', '1', 'get', 'cli:db'), 'one');
    assert.match(await cli('select', '-1'), /^ERR /);
    assert.match(await cli('select', 'one'), /^ERR /);
  });

  test('binary values, an empty key and an empty value come back as they were', async () => {
    const { stdout } = await redisCli(torc.port, ['-x', 'set', 'cli:binary'], everyByte);
    assert.equal(stdout.toString(), 'OK\n');
    const got = await redisCli(torc.port, ['get', 'cli:binary']);
    assert.deepEqual(got.stdout, Buffer.concat([everyByte, Buffer.from('\n')]));
    assert.equal(await cli('set', '', 'value of the empty key'), 'OK');
    assert.equal(await cli('get', ''), 'value of the empty key');
    assert.equal(await cli('set', 'cli:empty', ''), 'OK');
    assert.equal(await cli('--no-raw', 'get', 'cli:empty'), '""');
    assert.equal(await cli('exists', 'cli:empty'), '1');
  });

  test('commands from a file', async () => {
    const { stdout } = await redisCli(torc.port, [], 'set cli:file 1\nget cli:file\ndel cli:file\n');
    assert.equal(stdout.toString(), 'OK\n1\n1\n');
  });

  test('--pipe inserts in bulk', async () => {
    const count = 20_000;
    const lines = Array.from({ length: count }, (_, n) => `SET cli:pipe:${n} "value ${n}"\r\n`).join('');
    const { code, stdout } = await redisCli(torc.port, ['--pipe'], lines);
    assert.equal(code, 0);
    assert.match(stdout.toString(), new RegExp(`errors: 0, replies: ${count}\\b`));
    assert.equal(await cli('get', 'cli:pipe:0'), 'value 0');
    assert.equal(await cli('get', `cli:pipe:${count - 1}`), `value ${count - 1}`);
  });

  test('COMMAND, COMMAND COUNT, COMMAND INFO and COMMAND DOCS do no harm', async () => {
    assert.match(await cli('command', 'count'), /^\d+$/);
    assert.match(await cli('command', 'info', 'get'), /get/);
    await cli('command', 'docs', 'get');
    await cli('command');
    assert.equal(await cli('ping'), 'PONG');
  });

  test('INFO names the process', { skip: torcOnly }, async () => {
    const info = await cli('info');
    assert.match(info, /^redis_version:7\.0\.15\r?$/m);
    assert.match(info, new RegExp(`^process_id:${torc.pid}\\r?$`, 'm'));
  });
});
