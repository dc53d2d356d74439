/** The bytes of files and frames: what is written is read back, and what was changed in any bit is not taken for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ENTRY_WHOLE, readEntries, stateEntry, writeEntryHeader } from '../../src/commit-log/entry.ts';
import {
  decodeFileHeader,
  encodeFileHeader,
  FILE_HEADER_BYTES,
  FRAME_ALIGNMENT,
  FRAME_CLOSED,
  FRAME_END,
  FRAME_ENTRIES,
  FRAME_HEADER_BYTES,
  frameBytes,
  readFrame,
  sealFrame,
  type FileHeader,
} from '../../src/commit-log/frame.ts';
import { Collected } from '../support/log-bench.ts';

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const u53 = fc.maxSafeNat();
const headers: fc.Arbitrary<FileHeader> = fc.record({
  kind: fc.constantFrom('log' as const, 'checkpoint' as const),
  number: u32,
  nonceLow: u32,
  nonceHigh: u32,
  previousBytes: u53,
  firstBatch: u53,
});

const frames = fc.record({
  payload: fc.uint8Array({ maxLength: 200 }),
  start: fc.integer({ min: 0, max: 40 }),
  type: fc.constantFrom(FRAME_ENTRIES, FRAME_CLOSED, FRAME_END),
  batch: u53,
  entries: u32,
  synced: u53,
  seed: u32,
});

type Drawn = typeof frames extends fc.Arbitrary<infer T> ? T : never;

function seal(drawn: Drawn): { bytes: Uint8Array; end: number } {
  const { payload, start, type, batch, entries, synced, seed } = drawn;
  const bytes = new Uint8Array(start + FRAME_HEADER_BYTES + payload.length + FRAME_ALIGNMENT).fill(0xaa);
  bytes.set(payload, start + FRAME_HEADER_BYTES);
  const end = sealFrame(bytes, start, { type, batch, entries, payloadBytes: payload.length, synced }, seed);
  return { bytes, end };
}

test('a file header comes back as it was written', () => {
  fc.assert(
    fc.property(headers, (header) => {
      const bytes = new Uint8Array(FILE_HEADER_BYTES);
      const seed = encodeFileHeader(header, bytes);
      assert.deepEqual(decodeFileHeader(bytes, header.kind), { ...header, seed });
    }),
  );
});

test('a file header with any bit flipped, cut short, or of the other kind of file is refused with a reason', () => {
  const header: FileHeader = { kind: 'log', number: 7, nonceLow: 1, nonceHigh: 2, previousBytes: 3, firstBatch: 4 };
  const bytes = new Uint8Array(FILE_HEADER_BYTES);
  encodeFileHeader(header, bytes);
  for (let bit = 0; bit < FILE_HEADER_BYTES * 8; bit += 1) {
    const flipped = bytes.slice();
    flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
    assert.equal(typeof decodeFileHeader(flipped, 'log'), 'string', `bit ${bit}`);
  }
  for (let length = 0; length < FILE_HEADER_BYTES; length += 1) {
    assert.equal(typeof decodeFileHeader(bytes.subarray(0, length), 'log'), 'string');
  }
  assert.equal(typeof decodeFileHeader(bytes, 'checkpoint'), 'string');
});

test('a frame comes back as it was sealed, padded with zeros to a multiple of eight', () => {
  fc.assert(
    fc.property(frames, (drawn) => {
      const { bytes, end } = seal(drawn);
      const { payload, start, type, batch, entries, synced, seed } = drawn;
      assert.equal(end, start + frameBytes(payload.length));
      assert.equal((end - start) % FRAME_ALIGNMENT, 0);
      const fields = { type, batch, entries, payloadBytes: payload.length, synced };
      assert.deepEqual(readFrame(bytes, start, end, seed), fields);
      const payloadEnd = start + FRAME_HEADER_BYTES + payload.length;
      assert.deepEqual(bytes.subarray(start + FRAME_HEADER_BYTES, payloadEnd), payload);
      assert.ok(bytes.subarray(payloadEnd, end).every((byte) => byte === 0));
    }),
  );
});

test('a frame with any bit flipped, padding included, is not a frame', () => {
  const drawn: Drawn = {
    payload: Uint8Array.of(1, 2, 3),
    start: 8,
    type: 1,
    batch: 5,
    entries: 1,
    synced: 64,
    seed: 99,
  };
  const { bytes, end } = seal(drawn);
  for (let bit = drawn.start * 8; bit < end * 8; bit += 1) {
    const flipped = bytes.slice();
    flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
    assert.equal(readFrame(flipped, drawn.start, end, drawn.seed), undefined, `bit ${bit}`);
  }
});

test('a frame read with the seed of another file, or past the end of the bytes, is not a frame', () => {
  fc.assert(
    fc.property(frames, u32, fc.nat(), (drawn, otherSeed, cut) => {
      const { bytes, end } = seal(drawn);
      if (otherSeed !== drawn.seed) assert.equal(readFrame(bytes, drawn.start, end, otherSeed), undefined);
      const shorter = drawn.start + (cut % (end - drawn.start));
      assert.equal(readFrame(bytes, drawn.start, shorter, drawn.seed), undefined);
    }),
  );
});

test('entries come back in order; a payload cut anywhere, or with bytes left over, does not parse', () => {
  const record = new Uint8Array(8 + 5);
  writeEntryHeader(record, 0, ENTRY_WHOLE, 2, 3);
  record.set([97, 98, 120, 121, 122], 8);
  const payload = Uint8Array.from([...record, ...stateEntry(7, Number.MAX_SAFE_INTEGER)]);
  const sink = new Collected();
  assert.ok(readEntries(payload, 0, payload.length, 2, sink));
  assert.deepEqual(sink.lines, ['ab=xyz', `state 7=${Number.MAX_SAFE_INTEGER}`]);
  for (let end = 0; end < payload.length; end += 1) {
    assert.equal(readEntries(payload, 0, end, 2, new Collected()), false, `cut at ${end}`);
  }
  assert.equal(readEntries(payload, 0, payload.length, 1, new Collected()), false);
});

test('an entry of a kind that this release does not know does not parse', () => {
  for (const kind of [0, 4, 255]) {
    const entry = new Uint8Array(8);
    writeEntryHeader(entry, 0, kind, 0, 0);
    assert.equal(readEntries(entry, 0, entry.length, 1, new Collected()), false);
  }
});
