/** The bytes of files and frames: what is written is read back, and what was changed in any bit is not taken for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes } from '@torc/base/bytes';
import fc from 'fast-check';
import {
  ADDS_VALUE,
  ENTRY_PART,
  ENTRY_WHOLE,
  type EntrySink,
  readEntries,
  REMOVES_VALUE,
  SAME_VALUES,
  stateEntry,
  writeEntryHeader,
} from '../../src/commit-log/entry.ts';
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

/** Entries as readable lines: kind, change, key, record. */
class Told implements EntrySink {
  readonly lines: string[] = [];

  record(kind: number, change: number, bytes: Uint8Array, keyStart: number, recordStart: number, end: number): void {
    this.lines.push(`${kind} ${change} ${text(bytes, keyStart, recordStart)}=${text(bytes, recordStart, end)}`);
  }

  state(name: number, value: number): void {
    this.lines.push(`state ${name}=${value}`);
  }
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

function entryOf(kind: number, change: number, key: string, record: string): Uint8Array {
  const bytes = new Uint8Array(8 + key.length + record.length);
  writeEntryHeader(bytes, 0, kind, change, key.length, record.length);
  bytes.set(asciiBytes(key + record), 8);
  return bytes;
}

test('entries are these bytes: the change stands above the kind, and 0 is what old logs have there', () => {
  for (const [entry, hex] of [
    [entryOf(ENTRY_WHOLE, SAME_VALUES, 'ab', 'xyz'), '0200000103000000616278797a'],
    [entryOf(ENTRY_WHOLE, ADDS_VALUE, 'ab', 'xyz'), '0200001103000000616278797a'],
    [entryOf(ENTRY_PART, REMOVES_VALUE, 'a', ''), '010000220000000061'],
    [entryOf(ENTRY_PART, SAME_VALUES, '', ''), '0000000200000000'],
    [stateEntry(7, 258), '0100000308000000070201000000000000'],
  ] as const) {
    assert.equal(hexOf(entry), hex);
  }
  const old = Uint8Array.from([2, 0, 0, 1, 3, 0, 0, 0, 0x61, 0x62, 0x78, 0x79, 0x7a]);
  const sink = new Told();
  assert.ok(readEntries(old, 0, old.length, 1, sink));
  assert.deepEqual(sink.lines, ['1 0 ab=xyz']);
});

test('entries come back in order; a payload cut anywhere, or with bytes left over, does not parse', () => {
  const entries = [
    entryOf(ENTRY_WHOLE, ADDS_VALUE, 'ab', 'xyz'),
    stateEntry(7, Number.MAX_SAFE_INTEGER),
    entryOf(ENTRY_PART, REMOVES_VALUE, 'c', ''),
  ];
  const payload = Uint8Array.from(entries.flatMap((entry) => [...entry]));
  const sink = new Told();
  assert.ok(readEntries(payload, 0, payload.length, 3, sink));
  assert.deepEqual(sink.lines, ['1 1 ab=xyz', `state 7=${Number.MAX_SAFE_INTEGER}`, '2 2 c=']);
  for (let end = 0; end < payload.length; end += 1) {
    assert.equal(readEntries(payload, 0, end, 3, new Told()), false, `cut at ${end}`);
  }
  assert.equal(readEntries(payload, 0, payload.length, 2, new Told()), false);
});

test('an entry of a kind or with a change that this release does not know does not parse', () => {
  for (let byte = 0; byte < 256; byte += 1) {
    const [kind, change] = [byte & 0x0f, byte >>> 4];
    const entry = new Uint8Array(8);
    writeEntryHeader(entry, 0, kind, change, 0, 0);
    const known = (kind === ENTRY_WHOLE || kind === ENTRY_PART) && change <= REMOVES_VALUE;
    assert.equal(readEntries(entry, 0, entry.length, 1, new Told()), known, `kind ${kind}, change ${change}`);
  }
});

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
