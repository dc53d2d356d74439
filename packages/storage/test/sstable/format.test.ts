/** The worked example of `docs/formats/table.md`: the writer writes exactly those bytes, and they read back. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeRecord } from '@torc/base/record/codec';
import { SimRandom } from '@torc/sim/random';
import { ENTRY_PART, ENTRY_WHOLE } from '../../src/commit-log/entry.ts';
import {
  compareKeys,
  type Entry,
  engineKey,
  find,
  ForgetfulSource,
  openTable,
  PATH,
  writeTable,
  recordOf,
  World,
} from './bench.ts';

const DOCUMENT = new URL('../../../../docs/formats/table.md', import.meta.url);

/** The keys `{t}a` and `{t}b`, of one tag, so of one position. */
const ENTRIES: readonly Entry[] = [
  { key: engineKey('{t}a'), kind: ENTRY_WHOLE, record: encodeRecord(recordOf(0x1234, 'hello')) },
  { key: engineKey('{t}b'), kind: ENTRY_PART, record: encodeRecord(recordOf(0x1235)) },
].sort((a, b) => compareKeys(a.key, b.key));

/** The bytes in the lines of the example: an offset, two spaces, bytes, and perhaps words behind three spaces. */
function bytesOfExample(): Uint8Array {
  const text = readFileSync(DOCUMENT, 'utf8');
  const bytes: number[] = [];
  for (const line of text.slice(text.indexOf('## Example')).split('\n')) {
    const [, offset, hex] = /^([0-9a-f]{4}) {2}((?:[0-9a-f]{2} ?)+)(?: {2}|$)/.exec(line) ?? [];
    if (offset === undefined || hex === undefined) continue;
    assert.equal(Number.parseInt(offset, 16), bytes.length, `the offset of "${line}"`);
    for (const byte of hex.trim().split(' ')) bytes.push(Number.parseInt(byte, 16));
  }
  return Uint8Array.from(bytes);
}

test('the example in the document is what the writer writes', () => {
  const world = new World();
  const meta = writeTable(world.disk, ENTRIES);
  const bytes = new Uint8Array(meta.fileBytes);
  world.disk.open(PATH).readNow(bytes, 0, bytes.length, 0);
  assert.equal(Buffer.from(bytesOfExample()).toString('hex'), Buffer.from(bytes).toString('hex'));
});

test('the example in the document reads back', () => {
  const world = new World();
  const bytes = bytesOfExample();
  const file = world.disk.create(PATH);
  for (let at = 0; at < bytes.length; ) at += file.writeNow(bytes, at, bytes.length - at, at);
  const table = openTable(world.disk);
  const source = new ForgetfulSource(new SimRandom(1), 0);
  for (const { key, record, kind } of ENTRIES) {
    const found = find(table, source, key);
    assert.equal(found?.kind, kind);
    assert.deepEqual(found?.recordBytes.slice(found.recordStart, found.recordEnd), record);
  }
});
