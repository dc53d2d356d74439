/** Each kind of reply as golden bytes in RESP2 and RESP3; growth; what is left when some of it has been sent. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReplyBuffer, type RespProtocol } from '@torc/wire/resp/reply-buffer';
import * as fc from 'fast-check';
import { bytesOf, latin1 } from './feed.ts';

type Write = (reply: ReplyBuffer) => void;

const KINDS: readonly (readonly [name: string, write: Write, resp2: string, resp3?: string])[] = [
  ['ok', (reply) => reply.ok(), '+OK\r\n'],
  ['null', (reply) => reply.null(), '$-1\r\n', '_\r\n'],
  ['status', (reply) => reply.status('PONG'), '+PONG\r\n'],
  ['empty status', (reply) => reply.status(''), '+\r\n'],
  ['error', (reply) => reply.error('ERR no'), '-ERR no\r\n'],
  ['error with line breaks', (reply) => reply.error('ERR a\r\nb\n+OK\r'), '-ERR a  b +OK \r\n'],
  ['integer', (reply) => reply.integer(42), ':42\r\n'],
  ['empty bulk', (reply) => reply.bulk(bytesOf('abc'), 1, 1), '$0\r\n\r\n'],
  ['bulk of a range', (reply) => reply.bulk(bytesOf('x\r\n\0\xffy'), 1, 5), '$4\r\n\r\n\0\xff\r\n'],
  ['bulk of ten', (reply) => reply.bulk(bytesOf('0123456789'), 0, 10), '$10\r\n0123456789\r\n'],
  ['text', (reply) => reply.text('torc'), '$4\r\ntorc\r\n'],
  ['empty text', (reply) => reply.text(''), '$0\r\n\r\n'],
  ['verbatim', (reply) => reply.verbatim('a:1\r\n'), '$5\r\na:1\r\n\r\n', '=9\r\ntxt:a:1\r\n\r\n'],
  ['empty verbatim', (reply) => reply.verbatim(''), '$0\r\n\r\n', '=4\r\ntxt:\r\n'],
  ['array', (reply) => reply.array(3), '*3\r\n'],
  ['empty array', (reply) => reply.array(0), '*0\r\n'],
  ['map', (reply) => reply.map(7), '*14\r\n', '%7\r\n'],
  ['empty map', (reply) => reply.map(0), '*0\r\n', '%0\r\n'],
];

const INTEGERS = [
  0,
  1,
  9,
  10,
  11,
  99,
  100,
  101,
  1_000_000,
  2_147_483_647,
  2_147_483_648,
  4_294_967_296,
  999_999_999_999_999,
  1_000_000_000_000_000,
  Number.MAX_SAFE_INTEGER,
];

describe('golden bytes', () => {
  for (const [name, write, resp2, resp3 = resp2] of KINDS) {
    test(name, () => {
      assert.equal(written(2, write), resp2);
      assert.equal(written(3, write), resp3);
    });
  }

  test('one behind the other', () => {
    const all: Write = (reply) => KINDS.forEach(([, write]) => write(reply));
    assert.equal(written(2, all), KINDS.map(([, , resp2]) => resp2).join(''));
    assert.equal(written(3, all), KINDS.map(([, , resp2, resp3]) => resp3 ?? resp2).join(''));
  });

  test('the protocol may change between two replies', () => {
    const reply = new ReplyBuffer();
    reply.null();
    reply.protocol = 3;
    reply.null();
    assert.equal(textOf(reply), '$-1\r\n_\r\n');
  });
});

describe('integers', () => {
  for (const value of INTEGERS.flatMap((one) => (one === 0 ? [0, -0] : [one, -one]))) {
    test(`${value}`, () =>
      assert.equal(
        written(2, (reply) => reply.integer(value)),
        `:${value}\r\n`,
      ));
  }

  test('any safe integer', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(16), (value, shift) => {
        const some = Math.trunc(value / 10 ** shift);
        assert.equal(
          written(3, (reply) => reply.integer(some)),
          `:${some}\r\n`,
        );
      }),
      { numRuns: 5000 },
    );
  });
});

describe('growth', () => {
  for (const [name, write, resp2] of KINDS) {
    test(`${name}, as often as it takes, at every offset from the end of the room`, () => {
      for (let offset = 0; offset < 40; offset += 1) {
        const reply = new ReplyBuffer();
        const before = 'x'.repeat(reply.bytes.length - 24 - offset);
        reply.status(before);
        for (let i = 0; i < 40; i += 1) write(reply);
        assert.equal(textOf(reply), `+${before}\r\n${resp2.repeat(40)}`);
      }
    });
  }

  test('a reply larger than twice the room', () => {
    const large = new Uint8Array(1_000_000).fill(0x61);
    const reply = new ReplyBuffer();
    reply.ok();
    reply.bulk(large, 0, large.length);
    reply.ok();
    assert.equal(textOf(reply), `+OK\r\n$1000000\r\n${latin1(large)}\r\n+OK\r\n`);
  });
});

describe('discard', () => {
  for (const lent of [true, false]) {
    test(`keeps the rest at every place, ${lent ? 'in another array when lent' : 'in the same array'}`, () => {
      const whole = KINDS.map(([, , resp2]) => resp2).join('');
      for (let count = 0; count <= whole.length; count += 1) {
        const reply = new ReplyBuffer();
        for (const [, write] of KINDS) write(reply);
        const { bytes } = reply;
        const sent = bytes.subarray(0, count);
        reply.discard(count, lent);
        assert.equal(reply.bytes === bytes, !lent);
        assert.equal(textOf(reply), whole.slice(count));
        reply.ok();
        assert.equal(textOf(reply), `${whole.slice(count)}+OK\r\n`);
        if (lent) assert.equal(latin1(sent), whole.slice(0, count), 'what is lent stays as it was');
      }
    });

    test(`keeps a rest larger than the first room, ${lent ? 'lent' : 'not lent'}`, () => {
      const reply = new ReplyBuffer();
      const rest = 'b'.repeat(100_000);
      reply.ok();
      reply.text(rest);
      reply.discard(5, lent);
      assert.equal(textOf(reply), `$100000\r\n${rest}\r\n`);
    });
  }

  test('lets a large array go when all of it has been sent, and keeps one that is not', () => {
    for (const [length, kept] of [
      [100_000, true],
      [1_000_000, false],
    ] as const) {
      const reply = new ReplyBuffer();
      reply.text('x'.repeat(length));
      const { bytes } = reply;
      reply.discard(reply.end, false);
      assert.equal(reply.bytes === bytes, kept);
      assert.ok(reply.bytes.length <= 256 * 1024);
      assert.equal(reply.end, 0);
    }
  });
});

function written(protocol: RespProtocol, write: Write): string {
  const reply = new ReplyBuffer();
  reply.protocol = protocol;
  write(reply);
  return textOf(reply);
}

function textOf(reply: ReplyBuffer): string {
  return latin1(reply.bytes.subarray(0, reply.end));
}
