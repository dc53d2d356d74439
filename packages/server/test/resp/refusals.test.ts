/** What clients are told that ask for a command there is not, or for something that is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Refusal } from '@torc/base/errors';
import type { TorcNode } from '@torc/node/node';
import { RespDecoder } from '@torc/wire/resp/decoder';
import { DEFAULT_RESP_LIMITS } from '@torc/wire/resp/limits';
import { ReplyBuffer } from '@torc/wire/resp/reply-buffer';
import { COMMANDS } from '../../src/resp/commands/table.ts';
import type { DoorInfo } from '../../src/resp/door-info.ts';
import { refusalReply, unknownCommand } from '../../src/resp/refusals.ts';
import { Session } from '../../src/resp/session.ts';

describe('an unknown command', () => {
  test('is named, and the list is pointed at', () => {
    assert.equal(told('FLY'), "ERR unknown command 'FLY'; COMMAND LIST names those that exist");
  });

  test('that clients often try has an advice, in any case', () => {
    assert.equal(told('Unlink'), "ERR unknown command 'Unlink': use DEL");
    assert.equal(COMMANDS.named('unlink'), undefined);
  });

  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']) {
    test(`that every object knows, ${name}, has none`, () => {
      assert.equal(told(name), `ERR unknown command '${name}'; COMMAND LIST names those that exist`);
    });
  }

  test('is shown in ASCII, and cut', () => {
    assert.match(told('a\r\n\xff'), /^ERR unknown command 'a\\x0d\\x0a\\xff'; /);
    assert.match(told(''), /^ERR unknown command ''; /);
    assert.ok(told('x'.repeat(100_000)).length < 250);
  });
});

test('a refusal is a code in capitals and its message', () => {
  assert.equal(refusalReply(new Refusal('disk-full', 'no room')), 'DISKFULL no room');
  assert.equal(refusalReply(new Refusal('key-too-long', 'at most 64 KiB')), 'ERR at most 64 KiB');
  assert.equal(refusalReply(new Refusal('memory-full', 'no room')), 'OOM no room');
});

/** Asks with a latin1 name. */
function told(name: string): string {
  const decoder = new RespDecoder(DEFAULT_RESP_LIMITS);
  decoder.feed(Uint8Array.from(Buffer.from(`*1\r\n$${name.length}\r\n${name}\r\n`, 'latin1')));
  decoder.next();
  // It looks at the arguments alone.
  const session = new Session(1, {} as TorcNode, decoder, new ReplyBuffer(), {} as DoorInfo);
  return unknownCommand(session);
}
