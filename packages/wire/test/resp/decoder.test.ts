/**
 * A transcript of commands in every form, split at every byte boundary; what breaks a stream; what a declared length
 * may cost.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BROKEN, COMMAND, MORE, RespDecoder } from '@torc/wire/resp/decoder';
import { DEFAULT_RESP_LIMITS } from '@torc/wire/resp/limits';
import { argumentsOf, arrayOf, bytesOf, everyByte, feedAll } from './feed.ts';
import { meaningOf } from './reference-decoder.ts';

const SMALL = { bulkBytes: 10, args: 3, commandBytes: 40, inlineBytes: 20 };

const MANY = Array.from({ length: 40 }, (_, i) => `k${i}`);

/** What stands on the wire, and the command that it is; without one it is passed over. */
const TRANSCRIPT: readonly (readonly [wire: string, args?: readonly string[]])[] = [
  ['*1\r\n$4\r\nPING\r\n', ['PING']],
  ['*0\r\n'],
  ['ping\r\n', ['ping']],
  ['get  a\t b \n', ['get', 'a', 'b']],
  ['\r\n'],
  ['*-1\r\n'],
  [' \t\r\n'],
  ['\n'],
  ['set "a b\\n\\x00\\"" \'it\\\'s\'\r\n', ['set', 'a b\n\0"', "it's"]],
  ["echo ''\r\n", ['echo', '']],
  ['*3\r\n$3\r\nSET\r\n$0\r\n\r\n$0\r\n\r\n', ['SET', '', '']],
  [arrayOf(''), ['']],
  [arrayOf('SET', 'a\r\nb', '\0\xff\xc0\x80\xed\xa0\x80\r'), ['SET', 'a\r\nb', '\0\xff\xc0\x80\xed\xa0\x80\r']],
  [arrayOf('SET', '*1\r\n$4\r\nPING\r\n', '\n'), ['SET', '*1\r\n$4\r\nPING\r\n', '\n']],
  [arrayOf('DEL', ...MANY), ['DEL', ...MANY]],
  ['*0\r\n*0\r\n*-1\r\n'],
  ['$5\r\n', ['$5']],
  [arrayOf('GET', 'a'), ['GET', 'a']],
  [arrayOf('GET', 'b'), ['GET', 'b']],
];

const wire = TRANSCRIPT.map(([text]) => text).join('');
const expected = TRANSCRIPT.flatMap(([, args]) => (args === undefined ? [] : [args]));
const input = bytesOf(wire);

describe('a transcript of commands', () => {
  test('fed whole', () => {
    const fed = feedAll(input, []);
    assert.deepEqual(fed.commands, expected);
    assert.equal(fed.outcome, 'more');
    assert.deepEqual(meaningOf(wire, DEFAULT_RESP_LIMITS), { commands: expected, outcome: 'more' });
  });

  test('in two chunks, split at every byte', () => {
    for (let cut = 0; cut <= input.length; cut += 1) {
      assert.deepEqual(feedAll(input, [cut]).commands, expected, `cut at ${cut}`);
    }
  });

  test('in two chunks, split at every byte, parked behind every command', () => {
    for (let cut = 0; cut <= input.length; cut += 1) {
      assert.deepEqual(feedAll(input, [cut], { parks: () => true }).commands, expected, `cut at ${cut}`);
    }
  });

  test('in two chunks, split at every byte, every command taken back and given again', () => {
    for (const rewind of ['at once', 'later'] as const) {
      for (let cut = 0; cut <= input.length; cut += 1) {
        const { commands } = feedAll(input, [cut], { rewinds: () => rewind });
        assert.deepEqual(commands, expected, `cut at ${cut}, asked for again ${rewind}`);
      }
    }
  });

  test('in three chunks, the middle one of one to twelve bytes at every place', () => {
    for (let cut = 0; cut <= input.length; cut += 1) {
      for (let size = 1; size <= 12 && cut + size <= input.length; size += 1) {
        assert.deepEqual(feedAll(input, [cut, cut + size]).commands, expected, `cut at ${cut} and ${size} further`);
      }
    }
  });

  test('byte by byte, with empty chunks between', () => {
    const cuts = everyByte(input.length);
    assert.deepEqual(feedAll(input, cuts).commands, expected);
    assert.deepEqual(feedAll(input, cuts, { parks: () => true }).commands, expected);
    const twice = cuts.flatMap((cut) => [cut, cut]);
    assert.deepEqual(feedAll(input, twice).commands, expected);
  });

  test('cut short at every byte it gives the commands that are whole', () => {
    for (let end = 0; end <= input.length; end += 1) {
      const fed = feedAll(input.subarray(0, end), everyByte(end));
      assert.deepEqual(fed.commands, meaningOf(wire.slice(0, end), DEFAULT_RESP_LIMITS).commands, `${end} bytes`);
      assert.equal(fed.outcome, 'more');
    }
  });
});

