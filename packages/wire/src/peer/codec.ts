/**
 * Messages between nodes as bytes: `docs/protocols/peer-messages.md`. One message has one form: what decodes encodes to
 * the same bytes again.
 *
 * Version, kind and stamp come first, then what the kind's own file says. Where a message begins and ends is the affair of
 * the frame around it.
 */
import { assert } from '@torc/base/assert';
import { CodecError } from '@torc/base/errors';
import { beatForm } from './beat.ts';
import { exchangeForm } from './exchange.ts';
import { fetchedForm, fetchForm } from './fetch.ts';
import type { MessageForm } from './form.ts';
import { forwardedForm, forwardForm } from './forward.ts';
import { PEER_LIMITS, tooLong } from './limits.ts';
import type { PeerMessage } from './messages.ts';
import { Reader } from './reader.ts';
import { refusedForm } from './refused.ts';
import { scannedPageForm, scanPageForm } from './scan-page.ts';
import { storedForm, storeForm } from './store.ts';
import { topologyForm, wantTopologyForm } from './topology.ts';
import { Writer } from './writer.ts';

const VERSION = 1;

/** Version, kind, stamp. */
const HEAD_BYTES = 10;

/** A kind without a form, or with that of another one, does not compile. */
const FORMS: { readonly [K in PeerMessage['kind']]: MessageForm<Extract<PeerMessage, { kind: K }>> } = {
  store: storeForm,
  stored: storedForm,
  fetch: fetchForm,
  fetched: fetchedForm,
  refused: refusedForm,
  forward: forwardForm,
  forwarded: forwardedForm,
  'want-topology': wantTopologyForm,
  topology: topologyForm,
  beat: beatForm,
  'scan-page': scanPageForm,
  'scanned-page': scannedPageForm,
  exchange: exchangeForm,
};

const BY_NUMBER: ReadonlyMap<number, MessageForm<PeerMessage>> = new Map(
  Object.values(FORMS).map((form) => [form.number, form as MessageForm<PeerMessage>]),
);

function formOf(message: PeerMessage): MessageForm<PeerMessage> {
  return FORMS[message.kind];
}

/** Exactly what `encodeMessageInto` writes. It does not look at limits. */
export function messageBytes(message: PeerMessage): number {
  return HEAD_BYTES + formOf(message).bodyBytes(message);
}

/**
 * A message beyond one of `PEER_LIMITS` is a `CodecError`; too long a text is cut. A number out of its range, and a message
 * that says what its kind cannot say, is a bug: an `InvariantError`.
 */
export function encodeMessage(message: PeerMessage): Uint8Array {
  const length = checkedBytes(message);
  const bytes = new Uint8Array(length);
  encodeInto(message, bytes, 0, length);
  return bytes;
}

/**
 * Writes `messageBytes(message)` bytes from `at` on and returns where they end. Throws as `encodeMessage` does; some of
 * the bytes may be written then.
 */
export function encodeMessageInto(message: PeerMessage, into: Uint8Array, at: number): number {
  return encodeInto(message, into, at, checkedBytes(message));
}

function checkedBytes(message: PeerMessage): number {
  const length = messageBytes(message);
  if (length > PEER_LIMITS.messageBytes) throw tooLong(length, 'messageBytes');
  return length;
}

function encodeInto(message: PeerMessage, into: Uint8Array, at: number, length: number): number {
  assert(at >= 0 && length <= into.length - at, 'there is no room for a message');
  const form = formOf(message);
  const writer = new Writer(into, at);
  writer.u8(VERSION);
  writer.u8(form.number);
  writer.u53(message.stamp);
  form.write(message, writer);
  assert(writer.at === at + length, 'a message is not as long as it was said to be');
  return writer.at;
}

/**
 * Decodes exactly `[start, end)`. Anything that is not a message in its one form is a `CodecError`.
 *
 * Byte fields of the message are subarrays of `bytes`, not copies: whoever keeps the message keeps all of `bytes` alive,
 * and whoever reuses `bytes` changes the message. What is inside them (records, clocks, documents) is not looked at.
 */
export function decodeMessage(bytes: Uint8Array, start: number, end: number): PeerMessage {
  assert(start >= 0 && start <= end && end <= bytes.length, 'a message lies outside of its bytes');
  if (end - start > PEER_LIMITS.messageBytes) throw tooLong(end - start, 'messageBytes');
  const reader = new Reader(bytes, start, end);
  const version = reader.u8();
  if (version !== VERSION) {
    throw new CodecError(`a peer message of version ${version}; version ${VERSION} is known here`);
  }
  const number = reader.u8();
  const form = BY_NUMBER.get(number);
  if (form === undefined) throw reader.error(`unknown kind ${number}`);
  const message = form.read(reader.u53(), reader);
  reader.finish();
  return message;
}
