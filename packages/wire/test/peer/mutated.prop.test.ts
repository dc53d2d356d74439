/**
 * A hundred thousand messages that were changed, cut, lengthened or joined: a `CodecError`, or a message whose bytes are
 * exactly those. Nothing else is thrown, and a length that is claimed makes nobody allocate.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeU32 } from '@torc/base/bytes';
import { CodecError } from '@torc/base/errors';
import { SimRandom } from '@torc/sim/random';
import { decodeMessage, encodeMessage } from '@torc/wire/peer/codec';
import type { PeerMessage } from '@torc/wire/peer/messages';
import fc from 'fast-check';
import { MESSAGES } from './arbitrary.ts';
import { byteFieldsOf } from './byte-fields.ts';

const RUNS = 100_000;
const BATCH = 1000;
const KINDS = Object.keys(MESSAGES).length;

/** Lengths and counts that a decoder may be asked to believe. */
const CLAIMS = [0, 1, 64, 65, 512, 513, 4096, 4097, 65_536, 65_537, 0x00ff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

type Mutation = (bytes: Uint8Array, random: SimRandom, other: Uint8Array) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  function flipBits(bytes, random) {
    const changed = bytes.slice();
    for (let n = 1 + random.below(3); n > 0; n -= 1) {
      const at = random.below(changed.length);
      changed[at] = (changed[at] as number) ^ (1 << random.below(8));
    }
    return changed;
  },
  function setBytes(bytes, random) {
    const changed = bytes.slice();
    for (let n = 1 + random.below(3); n > 0; n -= 1) changed[random.below(changed.length)] = random.below(256);
    return changed;
  },
  function claim(bytes, random) {
    const changed = bytes.slice();
    if (changed.length >= 4)
      writeU32(changed, random.below(changed.length - 3), CLAIMS[random.below(CLAIMS.length)] ?? 0);
    return changed;
  },
  function anotherKind(bytes, random) {
    const changed = bytes.slice();
    if (changed.length > 1) changed[1] = random.below(KINDS + 2);
    return changed;
  },
  (bytes, random) => bytes.slice(0, random.below(bytes.length)),
  (bytes, random) => Uint8Array.of(...bytes, ...Array.from({ length: 1 + random.below(8) }, () => random.below(256))),
  (bytes, random, other) =>
    Uint8Array.of(...bytes.subarray(0, random.below(bytes.length)), ...other.subarray(random.below(other.length))),
];

/** A small typed array gets a buffer only when a subarray is taken of it; here it has one before decoding is watched. */
function withOwnBuffer(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** The message, or `undefined` for a `CodecError`. */
function decoded(bytes: Uint8Array): PeerMessage | undefined {
  try {
    return decodeMessage(bytes, 0, bytes.length);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return undefined;
  }
}

test(`${RUNS} mutated messages: a CodecError or a message of exactly those bytes`, () => {
  const whole = Object.values(MESSAGES).flatMap((messages) =>
    fc.sample(messages, { numRuns: 150, seed: 7 }).map((message) => encodeMessage(message)),
  );
  const random = new SimRandom('mutated');
  const any = (): Uint8Array => whole[random.below(whole.length)] as Uint8Array;
  const readByKind = new Map<string, number>();
  let refused = 0;
  for (let run = 0; run < RUNS; run += BATCH) {
    const batch = Array.from({ length: BATCH }, () => {
      let bytes = any();
      for (let n = 1 + random.below(2); n > 0 && bytes.length > 0; n -= 1) {
        bytes = (MUTATIONS[random.below(MUTATIONS.length)] as Mutation)(bytes, random, any());
      }
      return withOwnBuffer(bytes);
    });
    const before = process.memoryUsage().arrayBuffers;
    const messages = batch.map((bytes) => decoded(bytes));
    assert.ok(process.memoryUsage().arrayBuffers <= before, 'decoding made a buffer');
    for (const [at, message] of messages.entries()) {
      const bytes = batch[at] as Uint8Array;
      if (message === undefined) {
        refused += 1;
        continue;
      }
      readByKind.set(message.kind, (readByKind.get(message.kind) ?? 0) + 1);
      assert.deepEqual(encodeMessage(message), bytes, `run ${run + at}`);
      for (const field of byteFieldsOf(message)) assert.equal(field.buffer, bytes.buffer, `run ${run + at}`);
    }
  }
  const read = RUNS - refused;
  assert.equal(readByKind.size, KINDS);
  for (const [kind, count] of readByKind) assert.ok(count > 500, `${kind}: only ${count} were read`);
  assert.ok(refused > RUNS / 4 && read > RUNS / 10, `${refused} refused, ${read} read`);
});

test('arbitrary bytes behind a good head are a message or a CodecError', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: KINDS + 1 }), fc.uint8Array({ maxLength: 80 }), (kind, rest) => {
      const bytes = Uint8Array.of(1, kind, 1, 2, 3, 4, 5, 6, 0, 0, ...rest);
      const message = decoded(bytes);
      if (message !== undefined) assert.deepEqual(encodeMessage(message), bytes);
    }),
    { numRuns: 20_000 },
  );
});
