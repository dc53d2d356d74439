/** Edits and contents come back as they were written; bytes that are no edit are refused, whatever they claim. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyEdit, emptyContents, snapshotEdit } from '../../src/manifest/contents.ts';
import { readEdit, writeEdit } from '../../src/manifest/edit-codec.ts';
import type { VersionEdit } from '../../src/manifest/edit.ts';
import { ItemError, ItemReader, ItemWriter } from '../../src/manifest/item-bytes.ts';
import { EDITS, edits, pairs, placedTables } from './bench.ts';

function encode(edit: VersionEdit): { bytes: Uint8Array; items: number } {
  const writer = new ItemWriter(0);
  const items = writeEdit(writer, edit);
  return { bytes: writer.bytes.slice(0, writer.end), items };
}

test('an edit comes back as it was written', () => {
  fc.assert(
    fc.property(edits, (edit) => {
      const { bytes, items } = encode(edit);
      assert.deepEqual(readEdit(bytes, 0, bytes.length, items), { edit });
    }),
    { numRuns: 400 },
  );
});

test('contents come back out of the edit that is their snapshot, with the secret', () => {
  const secret = fc.integer();
  const tables = fc.uniqueArray(placedTables(fc.nat(500)), { maxLength: 6, selector: ({ meta }) => meta.number });
  fc.assert(
    fc.property(secret, secret, tables, pairs, pairs, (hashKey0, hashKey1, put, state, counts) => {
      const empty = emptyContents({ hashKey0, hashKey1 });
      const contents = applyEdit(empty, { put, state, counts, logFloor: 7, nextTable: 600 });
      const writer = new ItemWriter(96);
      const items = writeEdit(writer, snapshotEdit(contents), contents);
      const { edit, hashKeys } = readEdit(writer.bytes, 96, writer.end, items);
      assert.deepEqual(hashKeys, { hashKey0, hashKey1 });
      assert.deepEqual(applyEdit(empty, edit), contents);
    }),
    { numRuns: 200 },
  );
});

test('an edit that is cut anywhere, or counts its items wrong, does not parse', () => {
  for (const edit of EDITS) {
    const { bytes, items } = encode(edit);
    for (let end = 0; end < bytes.length; end += 1) {
      assert.throws(() => readEdit(bytes, 0, end, items), ItemError, `cut at ${end}`);
    }
    for (const wrong of [0, items - 1, items + 1, 0xffffffff]) {
      assert.throws(() => readEdit(bytes, 0, bytes.length, wrong), ItemError, `${wrong} items`);
    }
  }
});

test('any bytes at all are an edit or an item error', () => {
  const tagged = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.uint8Array({ maxLength: 60 }));
  fc.assert(
    fc.property(tagged, fc.nat(5), ([tag, rest], items) => {
      const bytes = Uint8Array.of(tag, ...rest);
      try {
        const { edit } = readEdit(bytes, 0, bytes.length, items);
        const again = encode(edit);
        assert.ok(again.bytes.length <= bytes.length);
      } catch (error) {
        assert.ok(error instanceof ItemError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

test('an item of a kind that this release does not know does not parse', () => {
  for (const tag of [0, 9, 255]) {
    assert.throws(() => readEdit(Uint8Array.of(tag, 0), 0, 2, 1), /tag \d+, which a later release/);
  }
});

test('what may stand once may not stand twice', () => {
  for (const item of [
    [4, 1],
    [5, 0],
    [6, 0],
    [7, 0],
    [8, 1],
    [1, 0, 0, 0, 0, 0, 0, 0, 0],
  ]) {
    const bytes = Uint8Array.from([...item, ...item]);
    assert.doesNotThrow(() => readEdit(bytes, 0, item.length, 1));
    assert.throws(() => readEdit(bytes, 0, bytes.length, 2), /a second item/);
  }
  assert.throws(() => readEdit(Uint8Array.of(5, 2, 1, 0, 1, 1, 0, 2), 0, 8, 1), /given twice/);
});

test('a count is not believed beyond the bytes that are there', () => {
  const writer = new ItemWriter(0);
  writer.u8(5);
  writer.number(Number.MAX_SAFE_INTEGER);
  assert.throws(() => readEdit(writer.bytes, 0, writer.end, 1), ItemError);
});

test('a number has one form, and stays a safe integer', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const writer = new ItemWriter(0);
      writer.signed(value);
      const reader = new ItemReader(writer.bytes, 0, writer.end);
      assert.equal(reader.signed(), value);
      assert.ok(reader.isDone);
    }),
  );
  const refused = [
    [0x80, 0x00],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  ];
  for (const bytes of refused) {
    assert.throws(() => new ItemReader(Uint8Array.from(bytes), 0, bytes.length).number(), ItemError, String(bytes));
  }
  assert.throws(() => new ItemReader(Uint8Array.of(1, 0), 0, 2).signed(), ItemError);
});
