/** The examples in `docs/protocols/peer-messages.md` are what the code writes and reads, byte for byte. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeMessage, encodeMessage } from '@torc/wire/peer/codec';
import { EXAMPLES } from './examples.ts';

const PAGE = new URL('../../../../docs/protocols/peer-messages.md', import.meta.url);

/** The documented bytes by the heading they stand under: rows of an offset, two spaces, hex, and what they mean. */
function documented(): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, number[]>();
  let bytes: number[] = [];
  for (const row of readFileSync(PAGE, 'utf8').split('\n')) {
    const heading = /^### `([a-z-]+)`/.exec(row)?.[1];
    if (heading !== undefined) {
      bytes = [];
      found.set(heading, bytes);
    }
    const [, offset, hex] = /^([\da-f]{4}) {2}((?:[\da-f]{2} )*[\da-f]{2})(?: {2,}.*)?$/.exec(row) ?? [];
    if (offset === undefined || hex === undefined) continue;
    assert.equal(Number.parseInt(offset, 16), bytes.length, row);
    for (const pair of hex.split(' ')) bytes.push(Number.parseInt(pair, 16));
  }
  return new Map([...found].map(([heading, list]) => [heading, Uint8Array.from(list)]));
}

test('the page has an example of every kind, and of nothing else', () => {
  assert.deepEqual([...documented().keys()].sort(), Object.keys(EXAMPLES).sort());
});

for (const [kind, message] of Object.entries(EXAMPLES)) {
  test(`${kind}: the documented bytes are what the code writes and reads`, () => {
    const bytes = documented().get(kind);
    assert.ok(bytes !== undefined);
    assert.deepEqual(bytes, encodeMessage(message));
    assert.deepEqual(decodeMessage(bytes, 0, bytes.length), message);
  });
}
