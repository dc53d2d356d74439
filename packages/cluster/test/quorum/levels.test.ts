/** Levels are read from text, printed back, and numbered between nodes; what is none is refused with a list of what there is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  levelNumber,
  levelOfNumber,
  levelText,
  LevelError,
  MOST_REPLICAS,
  NAMED_LEVELS,
  parseLevel,
  parseReadDemand,
  readDemandText,
  type Level,
} from '../../src/quorum/levels.ts';

const NUMBERS = Array.from({ length: MOST_REPLICAS }, (_, at) => at + 1);
const ALL: readonly Level[] = [...NAMED_LEVELS, ...NUMBERS];

test('every level comes back from its text, in capitals too', () => {
  for (const level of ALL) {
    assert.equal(parseLevel(levelText(level)), level);
    assert.equal(parseLevel(levelText(level).toUpperCase()), level);
  }
});

test('every level comes back from its number, and no other byte is one', () => {
  const bytes = ALL.map(levelNumber);
  assert.equal(new Set(bytes).size, ALL.length);
  for (let byte = 0; byte < 256; byte += 1) {
    const level = levelOfNumber(byte);
    assert.equal(level !== undefined, bytes.includes(byte), `byte ${byte}`);
    if (level !== undefined) assert.equal(levelNumber(level), byte);
  }
});

test('numbers between nodes stay what they are', () => {
  assert.deepEqual(
    (
      ['one', 'two', 'three', 'quorum', 'strict', 'all', 'local_one', 'local_quorum', 'each_quorum', 1, 16] as const
    ).map(levelNumber),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 0x81, 0x90],
  );
});

test('what is no level is refused, and the message lists those that there are', () => {
  for (const text of [
    '',
    'quorums',
    '0',
    '17',
    '-1',
    '1.5',
    '1e0',
    ' one',
    'one ',
    '٣',
    'local-one',
    '9999999999999999999',
  ]) {
    assert.throws(
      () => parseLevel(text),
      (error) =>
        error instanceof LevelError &&
        error.message ===
          `there is no level "${text}": there are one, two, three, quorum, strict, all, local_one, local_quorum, each_quorum, and numbers from 1 to 16`,
      text,
    );
  }
});

test('a session is asked of a read on top of a level, and is no level', () => {
  assert.deepEqual(parseReadDemand('session', 'quorum'), { level: 'quorum', session: true });
  assert.deepEqual(parseReadDemand('2+Session', 'quorum'), { level: 2, session: true });
  assert.deepEqual(parseReadDemand('local_one', 'quorum'), { level: 'local_one', session: false });
  assert.throws(() => parseLevel('session'), /session is no count of replicas/);
  for (const text of ['+session', 'session+one', 'session+session', 'one+', 'one+two'])
    assert.throws(() => parseReadDemand(text, 'quorum'), LevelError, text);
  for (const level of ALL) {
    for (const session of [false, true]) {
      assert.deepEqual(parseReadDemand(readDemandText({ level, session }), 'one'), { level, session });
    }
  }
});
