/** Inline commands split as `sdssplitargs` of Redis 7.0 splits them, but for NUL, which ends nothing here. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { splitInline } from '@torc/wire/resp/inline';
import { bytesOf, latin1 } from './feed.ts';
import { wordsOf } from './reference-decoder.ts';

const NOT_BALANCED = undefined;

type Row = readonly [line: string, words: readonly string[] | undefined];

const BLANKS: readonly Row[] = [
  ['', []],
  [' ', []],
  ['\t \t', []],
  ['\r', []],
  ['ping', ['ping']],
  ['ping\r', ['ping']],
  ['  ping\t', ['ping']],
  ['set a  b\t\tc', ['set', 'a', 'b', 'c']],
  ['a\rb', ['a', 'b']],
  ['\xff\xfe \x01', ['\xff\xfe', '\x01']],
];

const DOUBLE: readonly Row[] = [
  ['""', ['']],
  ['"" ""', ['', '']],
  ['"a b"', ['a b']],
  ['"a b"\r', ['a b']],
  ['"\\n\\r\\t\\a\\b"', ['\n\r\t\x07\b']],
  ['"\\\\"', ['\\']],
  ['"\\""', ['"']],
  ['"\\q"', ['q']],
  ['"\'"', ["'"]],
  ['"\\x41\\x00\\xfF"', ['A\0\xff']],
  ['"\\x4"', ['x4']],
  ['"\\xg1"', ['xg1']],
  ['"\\x"', ['x']],
  ['"\\X41"', ['X41']],
  ['"\\x\\x41"', ['xA']],
  ['a"b c"', ['ab c']],
  ['"a"b', NOT_BALANCED],
  ['"a""b"', NOT_BALANCED],
  ['"a"\'b\'', NOT_BALANCED],
  ['"', NOT_BALANCED],
  ['"a', NOT_BALANCED],
  ['a"', NOT_BALANCED],
  ['"a\\"', NOT_BALANCED],
  ['"\\', NOT_BALANCED],
  ['ok "a', NOT_BALANCED],
];

const SINGLE: readonly Row[] = [
  ["''", ['']],
  ["'a b'", ['a b']],
  ["'it\\'s'", ["it's"]],
  ["'\\n'", ['\\n']],
  ["'\\x41'", ['\\x41']],
  ["'\\\\'", NOT_BALANCED],
  ["'\\\\''", ["\\'"]],
  ["'\"'", ['"']],
  ["a'b c'", ['ab c']],
  ["'a'b", NOT_BALANCED],
  ["'", NOT_BALANCED],
  ["'a\\'", NOT_BALANCED],
];

const BARE: readonly Row[] = [
  ['a\\nb', ['a\\nb']],
  ['\\x41', ['\\x41']],
  ['\\', ['\\']],
  ['a\0b', ['a\0b']],
  ['$5', ['$5']],
];

for (const [name, rows] of Object.entries({ BLANKS, DOUBLE, SINGLE, BARE })) {
  describe(name.toLowerCase(), () => {
    for (const [line, words] of rows) {
      test(JSON.stringify(line), () => {
        assert.deepEqual(split(line), words);
        // Whoever reads the reference decoder may rely on this table too.
        assert.deepEqual(wordsOf(line.replace(/\r$/, '')), words);
      });
    }
  });
}

function split(line: string): readonly string[] | undefined {
  const bytes = bytesOf(`"x${line}" y`);
  return splitInline(bytes, 2, 2 + line.length)?.map((word) => latin1(word));
}