test('a key of 64 KiB, split at every byte', () => {
  const key = Array.from({ length: 65536 }, (_, i) => String.fromCharCode((i * 7 + (i >> 8)) & 0xff)).join('');
  const commands = [['PING'], ['SET', key, 'v'], ['GET', 'a']];
  const bytes = bytesOf(commands.map((args) => arrayOf(...args)).join(''));
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const fed = feedAll(bytes, [cut]);
    // A loop of its own: `deepEqual` of so long a text, so often, is slow.
    assert.equal(fed.commands.length, 3, `cut at ${cut}`);
    assert.ok(
      commands.every((args, i) => args.every((arg, j) => fed.commands[i]?.[j] === arg)),
      `cut at ${cut}`,
    );
  }
  assert.deepEqual(feedAll(bytes, everyByte(bytes.length)).commands, commands);
});

describe('parked decoding', () => {
  test('goes on behind the command without a new chunk, though the old one is gone', () => {
    const chunk = bytesOf(`${arrayOf('GET', 'a')}echo b\r\n${arrayOf('GET', 'c')}*1\r\n$4\r\nPI`);
    const decoder = new RespDecoder(DEFAULT_RESP_LIMITS);
    decoder.feed(chunk);
    assert.equal(decoder.next(), COMMAND);
    assert.deepEqual(argumentsOf(decoder), ['GET', 'a']);
    decoder.keep();
    chunk.fill(0);
    for (const args of [
      ['echo', 'b'],
      ['GET', 'c'],
    ]) {
      assert.equal(decoder.next(), COMMAND);
      assert.deepEqual(argumentsOf(decoder), args);
      decoder.keep();
    }
    assert.equal(decoder.next(), MORE);
    decoder.keep();
    decoder.feed(bytesOf('NG\r\n'));
    assert.equal(decoder.next(), COMMAND);
    assert.deepEqual(argumentsOf(decoder), ['PING']);
    assert.equal(decoder.next(), MORE);
  });

  test('a chunk that arrives meanwhile comes behind what is left', () => {
    const decoder = new RespDecoder(DEFAULT_RESP_LIMITS);
    decoder.feed(bytesOf(`ping\r\n${arrayOf('GET', 'a')}*1\r\n`));
    assert.equal(decoder.next(), COMMAND);
    decoder.keep();
    decoder.feed(bytesOf('$1\r\nx\r\nquit\r\n'));
    for (const args of [['GET', 'a'], ['x'], ['quit']]) {
      assert.equal(decoder.next(), COMMAND);
      assert.deepEqual(argumentsOf(decoder), args);
    }
    assert.equal(decoder.next(), MORE);
  });
});

