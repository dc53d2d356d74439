/** The worked examples of `docs/protocols/peer-messages.md`, one for each kind. */
import { asciiBytes } from '@torc/base/bytes';
import { encodeClock } from '@torc/base/record/clock-codec';
import type { PeerMessage } from '@torc/wire/peer/messages';

/** The first stamp of 2025. */
const STAMP = 129525350400000;

const request = { stamp: STAMP, id: 7, remainingMs: 1500 };
const reply = { stamp: STAMP + 1, id: 7 };
/** In the place of records and documents: what is inside does not matter to a message. */
const RECORD = asciiBytes('record');

export const EXAMPLES: { readonly [K in PeerMessage['kind']]: Extract<PeerMessage, { kind: K }> } = {
  store: {
    kind: 'store',
    ...request,
    placement: 3,
    bucket: 1,
    key: asciiBytes('user:1'),
    record: RECORD,
    wantsNewer: true,
  },
  stored: { kind: 'stored', ...reply, newer: RECORD },
  fetch: { kind: 'fetch', ...request, placement: 3, bucket: 1, key: asciiBytes('user:1'), digestOnly: true },
  fetched: { kind: 'fetched', ...reply, found: true, digest: { low: 0xcaf4c804, high: 0x7b151049 } },
  refused: {
    kind: 'refused',
    ...reply,
    code: 'placement-changed',
    text: 'the placement is 4',
    topology: asciiBytes('document'),
  },
  forward: {
    kind: 'forward',
    ...request,
    placement: 3,
    operation: {
      op: 'write',
      bucket: 1,
      key: asciiBytes('user:1'),
      level: 3,
      value: asciiBytes('hello'),
      expiresAtMs: 0x194244fd800,
      context: encodeClock([{ actor: 1, since: STAMP - 2, upto: STAMP - 1 }]),
      operationId: asciiBytes('op'),
      firstStamp: STAMP - 1,
      isSecondAttempt: true,
    },
  },
  forwarded: {
    kind: 'forwarded',
    ...reply,
    outcome: 'unknown',
    code: 'timed-out',
    text: 'one home of two',
    stamp0: STAMP,
    actor0: 2,
    met: 1,
    operationId: asciiBytes('op'),
  },
  'want-topology': { kind: 'want-topology', stamp: STAMP, epoch: 5 },
  topology: { kind: 'topology', stamp: STAMP, document: asciiBytes('document') },
  beat: { kind: 'beat', stamp: STAMP, epoch: 5, boot: 2, lagMs: 4 },
  'scan-page': {
    kind: 'scan-page',
    ...request,
    placement: 3,
    bucket: 1,
    partition: 201,
    after: Uint8Array.of(0, 1, 0xc9, 0x0a, 0x0b, 0x0c, 0x61),
    limit: 256,
  },
  'scanned-page': {
    kind: 'scanned-page',
    ...reply,
    entries: [
      { key: asciiBytes('b'), record: RECORD },
      { key: asciiBytes('c'), record: RECORD },
    ],
    more: true,
  },
  exchange: { kind: 'exchange', stamp: STAMP, body: asciiBytes('body') },
};
