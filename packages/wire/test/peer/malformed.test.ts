/** What a decoder refuses beside lengths, rule by rule; and what an encoder takes for a bug. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError } from '@torc/base/assert';
import { CodecError } from '@torc/base/errors';
import { decodeMessage, encodeMessage, encodeMessageInto, messageBytes } from '@torc/wire/peer/codec';
import type { Operation, PeerMessage, PeerRefusalCode } from '@torc/wire/peer/messages';
import { EXAMPLES } from './examples.ts';

/** The example with one byte changed. */
function changed(kind: PeerMessage['kind'], at: number, byte: number): Uint8Array {
  const bytes = encodeMessage(EXAMPLES[kind]);
  assert.notEqual(bytes[at], byte);
  bytes[at] = byte;
  return bytes;
}

function refusal(bytes: Uint8Array): string {
  try {
    decodeMessage(bytes, 0, bytes.length);
  } catch (error) {
    if (error instanceof CodecError) return error.message;
    throw error;
  }
  return assert.fail('it was read');
}

test('each rule of the format refuses what breaks it', () => {
  assert.match(refusal(changed('beat', 0, 2)), /of version 2; version 1 is known here/);
  assert.match(refusal(changed('beat', 1, 0)), /before byte 2: unknown kind 0/);
  assert.match(refusal(changed('beat', 1, 14)), /unknown kind 14/);
  assert.match(refusal(changed('beat', 8, 0x20)), /before byte 10: a number is out of range/);
  assert.match(refusal(changed('store', 24, 2)), /unknown flags 2/);
  assert.match(refusal(changed('stored', 14, 3)), /unknown flags 2/);
  assert.match(refusal(changed('fetch', 24, 0x80)), /unknown flags 128/);
  assert.match(refusal(changed('fetched', 14, 3)), /unknown contents 3/);
  assert.match(refusal(changed('refused', 14, 0)), /unknown refusal code 0/);
  assert.match(refusal(changed('refused', 14, 15)), /unknown refusal code 15/);
  assert.match(refusal(changed('refused', 15, 2)), /unknown flags 2/);
  assert.match(refusal(changed('forward', 22, 4)), /unknown operation 4/);
  assert.match(refusal(changed('forward', 24, 0x20)), /unknown flags 32/);
  assert.match(refusal(changed('forwarded', 14, 4)), /unknown outcome 4/);
  assert.match(refusal(changed('forwarded', 15, 0x20)), /unknown flags 32/);
  assert.match(refusal(changed('scan-page', 28, 2)), /unknown flags 2/);
  assert.match(refusal(changed('scanned-page', 14, 2)), /unknown flags 2/);
});

test('no example can be cut or lengthened', () => {
  for (const message of Object.values(EXAMPLES)) {
    const bytes = encodeMessage(message);
    for (let end = 0; end < bytes.length; end += 1) refusal(bytes.subarray(0, end));
    assert.match(refusal(Uint8Array.of(...bytes, 0)), /1 bytes too many/);
  }
});

test('bytes beyond the end are not looked at, however long the array is', () => {
  const bytes = Uint8Array.of(...encodeMessage(EXAMPLES.beat), 0, 0, 0, 0);
  for (let end = 0; end < bytes.length - 4; end += 1) {
    assert.throws(() => decodeMessage(bytes, 0, end), /^CodecError: .*\d bytes wanted, \d left$/);
  }
  assert.deepEqual(decodeMessage(bytes, 0, bytes.length - 4), EXAMPLES.beat);
  assert.throws(() => decodeMessage(bytes, 0, bytes.length + 1), InvariantError);
  assert.throws(() => decodeMessage(bytes, 2, 1), InvariantError);
});

test('a message that says what its kind cannot say is a bug of the sender', () => {
  const { fetched, forward, forwarded, beat } = EXAMPLES;
  assert.ok(fetched.kind === 'fetched' && forward.kind === 'forward' && forwarded.kind === 'forwarded');
  const digest = { low: 1, high: 2 };
  const record = new Uint8Array(3);
  const reply = { kind: 'fetched', stamp: 1, id: 2 } as const;
  const read: Operation = { op: 'read', bucket: 0, key: record, level: 0, expiresAtMs: 0, isSecondAttempt: false };
  const wrong: readonly PeerMessage[] = [
    { ...reply, found: true },
    { ...reply, found: true, digest, record },
    { ...reply, found: false, digest },
    { ...reply, found: false, record },
    { ...forward, operation: { ...read, op: 'write' } },
    { ...forward, operation: { ...read, value: record } },
    { ...forward, operation: { ...read, op: 'remove', value: record } },
    { ...forward, operation: { ...read, level: 256 } },
    { ...reply, kind: 'forwarded', outcome: 'applied', met: 0, stamp0: 5 },
    { ...reply, kind: 'forwarded', outcome: 'applied', met: 0, actor0: 5 },
    { ...reply, kind: 'forwarded', outcome: 'applied', met: 0x10000 },
    { kind: 'refused', stamp: 1, id: 2, code: 'bad-name' as PeerRefusalCode, text: '' },
    { ...beat, stamp: -1 },
    { ...beat, stamp: 1.5 },
    { ...beat, stamp: Number.MAX_SAFE_INTEGER + 1 },
    { kind: 'beat', stamp: 1, epoch: 1, boot: 1, lagMs: 0x100000000 },
    { kind: 'beat', stamp: 1, epoch: 1, boot: 1, lagMs: 0.5 },
  ];
  for (const message of wrong) assert.throws(() => encodeMessage(message), InvariantError, JSON.stringify(message));
});

test('a message is not written where it has no room', () => {
  const length = messageBytes(EXAMPLES.beat);
  assert.throws(() => encodeMessageInto(EXAMPLES.beat, new Uint8Array(length), 1), InvariantError);
  assert.throws(() => encodeMessageInto(EXAMPLES.beat, new Uint8Array(length), -1), InvariantError);
});