describe('a stream that cannot be followed', () => {
  const long = 'x'.repeat(21);
  const broken: readonly (readonly [wire: string, problem: RegExp])[] = [
    ['*+1\r\n', /invalid multibulk length/],
    ['* 1\r\n', /invalid multibulk length/],
    ['*1 \r\n', /invalid multibulk length/],
    ['*\r\n', /invalid multibulk length/],
    ['*-\r\n', /invalid multibulk length/],
    ['*-2\r\n', /invalid multibulk length/],
    ['*-0\r\n', /invalid multibulk length/],
    ['*1.0\r\n', /invalid multibulk length/],
    ['*0x1\r\n', /invalid multibulk length/],
    ['*1\n', /invalid multibulk length/],
    ['*1\r\r\n', /invalid multibulk length/],
    ['*12345678901', /invalid multibulk length/],
    ['*00000000001\r\n', /invalid multibulk length/],
    ['*4\r\n', /more than 3 arguments/],
    ['*9999999999\r\n', /more than 3 arguments/],
    ['*1\r\n$+1\r\n', /invalid bulk length/],
    ['*1\r\n$ 1\r\n', /invalid bulk length/],
    ['*1\r\n$\r\n', /invalid bulk length/],
    ['*1\r\n$-1\r\n', /invalid bulk length/],
    ['*1\r\n$-2\r\n', /invalid bulk length/],
    ['*1\r\n$12345678901', /invalid bulk length/],
    ['*1\r\n$11\r\n', /invalid bulk length/],
    ['*1\r\n$9999999999\r\n', /invalid bulk length/],
    ['*1\r\n:1\r\n', /expected '\$', got ':'/],
    ['*1\r\n\r\n', /expected '\$', got '\r'/],
    ['*1\r\n$1\r\nabc', /does not end with CRLF/],
    ['*1\r\n$1\r\na\n\r', /does not end with CRLF/],
    [`*3\r\n${`$10\r\n${'a'.repeat(10)}\r\n`.repeat(2)}$4\r\n`, /at most 40 bytes/],
    [long, /too big inline request/],
    [`${long}\n`, /too big inline request/],
    ['get "a\r\n', /unbalanced quotes/],
    ['get "a"b\n', /unbalanced quotes/],
    ["get 'a\\'\n", /unbalanced quotes/],
  ];
  for (const [text, problem] of broken) {
    test(JSON.stringify(text), () => {
      const before = arrayOf('PING');
      const bytes = bytesOf(before + text);
      for (const cuts of [[], [before.length], everyByte(bytes.length)]) {
        const fed = feedAll(bytes, cuts, { limits: SMALL });
        assert.deepEqual(fed.commands, [['PING']]);
        assert.equal(fed.outcome, 'broken');
        assert.match(fed.problem, /^Protocol error: /);
        assert.match(fed.problem, problem);
      }
    });
  }

  test('at its limits a stream is whole', () => {
    const ten = 'a'.repeat(10);
    const twenty = 'b'.repeat(20);
    const text = `${arrayOf('1', '2', '3')}${arrayOf(ten)}${arrayOf(ten, ten)}${twenty}\n${twenty}`;
    for (const cuts of [[], everyByte(text.length)]) {
      const fed = feedAll(bytesOf(text), cuts, { limits: SMALL });
      assert.deepEqual(fed.commands, [['1', '2', '3'], [ten], [ten, ten], [twenty]]);
      assert.equal(fed.outcome, 'more');
    }
  });
});

