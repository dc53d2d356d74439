/** Strict blocks: what the writer made passes; what was changed passes or is refused, and never throws or hangs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeU32 } from '@torc/base/bytes';
import fc from 'fast-check';
import { ENTRY_WHOLE } from '../../src/commit-log/entry.ts';
import { StrictBlock } from '../../src/inspect/strict-block.ts';
import { DataBlockBuilder, kindAndBytes, restartsAt } from '../../src/sstable/data-block.ts';

const RECORD = new Uint8Array(3).fill(7);

/** Rising keys of 6 bytes and more. */
const keys: fc.Arbitrary<Uint8Array[]> = fc
  .uniqueArray(fc.uint8Array({ minLength: 6, maxLength: 10, max: 3 }), {
    minLength: 1,
    maxLength: 60,
    comparator: (a, b) => Buffer.compare(a, b) === 0,
  })
  .map((drawn) => drawn.toSorted((a, b) => Buffer.compare(a, b)));

/** As the writer makes it; `share` says how much of what two keys have in common is shared. */
function build(rising: readonly Uint8Array[], share: (common: number) => number = (common) => common): Uint8Array {
  const builder = new DataBlockBuilder();
  let last = new Uint8Array(0);
  for (const key of rising) {
    let common = 0;
    while (common < last.length && last[common] === key[common]) common += 1;
    const whole = builder.begin(key.length, RECORD.length);
    builder.key(whole ? 0 : share(common), key, 0, key.length, kindAndBytes(ENTRY_WHOLE, RECORD.length));
    builder.record(RECORD, 0, RECORD.length);
    last = new Uint8Array(key);
  }
  return builder.finish().slice();
}

function walk(block: Uint8Array): { problem: string | undefined; keys: Uint8Array[] } {
  const strict = new StrictBlock();
  const found: Uint8Array[] = [];
  const problem = strict.walk(block, () => {
    found.push(strict.keyBytes.slice(0, strict.keyEnd));
    return undefined;
  });
  return { problem, keys: found };
}

test('what the writer made passes, key by key', () => {
  fc.assert(
    fc.property(keys, (rising) => {
      assert.deepEqual(walk(build(rising)), { problem: undefined, keys: rising });
    }),
    { seed: 11, numRuns: 200 },
  );
});

test('what passes has keys that rise, whatever was done to it', () => {
  fc.assert(
    fc.property(keys, fc.nat(), fc.nat(255), (rising, at, value) => {
      const block = build(rising);
      block[at % block.length] = value;
      const found = walk(block);
      if (found.problem !== undefined) return;
      for (let i = 1; i < found.keys.length; i += 1) {
        assert.ok(Buffer.compare(found.keys[i - 1] as Uint8Array, found.keys[i] as Uint8Array) < 0);
      }
    }),
    { seed: 12, numRuns: 500 },
  );
});

test('keys out of order, keys that share too little, short keys and wrong restart points are refused', () => {
  const key = (...tail: number[]): Uint8Array => Uint8Array.from([0, 0, 0, 0, 0, 0, ...tail]);
  assert.match(walk(build([key(2), key(1)])).problem ?? '', /do not rise/);
  assert.match(walk(build([key(1), key(1)])).problem ?? '', /do not rise/);
  assert.match(walk(build([key(1, 1), key(1, 2)], (common) => common - 1)).problem ?? '', /shares less/);
  assert.match(walk(build([new Uint8Array(5)])).problem ?? '', /a key of 5 bytes/);
  const rising = Array.from({ length: 40 }, (_, i) => key(i));
  const block = build(rising);
  writeU32(block, restartsAt(block) + 4, 5);
  assert.notEqual(walk(block).problem, undefined);
  assert.match(walk(new Uint8Array(7)).problem ?? '', /no restart points/);
});
