/** A message comes back as it was, wherever it lies, and one message has one form. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMessage, encodeMessage, encodeMessageInto, messageBytes } from '@torc/wire/peer/codec';
import type { PeerMessage } from '@torc/wire/peer/messages';
import fc from 'fast-check';
import { anyMessage, MESSAGES } from './arbitrary.ts';
import { byteFieldsOf } from './byte-fields.ts';

for (const [kind, messages] of Object.entries(MESSAGES)) {
  test(`${kind}: a message comes back as it was, and its bytes come back as they were`, () => {
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = encodeMessage(message);
        assert.equal(bytes.length, messageBytes(message));
        const back = decodeMessage(bytes, 0, bytes.length);
        assert.equal(back.kind, kind);
        assert.deepEqual(back, message);
        assert.deepEqual(encodeMessage(back), bytes);
      }),
      { numRuns: 1000 },
    );
  });
}

test('a message is written into its place and nowhere else, and read from there without a copy', () => {
  fc.assert(
    fc.property(anyMessage, fc.nat(9), fc.nat(9), (message, before, after) => {
      const length = messageBytes(message);
      const bytes = new Uint8Array(before + length + after).fill(0xee);
      assert.equal(encodeMessageInto(message, bytes, before), before + length);
      assert.deepEqual(bytes.subarray(before, before + length), encodeMessage(message));
      assert.ok(bytes.subarray(0, before).every((byte) => byte === 0xee));
      assert.ok(bytes.subarray(before + length).every((byte) => byte === 0xee));
      const back = decodeMessage(bytes, before, before + length);
      assert.deepEqual(back, message);
      for (const field of byteFieldsOf(back)) {
        assert.equal(field.buffer, bytes.buffer);
        assert.ok(field.byteOffset >= before && field.byteOffset + field.length <= before + length);
      }
    }),
    { numRuns: 3000 },
  );
});

test('two messages that differ have bytes that differ', () => {
  fc.assert(
    fc.property(anyMessage, anyMessage, (one, other) => {
      assert.equal(sameBytes(encodeMessage(one), encodeMessage(other)), isSame(one, other));
    }),
    { numRuns: 3000 },
  );
});

test('a text is cut at 512, and what is not printable ASCII is sent as a question mark', () => {
  const sent = (text: string): string => {
    const message: PeerMessage = { kind: 'refused', stamp: 1, id: 2, code: 'damaged', text };
    const bytes = encodeMessage(message);
    assert.equal(bytes.length, messageBytes(message));
    const back = decodeMessage(bytes, 0, bytes.length);
    return back.kind === 'refused' ? back.text : assert.fail(back.kind);
  };
  assert.equal(sent('Größe\n\u0000\u007f~ 🙂'), 'Gr??e???~ ??');
  assert.equal(sent('é'.repeat(600)), '?'.repeat(512));
  assert.equal(sent(`${'a'.repeat(511)}bc`), `${'a'.repeat(511)}b`);
});

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function isSame(one: PeerMessage, other: PeerMessage): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch (error) {
    if (!(error instanceof assert.AssertionError)) throw error;
    return false;
  }
}