describe('memory follows what arrived', () => {
  test('a length that is declared and not sent takes none', () => {
    const { args, bulkBytes } = DEFAULT_RESP_LIMITS;
    const decoder = new RespDecoder(DEFAULT_RESP_LIMITS);
    decoder.feed(bytesOf(`*${args}\r\n$${bulkBytes}\r\n`));
    assert.equal(decoder.next(), MORE);
    decoder.keep();
    assert.ok(decoder.heldBytes <= 4096, `${decoder.heldBytes} bytes held`);
    assert.ok(decoder.starts.length <= 64, `room for ${decoder.starts.length} ranges`);
    for (let i = 0; i < 10; i += 1) {
      decoder.feed(new Uint8Array(1000));
      assert.equal(decoder.next(), MORE);
      decoder.keep();
    }
    assert.ok(decoder.heldBytes <= 20_100, `${decoder.heldBytes} bytes held for 10 000`);
  });

  test('nothing is held between whole commands, nor for one that has run', () => {
    const decoder = new RespDecoder(DEFAULT_RESP_LIMITS);
    decoder.feed(bytesOf(arrayOf('SET', 'a', 'v'.repeat(100_000))));
    assert.equal(decoder.next(), COMMAND);
    decoder.keep();
    assert.equal(decoder.heldBytes, 0);
    assert.equal(decoder.bytes.length, 0);
    assert.equal(decoder.next(), MORE);
    decoder.keep();
    assert.equal(decoder.heldBytes, 0);
  });

  test('what a large command took is let go behind it', () => {
    const large = bytesOf(arrayOf('SET', 'a', 'v'.repeat(100_000)));
    const decoder = new RespDecoder(DEFAULT_RESP_LIMITS);
    for (const [chunk, progress, held] of [
      [large.slice(0, 50_000), MORE, 50_000],
      [large.slice(50_000), COMMAND, 0],
    ] as const) {
      decoder.feed(chunk);
      assert.equal(decoder.next(), progress);
      decoder.keep();
      assert.equal(decoder.heldBytes, held);
    }
  });

  test('what a large command took is let go behind it, even when the next has begun', () => {
    const decoder = new RespDecoder(DEFAULT_RESP_LIMITS);
    const large = bytesOf(arrayOf('SET', 'a', 'v'.repeat(3_000_000)));
    decoder.feed(large.slice(0, 2_000_000));
    assert.equal(decoder.next(), MORE);
    decoder.keep();
    decoder.feed(large.slice(2_000_000, 2_000_001));
    assert.equal(decoder.next(), MORE);
    decoder.keep();
    assert.ok(decoder.heldBytes <= 4_100_000);
    const tail = new Uint8Array(large.length - 2_000_001 + 4);
    tail.set(large.subarray(2_000_001));
    tail.set(bytesOf('*1\r\n'), tail.length - 4);
    decoder.feed(tail);
    assert.equal(decoder.next(), COMMAND);
    assert.equal(decoder.next(), MORE);
    decoder.keep();
    assert.ok(decoder.heldBytes <= 65_536, `${decoder.heldBytes} bytes held for four`);
    decoder.feed(bytesOf('$4\r\nPING\r\n'));
    assert.equal(decoder.next(), COMMAND);
    assert.deepEqual(argumentsOf(decoder), ['PING']);
  });

  test('so is the room for the ranges of very many arguments', () => {
    const decoder = new RespDecoder(DEFAULT_RESP_LIMITS);
    decoder.feed(bytesOf(arrayOf('DEL', ...Array.from({ length: 100_000 }, () => 'k'))));
    assert.equal(decoder.next(), COMMAND);
    assert.equal(decoder.count, 100_001);
    assert.equal(decoder.next(), MORE);
    decoder.keep();
    assert.ok(decoder.starts.length <= 4096, `room for ${decoder.starts.length} ranges`);
    assert.equal(decoder.ends.length, decoder.starts.length);
    decoder.feed(bytesOf('ping\r\n*5'));
    assert.equal(decoder.next(), COMMAND);
    assert.deepEqual(argumentsOf(decoder), ['ping']);
    assert.equal(decoder.next(), MORE);
    decoder.keep();
    decoder.feed(bytesOf('x'));
    assert.equal(decoder.next(), BROKEN);
  });
});

describe('a command that is taken back', () => {
  const [first, second] = [arrayOf('SET', 'k', 'value'), arrayOf('GET', 'k')];

  test('comes again as often as it is taken back, also behind chunks that arrive meanwhile', () => {
    const decoder = new RespDecoder(DEFAULT_RESP_LIMITS);
    decoder.feed(bytesOf(first + second.slice(0, 5)));
    for (const chunk of ['', second.slice(5), first]) {
      assert.equal(decoder.next(), COMMAND);
      assert.deepEqual(argumentsOf(decoder), ['SET', 'k', 'value']);
      decoder.rewind();
      decoder.keep();
      if (chunk !== '') decoder.feed(bytesOf(chunk));
    }
    const rest: (readonly string[])[] = [];
    while (decoder.next() === COMMAND) rest.push(argumentsOf(decoder));
    assert.deepEqual(rest, [
      ['SET', 'k', 'value'],
      ['GET', 'k'],
      ['SET', 'k', 'value'],
    ]);
  });

  test('is held, whole, until it has been given again and let go', () => {
    const decoder = new RespDecoder(DEFAULT_RESP_LIMITS);
    const large = arrayOf('SET', 'k', 'v'.repeat(100_000));
    decoder.feed(bytesOf(large));
    assert.equal(decoder.next(), COMMAND);
    decoder.rewind();
    decoder.keep();
    assert.ok(decoder.heldBytes >= large.length && decoder.heldBytes <= 2 * large.length);
    assert.equal(decoder.next(), COMMAND);
    assert.equal(decoder.next(), MORE);
    decoder.keep();
    assert.equal(decoder.heldBytes, 0);
  });
});
