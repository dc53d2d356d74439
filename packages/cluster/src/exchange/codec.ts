/**
 * The bytes of the exchange's messages: `docs/protocols/exchange.md`. What does not decode, or is beyond a limit, is a
 * `CodecError`; what decodes encodes to the same bytes.
 *
 * Little-endian. Byte fields of a decoded message are parts of its bytes, not copies. There is no checksum: the transport
 * has one.
 */
import { asciiBytes } from '@torc/base/bytes';
import { MAX_PARTITION_BITS } from '../ring/partitions.ts';
import { isName } from '../topology/limits.ts';
import { EXCHANGE_LIMITS as LIMITS } from './limits.ts';
import { MessageReader, MessageWriter } from './message-cursor.ts';
import {
  ABORT_REASONS,
  type Ask,
  type Differs,
  type Envelope,
  type ExchangeMessage,
  type Hashes,
  type List,
  type Open,
  type Opened,
  type Records,
} from './messages.ts';
import { MAX_DEPTH } from './tree.ts';

const VERSION = 1;
/** In this order from 0 in the protocol. */
const KINDS = [
  'open',
  'same',
  'opened',
  'ask',
  'hashes',
  'list',
  'differs',
  'records',
  'acknowledged',
  'finish',
  'finished',
  'abort',
] as const satisfies readonly ExchangeMessage['kind'][];

const HAS_AFTER = 1;
const HAS_UPTO = 2;

export interface Enveloped {
  readonly envelope: Envelope;
  readonly message: ExchangeMessage;
}

export function encodeExchange({ envelope, message }: Enveloped): Uint8Array {
  const writer = new MessageWriter();
  writer.u8(VERSION);
  writer.u8(KINDS.indexOf(message.kind));
  writer.u8(envelope.fromOpener ? 1 : 0);
  writer.u8(0);
  writer.u32(envelope.session);
  writer.u32(envelope.sequence);
  writer.u32(envelope.placement);
  writeBody(writer, message);
  return writer.bytes.subarray(0, writer.end);
}

/** Throws a `CodecError`. */
export function decodeExchange(bytes: Uint8Array): Enveloped {
  const reader: MessageReader = new MessageReader(bytes);
  const version = reader.u8();
  reader.require(version === VERSION, `version ${version}; version ${VERSION} is known here`);
  const kind = KINDS[reader.u8()];
  reader.require(kind !== undefined, 'a kind that is not known');
  const from = reader.u8();
  reader.require(from <= 1 && reader.u8() === 0, 'flags that are not known');
  const envelope: Envelope = {
    session: reader.u32(),
    fromOpener: from === 1,
    sequence: reader.u32(),
    placement: reader.u32(),
  };
  const message = readBody(reader, kind);
  reader.require(reader.isDone, 'bytes are left over');
  return { envelope, message };
}

function writeBody(writer: MessageWriter, message: ExchangeMessage): void {
  switch (message.kind) {
    case 'open':
      return writeOpen(writer, message);
    case 'same':
      writer.u32(message.rootLow);
      return writer.u32(message.rootHigh);
    case 'opened':
      writer.u8(message.depth);
      writer.u8(message.level);
      return writer.lanes(message.hashes);
    case 'ask':
      return writeAsk(writer, message);
    case 'hashes':
      writer.u8(message.level);
      writer.u16(message.hashes.low.length);
      return writer.lanes(message.hashes);
    case 'list':
      return writeList(writer, message);
    case 'differs':
      writer.u32(message.leftOut);
      writer.u16(message.count);
      return writer.raw(message.lacking);
    case 'records':
      return writeRecords(writer, message);
    case 'acknowledged':
      return writer.u53(message.total);
    case 'finish':
      return writer.u53(message.leftOut);
    case 'finished':
      return;
    case 'abort':
      return writer.u8(ABORT_REASONS.indexOf(message.reason));
  }
}

function readBody(reader: MessageReader, kind: ExchangeMessage['kind']): ExchangeMessage {
  switch (kind) {
    case 'open':
      return readOpen(reader);
    case 'same':
      return { kind, rootLow: reader.u32(), rootHigh: reader.u32() };
    case 'opened':
      return readOpened(reader);
    case 'ask':
      return readAsk(reader);
    case 'hashes':
      return readHashes(reader);
    case 'list':
      return readList(reader);
    case 'differs':
      return readDiffers(reader);
    case 'records':
      return readRecords(reader);
    case 'acknowledged':
      return { kind, total: reader.u53() };
    case 'finish':
      return { kind, leftOut: reader.u53() };
    case 'finished':
      return { kind };
    case 'abort': {
      const reason = ABORT_REASONS[reader.u8()];
      reader.require(reason !== undefined, 'a reason that is not known');
      return { kind, reason };
    }
  }
}

function writeOpen(writer: MessageWriter, open: Open): void {
  writer.u8(open.partitionBits);
  writer.u8(open.depth);
  writer.u16(open.partition);
  writer.u32(open.youngMs);
  writer.u32(open.rootLow);
  writer.u32(open.rootHigh);
  writer.u8(open.placementClass.length);
  writer.raw(asciiBytes(open.placementClass));
}

