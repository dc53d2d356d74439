/** The protocol as bytes on a socket: inline commands as typed into a terminal, pipelines, RESP3, keys of any bytes. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { converse } from '../support/conversation.ts';
import { encode, RawClient } from '../support/raw-client.ts';
import { ErrorReply, textOf, type Reply } from '../support/reply-reader.ts';
import { TorcProcess } from '../support/torc-process.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('the protocol on a socket', () => {
  let torc: TorcProcess;
  before(async () => (torc = await TorcProcess.start()));
  after(() => torc.remove());

  test('inline commands: plain, quoted, with spaces around and either line end', async () => {
    using client = await RawClient.connect(torc.port);
    assert.equal(await client.send('PING\r\n'), 'PONG');
    assert.equal(await client.send('ping\n'), 'PONG');
    assert.equal(await client.send('SET inline:a 1\r\n'), 'OK');
    assert.deepEqual(await client.send('  GET   inline:a  \r\n'), bytes('1'));
    assert.equal(await client.send('SET "inline b" "two words\\r\\n\\x00\\""\r\n'), 'OK');
    assert.deepEqual(await client.command('GET', 'inline b'), bytes('two words\r\n\0"'));
    assert.equal(await client.send("SET inline:c 'it\\'s'\r\n"), 'OK');
    assert.deepEqual(await client.command('GET', 'inline:c'), bytes("it's"));
  });

  test('empty lines and empty arrays get no answer', async () => {
    using client = await RawClient.connect(torc.port);
    assert.equal(await client.send('\r\n\r\n*0\r\n\r\nPING\r\n'), 'PONG');
    assert.equal(await client.command('PING'), 'PONG');
  });

  test('inline and binary commands in one pipeline, answered in order', async () => {
    using client = await RawClient.connect(torc.port);
    const replies = await Promise.all([
      client.send('SET mixed 1\r\n'),
      client.command('GET', 'mixed'),
      client.send('DEL mixed\r\n'),
      client.command('GET', 'mixed'),
    ]);
    assert.deepEqual(replies, ['OK', bytes('1'), 1, null]);
  });

  test('a pipeline of thousands in one write, an error among them, is answered in order', async () => {
    using client = await RawClient.connect(torc.port);
    const count = 5000;
    const replies: Promise<Reply>[] = [];
    client.socket.cork();
    for (let n = 0; n < count; n++) {
      replies.push(client.command('SET', `pipe:${n}`, `v${n}`));
      replies.push(n === 2500 ? client.command('NO-SUCH-COMMAND') : client.command('GET', `pipe:${n}`));
    }
    client.socket.uncork();
    const got = await Promise.all(replies);
    for (let n = 0; n < count; n++) {
      assert.equal(got[2 * n], 'OK');
      if (n === 2500) assert.ok(got[2 * n + 1] instanceof ErrorReply);
      else assert.deepEqual(got[2 * n + 1], bytes(`v${n}`));
    }
  });

  test('a command that arrives one byte at a time', async () => {
    using client = await RawClient.connect(torc.port);
    const command = encode(['SET', 'slow', 'value']);
    for (const byte of command.subarray(0, -1)) {
      await new Promise((resolve) => client.socket.write(Buffer.of(byte), resolve));
    }
    assert.equal(await client.send(command.subarray(-1)), 'OK');
    assert.deepEqual(await client.command('GET', 'slow'), bytes('value'));
  });

  test('names of commands and options in any case', async () => {
    using client = await RawClient.connect(torc.port);
    assert.equal(await client.command('sEt', 'case', 'v', 'eX', '100', 'nX'), 'OK');
    assert.ok(Number(await client.command('tTl', 'case')) > 90);
  });

  test('keys are bytes: __proto__, NUL, invalid UTF-8, nothing, 64 KiB', async () => {
    using client = await RawClient.connect(torc.port);
    const keys = [
      ...['__proto__', 'constructor', 'toString', ''].map((text) => bytes(text)),
      ...['\0', 'a\0b', 'a\0', '\xff\xfe', '\xc3', '\xc3\x28', '\r\n', '{', '{}', '{a', '}{'].map((text) =>
        bytes(text),
      ),
      Buffer.alloc(64 * 1024, 'k'),
    ];
    for (const key of keys) assert.equal(await client.command('DEL', key), 0);
    for (const [n, key] of keys.entries()) assert.equal(await client.command('SET', key, `value ${n}`), 'OK');
    for (const [n, key] of keys.entries()) assert.deepEqual(await client.command('GET', key), bytes(`value ${n}`));
    assert.equal(await client.command('DEL', ...keys), keys.length);
    for (const key of keys) assert.equal(await client.command('GET', key), null);
  });

  test('RESP3 after HELLO 3, RESP2 again after HELLO 2', async () => {
    using client = await RawClient.connect(torc.port);
    const three = await client.command('HELLO', '3');
    assert.ok(three instanceof Map);
    assert.equal(three.get('proto'), 3);
    assert.deepEqual([...three.keys()], ['server', 'version', 'proto', 'id', 'mode', 'role', 'modules']);
    using other = await RawClient.connect(torc.port);
    await other.command('HELLO', '3');
    const two = await other.command('HELLO', '2');
    assert.ok(Array.isArray(two));
    assert.equal(two[two.findIndex((item) => textOf(item) === 'proto') + 1], 2);
    const { answer } = await converse(
      torc.port,
      'HELLO 3\r\nGET no-such-key\r\nHELLO 2\r\nGET no-such-key\r\nQUIT\r\n',
    );
    assert.match(answer, /^%7\r\n.*\r\n_\r\n\*14\r\n.*\r\n\$-1\r\n\+OK\r\n$/s);
    const refused = await other.command('HELLO', '9');
    assert.ok(refused instanceof ErrorReply && refused.message.startsWith('NOPROTO '));
  });

  test('CLIENT: a name is kept, ids differ and rise', async () => {
    using one = await RawClient.connect(torc.port);
    using two = await RawClient.connect(torc.port);
    assert.equal(await one.command('CLIENT', 'SETNAME', 'worker-1'), 'OK');
    assert.deepEqual(await one.command('CLIENT', 'GETNAME'), bytes('worker-1'));
    assert.ok(Number(await two.command('CLIENT', 'ID')) > Number(await one.command('CLIENT', 'ID')));
    assert.ok((await one.command('CLIENT', 'NO-SUCH')) instanceof ErrorReply);
    assert.equal(await one.command('PING'), 'PONG');
  });

  test('QUIT answers OK and closes, and nothing after it is run', async () => {
    using client = await RawClient.connect(torc.port);
    assert.equal(await client.send(Buffer.concat([encode(['QUIT']), encode(['SET', 'after-quit', '1'])])), 'OK');
    await client.closed;
    using other = await RawClient.connect(torc.port);
    assert.equal(await other.command('GET', 'after-quit'), null);
  });
});
