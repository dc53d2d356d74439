/**
 * Random streams, whole and damaged, in random chunks: the decoder gives what the reference decoder reads from the whole
 * input, commands and verdict, never throws, and holds no more than a command and a chunk ask for. fast-check prints the
 * seed and the smallest input that fails.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { arrayOf, bytesOf, feedAll, latin1 } from './feed.ts';
import { meaningOf } from './reference-decoder.ts';

/** Small, so that damaged input runs into them. Whole streams of the arbitraries below stay inside. */
const LIMITS = { bulkBytes: 32, args: 6, commandBytes: 170, inlineBytes: 100 };

interface Piece {
  readonly wire: string;
  /** None for what is passed over. */
  readonly args?: readonly string[];
}

const awkward = fc.constantFrom('', '\r\n', '\0', '*1\r\n', '$-1\r\n', '\xff\xfe', ' ', '"', "'", '\\', '\\x4');

const bytesText = (maxLength: number): fc.Arbitrary<string> => fc.uint8Array({ maxLength }).map(latin1);

const array: fc.Arbitrary<Piece> = fc
  .array(fc.oneof(bytesText(24), awkward), { minLength: 1, maxLength: 5 })
  .map((args) => ({ wire: arrayOf(...args), args }));

const word = fc.record({ text: fc.oneof(bytesText(5), awkward), form: fc.constantFrom('bare', 'double', 'single') });

const inline: fc.Arbitrary<Piece> = fc
  .record({
    words: fc.array(word, { minLength: 1, maxLength: 3 }),
    gap: fc.constantFrom(' ', '\t', '  '),
    end: fc.constantFrom('\n', '\r\n', ' \r\n'),
  })
  .map(({ words, gap, end }) => ({
    wire: words.map(({ text, form }, i) => quoted(text, i === 0 ? 'double' : form)).join(gap) + end,
    args: words.map(({ text }) => text),
  }));

const passedOver: fc.Arbitrary<Piece> = fc
  .constantFrom('*0\r\n', '*-1\r\n', '\r\n', '\n', ' \t \r\n', '*00\r\n')
  .map((wire) => ({ wire }));

const pieces = fc.array(
  fc.oneof({ weight: 4, arbitrary: array }, { weight: 2, arbitrary: inline }, { weight: 1, arbitrary: passedOver }),
  { maxLength: 8 },
);

/** A word as it may be written: bare when it can be, in single quotes when those can say it, else in double ones. */
function quoted(text: string, form: string): string {
  if (form === 'bare' && /^[^\s"'*]+$/.test(text)) return text;
  if (form === 'single' && !/[\\\n]/.test(text)) return `'${text.replaceAll("'", "\\'")}'`;
  const escaped = text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n');
  return `"${escaped.replace(/[\0\xff]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
}

const token = fc.oneof(
  fc.constantFrom('*', '$', '\r\n', '\r', '\n', '-', '-1', '0', '1', '2', '3', '33', '99999', '12345678901'),
  fc.constantFrom('*1\r\n', '*2\r\n', '$0\r\n\r\n', '$1\r\na\r\n', 'ab', ' ', '"', "'", '\\', '\\x', '\\x0a', '+', ':'),
  bytesText(3),
);

interface Damage {
  readonly at: number;
  readonly drop: number;
  readonly insert: string;
}

const damage: fc.Arbitrary<Damage> = fc.record({ at: fc.nat(), drop: fc.nat(3), insert: token });

const damaged = fc.tuple(pieces, fc.array(damage, { minLength: 1, maxLength: 4 })).map(([whole, damages]) => {
  let text = whole.map(({ wire }) => wire).join('');
  for (const { at, drop, insert } of damages) {
    const place = at % (text.length + 1);
    text = text.slice(0, place) + insert + text.slice(place + drop);
  }
  return text;
});

const soup = fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join(''));

const anyText = fc.oneof({ weight: 5, arbitrary: damaged }, { weight: 4, arbitrary: soup }, bytesText(60));

/** Places of cuts as shares of the length, so that they shrink well; and which commands are parked behind, or taken back. */
const chunking = fc.record({
  shares: fc.oneof(fc.array(fc.nat(999), { maxLength: 12 }), fc.constant('every byte' as const)),
  parked: fc.array(fc.boolean(), { maxLength: 6 }),
  rewound: fc.array(fc.constantFrom('not', 'at once', 'later'), { maxLength: 5 }),
});

type Chunking = typeof chunking extends fc.Arbitrary<infer T> ? T : never;

function cutsOf({ shares }: Chunking, length: number): readonly number[] {
  if (shares === 'every byte') return Array.from({ length }, (_, i) => i);
  return shares.map((share) => Math.floor((share * (length + 1)) / 1000)).sort((a, b) => a - b);
}

function feedText(text: string, how: Chunking): ReturnType<typeof feedAll> {
  const bytes = bytesOf(text);
  return feedAll(bytes, cutsOf(how, bytes.length), {
    limits: LIMITS,
    parks: (command) => how.parked[command % Math.max(1, how.parked.length)] === true,
    rewinds: (command) => how.rewound[command % Math.max(1, how.rewound.length)] ?? 'not',
  });
}

test('a whole stream gives the commands it was made of, however it is split, parked and taken back', () => {
  fc.assert(
    fc.property(pieces, chunking, (whole, how) => {
      const text = whole.map(({ wire }) => wire).join('');
      const commands = whole.flatMap(({ args }) => (args === undefined ? [] : [args]));
      assert.deepEqual(meaningOf(text, LIMITS), { commands, outcome: 'more' });
      const fed = feedText(text, how);
      assert.deepEqual(fed.commands, commands);
      assert.equal(fed.outcome, 'more');
    }),
    { numRuns: 3000 },
  );
});

test('ten thousand damaged streams: the commands and the verdict of the reference decoder, and a small memory', () => {
  const seen = { more: 0, broken: 0, commands: 0 };
  fc.assert(
    fc.property(anyText, chunking, (text, how) => {
      const { commands, outcome } = meaningOf(text, LIMITS);
      const fed = feedText(text, how);
      assert.deepEqual(fed.commands, commands);
      assert.equal(fed.outcome, outcome, fed.problem);
      assert.equal(fed.problem === '', outcome === 'more');
      assert.ok(fed.mostHeldBytes <= 4096, `${fed.mostHeldBytes} bytes held`);
      seen[outcome] += 1;
      seen.commands += commands.length;
    }),
    { numRuns: 10_000 },
  );
  // The arbitraries are worth something only while they reach all of it.
  assert.ok(seen.more > 1000 && seen.broken > 1000 && seen.commands > 5000, JSON.stringify(seen));
});

test('a long stream holds no more than its largest command and a chunk, doubled', () => {
  const sizes = fc.array(fc.oneof(fc.nat(40), fc.nat(20_000)), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1000, max: 30_000 }), (values, chunkBytes) => {
      const commands = values.map((bytes, i) => ['SET', `k${i}`, 'v'.repeat(bytes)]);
      const bytes = bytesOf(commands.map((args) => arrayOf(...args)).join(''));
      const cuts = Array.from({ length: Math.floor(bytes.length / chunkBytes) }, (_, i) => (i + 1) * chunkBytes);
      const fed = feedAll(bytes, cuts);
      assert.deepEqual(fed.commands, commands);
      const bound = 2 * Math.max(4096, Math.max(...values) + 50 + chunkBytes);
      assert.ok(fed.mostHeldBytes <= bound, `${fed.mostHeldBytes} bytes held, ${bound} allowed`);
    }),
    { numRuns: 200 },
  );
});