function readOpen(reader: MessageReader): Open {
  const partitionBits = reader.u8();
  reader.require(partitionBits <= MAX_PARTITION_BITS, `2^${partitionBits} partitions`);
  const depth = reader.u8();
  reader.require(depth <= MAX_DEPTH, `a tree of depth ${depth}`);
  const partition = reader.u16();
  reader.require(partition < 2 ** partitionBits, `partition ${partition} of 2^${partitionBits}`);
  const youngMs = reader.u32();
  const rootLow = reader.u32();
  const rootHigh = reader.u32();
  const placementClass = String.fromCharCode(...reader.raw(reader.u8()));
  reader.require(isName(placementClass), 'a name that is none');
  return { kind: 'open', placementClass, partitionBits, partition, depth, youngMs, rootLow, rootHigh };
}

function readOpened(reader: MessageReader): Opened {
  const depth = reader.u8();
  const level = reader.u8();
  reader.require(depth <= MAX_DEPTH && level <= depth, `level ${level} of a tree of depth ${depth}`);
  reader.require(2 ** level <= LIMITS.hashes, `${2 ** level} hashes`);
  return { kind: 'opened', depth, level, hashes: reader.lanes(2 ** level) };
}

function writeAsk(writer: MessageWriter, ask: Ask): void {
  writer.u8(ask.level);
  writer.u8(ask.childLevel);
  writer.u16(ask.parents.length);
  writer.u16s(ask.parents);
}

function readAsk(reader: MessageReader): Ask {
  const level = reader.u8();
  const childLevel = reader.u8();
  reader.require(level < childLevel && childLevel <= MAX_DEPTH, `levels ${level} and ${childLevel}`);
  const count = reader.count('nodes', 1, LIMITS.hashes);
  reader.require(count * 2 ** (childLevel - level) <= LIMITS.hashes, 'too many hashes at once');
  const parents = reader.u16s(count);
  requireAscending(reader, parents, 2 ** level);
  return { kind: 'ask', level, childLevel, parents };
}

function readHashes(reader: MessageReader): Hashes {
  const level = reader.u8();
  reader.require(level <= MAX_DEPTH, `level ${level}`);
  return { kind: 'hashes', level, hashes: reader.lanes(reader.count('hashes', 1, LIMITS.hashes)) };
}

function writeList(writer: MessageWriter, list: List): void {
  writer.u8((list.after === undefined ? 0 : HAS_AFTER) | (list.upto === undefined ? 0 : HAS_UPTO));
  for (const key of [list.after, list.upto]) if (key !== undefined) writeKey(writer, key);
  writer.u16(list.leaves.length);
  writer.u16s(list.leaves);
  writer.u16s(list.counts);
  writer.lanes(list.digests);
}

function readList(reader: MessageReader): List {
  const flags = reader.u8();
  reader.require(flags <= (HAS_AFTER | HAS_UPTO), 'flags that are not known');
  const after = flags & HAS_AFTER ? readKey(reader) : undefined;
  const upto = flags & HAS_UPTO ? readKey(reader) : undefined;
  const leafCount = reader.count('leaves', 1, LIMITS.listLeaves);
  const leaves = reader.u16s(leafCount);
  requireAscending(reader, leaves, 2 ** MAX_DEPTH);
  const counts = reader.u16s(leafCount);
  let total = 0;
  for (const count of counts) total += count;
  reader.require(total <= LIMITS.listEntries, `${total} keys in one page`);
  return { kind: 'list', leaves, counts, after, upto, digests: reader.lanes(total) };
}

function readDiffers(reader: MessageReader): Differs {
  const leftOut = reader.u32();
  const count = reader.count('keys', 0, LIMITS.listEntries);
  const lacking = reader.raw(Math.ceil(count / 8));
  const unused = lacking.length * 8 - count;
  reader.require((lacking.at(-1) ?? 0) >>> (8 - unused) === 0, 'bits behind the last key');
  return { kind: 'differs', count, lacking, leftOut };
}

function writeRecords(writer: MessageWriter, { records }: Records): void {
  writer.u16(records.length);
  for (const { key, record } of records) {
    writeKey(writer, key);
    writer.u32(record.length);
    writer.raw(record);
  }
}

function readRecords(reader: MessageReader): Records {
  const count = reader.count('records', 1, LIMITS.pageRecords);
  const records: Records['records'][number][] = [];
  let size = 0;
  for (let n = 0; n < count; n += 1) {
    const key = readKey(reader);
    const length = reader.u32();
    reader.require(length <= LIMITS.recordBytes, `a record of ${length} bytes`);
    const record = reader.raw(length);
    size += key.length + length;
    reader.require(count === 1 || size <= LIMITS.pageBytes, `${size} bytes in one page`);
    records.push({ key, record });
  }
  return { kind: 'records', records };
}

function writeKey(writer: MessageWriter, key: Uint8Array): void {
  writer.u32(key.length);
  writer.raw(key);
}

function readKey(reader: MessageReader): Uint8Array {
  const length = reader.u32();
  reader.require(length <= LIMITS.keyBytes, `a key of ${length} bytes`);
  return reader.raw(length);
}

function requireAscending(reader: MessageReader, nodes: Uint16Array, limit: number): void {
  let before = -1;
  for (const node of nodes) {
    reader.require(node > before && node < limit, `node ${node} behind ${before}, of ${limit}`);
    before = node;
  }
}
