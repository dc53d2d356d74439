/** Every limit of a message, from both sides: exactly so much goes through, and one more neither leaves nor comes in. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { InvariantError } from '@torc/base/assert';
import { writeU16, writeU32 } from '@torc/base/bytes';
import { CodecError } from '@torc/base/errors';
import { decodeMessage, encodeMessage } from '@torc/wire/peer/codec';
import { PEER_LIMITS, type PeerLimit } from '@torc/wire/peer/limits';
import type { Operation, PeerMessage } from '@torc/wire/peer/messages';

const NONE = new Uint8Array(0);
const REQUEST = { stamp: 1, id: 2, remainingMs: 3 };
const REPLY = { stamp: 1, id: 2 };
const AT_KEY = { placement: 4, bucket: 5, key: NONE };
const READ: Operation = { op: 'read', bucket: 5, key: NONE, level: 1, expiresAtMs: 0, isSecondAttempt: false };

function forward(operation: Partial<Operation>): PeerMessage {
  return { kind: 'forward', ...REQUEST, placement: 4, operation: { ...READ, ...operation } };
}

/** Every byte field that has a four-byte length: its limit, and a message whose only long field it is. */
const BLOBS: readonly (readonly [string, PeerLimit, (field: Uint8Array) => PeerMessage])[] = [
  ['store.key', 'keyBytes', (key) => ({ kind: 'store', ...REQUEST, ...AT_KEY, key, record: NONE, wantsNewer: false })],
  ['store.record', 'recordBytes', (record) => ({ kind: 'store', ...REQUEST, ...AT_KEY, record, wantsNewer: false })],
  ['stored.newer', 'recordBytes', (newer) => ({ kind: 'stored', ...REPLY, newer })],
  ['fetch.key', 'keyBytes', (key) => ({ kind: 'fetch', ...REQUEST, ...AT_KEY, key, digestOnly: true })],
  ['fetched.record', 'recordBytes', (record) => ({ kind: 'fetched', ...REPLY, found: true, record })],
  [
    'refused.topology',
    'documentBytes',
    (topology) => ({ kind: 'refused', ...REPLY, code: 'filling', text: '', topology }),
  ],
  ['operation.key', 'keyBytes', (key) => forward({ key })],
  ['operation.value', 'valueBytes', (value) => forward({ op: 'write', value })],
  ['operation.context', 'clockBytes', (context) => forward({ context })],
  ['operation.atLeast', 'clockBytes', (atLeast) => forward({ atLeast })],
  [
    'forwarded.record',
    'recordBytes',
    (record) => ({ kind: 'forwarded', ...REPLY, outcome: 'applied', met: 0, record }),
  ],
  ['topology.document', 'documentBytes', (document) => ({ kind: 'topology', stamp: 1, document })],
  [
    'scan-page.after',
    'engineKeyBytes',
    (after) => ({ kind: 'scan-page', ...REQUEST, placement: 4, bucket: 5, partition: 6, limit: 1, after }),
  ],
  ['entry.key', 'engineKeyBytes', (key) => page([{ key, record: NONE }])],
  ['entry.record', 'recordBytes', (record) => page([{ key: NONE, record }])],
];

function page(entries: readonly { key: Uint8Array; record: Uint8Array }[]): PeerMessage {
  return { kind: 'scanned-page', ...REPLY, entries, more: false };
}

function decode(bytes: Uint8Array): PeerMessage {
  return decodeMessage(bytes, 0, bytes.length);
}

function codecError(pattern: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof CodecError && pattern.test(error.message);
}

/** Where a field of `length` bytes of 0xaa has its length: four bytes, little-endian, right before them. */
function lengthAt(bytes: Uint8Array, length: number): number {
  const head = new Uint8Array(4);
  writeU32(head, 0, length);
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(Buffer.of(...head, 0xaa, 0xaa));
  assert.ok(at >= 0);
  return at;
}

for (const [field, limit, make] of BLOBS) {
  test(`${field}: ${limit} go through, and one more neither leaves nor comes in`, () => {
    const most = PEER_LIMITS[limit];
    const bytes = encodeMessage(make(new Uint8Array(most).fill(0xaa)));
    assert.deepEqual(encodeMessage(decode(bytes)), bytes);
    const beyond = codecError(new RegExp(`${limit} ${most + 1}; at most ${most}`));
    assert.throws(() => encodeMessage(make(new Uint8Array(most + 1).fill(0xaa))), beyond);
    // All bytes that the length claims are there: only the limit is in the way.
    const at = lengthAt(bytes, most);
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes.subarray(0, at + 4 + most));
    longer[at + 4 + most] = 0xaa;
    longer.set(bytes.subarray(at + 4 + most), at + 5 + most);
    writeU32(longer, at, most + 1);
    assert.throws(() => decode(longer), beyond);
    // And the limit comes first: it is what a length of four gigabytes is refused for, with four of them there.
    writeU32(longer, at, 0xffffffff);
    assert.throws(() => decode(longer.subarray(0, at + 8)), codecError(new RegExp(`${limit} 4294967295`)));
  });
}

test('a message as a whole', () => {
  const body = new Uint8Array(PEER_LIMITS.messageBytes - 14);
  const bytes = encodeMessage({ kind: 'exchange', stamp: 1, body });
  assert.equal(bytes.length, PEER_LIMITS.messageBytes);
  assert.deepEqual(decode(bytes), { kind: 'exchange', stamp: 1, body });
  const beyond = codecError(/messageBytes 25165825; at most 25165824/);
  assert.throws(() => encodeMessage({ kind: 'exchange', stamp: 1, body: new Uint8Array(body.length + 1) }), beyond);
  assert.throws(() => decode(new Uint8Array(bytes.length + 1)), beyond);
});

test('whatever one operation or one record may be fits into a message', () => {
  const { keyBytes, valueBytes, recordBytes, clockBytes, documentBytes, textBytes, messageBytes } = PEER_LIMITS;
  assert.ok(keyBytes + valueBytes + 2 * clockBytes + 200 <= messageBytes);
  assert.ok(keyBytes + recordBytes + textBytes + 300 <= messageBytes);
  assert.ok(documentBytes + textBytes + 100 <= messageBytes);
});

test('entries of a page', () => {
  const entry = { key: NONE, record: NONE };
  const bytes = encodeMessage(page(Array.from({ length: 4096 }, () => entry)));
  assert.deepEqual(encodeMessage(decode(bytes)), bytes);
  const beyond = codecError(/pageEntries 4097; at most 4096/);
  assert.throws(() => encodeMessage(page(Array.from({ length: 4097 }, () => entry))), beyond);
  const longer = new Uint8Array(bytes.length + 8);
  longer.set(bytes);
  writeU16(longer, 15, 4097);
  assert.throws(() => decode(longer), beyond);
  writeU16(longer, 15, 4096);
  assert.throws(() => decode(longer.subarray(0, 17 + 4096 * 8 - 1)), codecError(/32768 bytes wanted, 32767 left/));
});

test('entries that a page may be asked for', () => {
  const ask = (limit: number): PeerMessage => ({
    kind: 'scan-page',
    ...REQUEST,
    placement: 4,
    bucket: 5,
    partition: 6,
    limit,
  });
  const bytes = encodeMessage(ask(4096));
  assert.deepEqual(decode(bytes), ask(4096));
  for (const limit of [0, 4097, 1.5]) assert.throws(() => encodeMessage(ask(limit)), InvariantError);
  writeU16(bytes, 26, 4097);
  assert.throws(() => decode(bytes), codecError(/pageEntries 4097/));
  writeU16(bytes, 26, 0);
  assert.throws(() => decode(bytes), codecError(/a page of no entries/));
});

test('an operation id', () => {
  const bytes = encodeMessage(forward({ operationId: new Uint8Array(64).fill(0xaa) }));
  assert.deepEqual(encodeMessage(decode(bytes)), bytes);
  const beyond = codecError(/operationIdBytes 65; at most 64/);
  assert.throws(() => encodeMessage(forward({ operationId: new Uint8Array(65) })), beyond);
  assert.throws(() => encodeMessage(forward({ operationId: NONE })), InvariantError);
  const longer = Uint8Array.of(...bytes, 0xaa);
  longer[bytes.length - 65] = 65;
  assert.throws(() => decode(longer), beyond);
  const shorter = bytes.slice(0, -64);
  shorter[shorter.length - 1] = 0;
  assert.throws(() => decode(shorter), codecError(/an operation id is empty/));
});

test('texts and codes', () => {
  const forwarded = (said: { code?: string; text?: string }): PeerMessage => ({
    kind: 'forwarded',
    ...REPLY,
    outcome: 'rejected',
    met: 0,
    ...said,
  });
  const text = encodeMessage(forwarded({ text: 'a'.repeat(512) }));
  const longer = Uint8Array.of(...text, 0x61);
  writeU16(longer, 18, 513);
  assert.throws(() => decode(longer), codecError(/textBytes 513; at most 512/));
  for (const byte of [0x0a, 0x1f, 0x7f, 0x80]) {
    text[100] = byte;
    assert.throws(() => decode(text), codecError(/not printable ASCII/));
  }
  const code = encodeMessage(forwarded({ code: 'c'.repeat(64) }));
  const longerCode = Uint8Array.of(...code, 0x63);
  longerCode[18] = 65;
  assert.throws(() => decode(longerCode), codecError(/codeBytes 65; at most 64/));
  const noCode = code.slice(0, 19);
  noCode[18] = 0;
  assert.throws(() => decode(noCode), codecError(/a code is empty/));
  for (const wrong of ['', 'c'.repeat(65), 'é']) {
    assert.throws(() => encodeMessage(forwarded({ code: wrong })), InvariantError);
  }
});

test('the limits are the published ones', () => {
  const page = readFileSync(new URL('../../../../docs/operating/limits.md', import.meta.url), 'utf8');
  const published = page.split('\n').filter((row) => row.includes('`packages/wire/src/peer/limits.ts`'));
  const sizes = published.map((row) => row.split('|')[2]?.trim());
  assert.deepEqual(sizes, [
    shown(PEER_LIMITS.messageBytes),
    shown(PEER_LIMITS.keyBytes),
    `${shown(PEER_LIMITS.keyBytes)} and ${PEER_LIMITS.engineKeyBytes - PEER_LIMITS.keyBytes} bytes`,
    shown(PEER_LIMITS.valueBytes),
    shown(PEER_LIMITS.recordBytes),
    `65,535 intervals, ${PEER_LIMITS.clockBytes.toLocaleString('en-US')} bytes`,
    shown(PEER_LIMITS.documentBytes),
    shown(PEER_LIMITS.operationIdBytes),
    shown(PEER_LIMITS.textBytes),
    shown(PEER_LIMITS.codeBytes),
    PEER_LIMITS.pageEntries.toLocaleString('en-US'),
  ]);
});

function shown(bytes: number): string {
  if (bytes % (1024 * 1024) === 0) return `${bytes / 1024 / 1024} MiB`;
  return bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`;
}
