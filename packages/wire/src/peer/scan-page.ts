/** One page of a partition's entries, asked for and sent. */
import { assert } from '@torc/base/assert';
import type { MessageForm } from './form.ts';
import { PEER_LIMITS, tooLong } from './limits.ts';
import type { PageEntry, ScannedPage, ScanPage } from './messages.ts';
import type { Reader } from './reader.ts';
import { blobBytes, REPLY_BYTES, REQUEST_BYTES } from './writer.ts';

const HAS_AFTER = 1;
const HAS_MORE = 1;

/** Two lengths. */
const LEAST_ENTRY_BYTES = 8;

export const scanPageForm: MessageForm<ScanPage> = {
  number: 11,
  bodyBytes: ({ after }) => REQUEST_BYTES + 11 + blobBytes(after),
  write(message, writer) {
    const { limit, after } = message;
    assert(limit >= 1 && limit <= PEER_LIMITS.pageEntries, 'the limit of a page is out of range');
    writer.request(message);
    writer.u32(message.placement);
    writer.u16(message.bucket);
    writer.u16(message.partition);
    writer.u16(limit);
    writer.u8(after === undefined ? 0 : HAS_AFTER);
    writer.optionalBlob(after, 'engineKeyBytes');
  },
  read: (stamp, reader) => ({
    kind: 'scan-page',
    stamp,
    id: reader.u32(),
    remainingMs: reader.u32(),
    placement: reader.u32(),
    bucket: reader.u16(),
    partition: reader.u16(),
    limit: readLimit(reader),
    ...(reader.flags(HAS_AFTER) !== 0 ? { after: reader.blob('engineKeyBytes') } : {}),
  }),
};

function readLimit(reader: Reader): number {
  const limit = reader.u16();
  if (limit === 0) throw reader.error('a page of no entries is asked for');
  if (limit > PEER_LIMITS.pageEntries) throw tooLong(limit, 'pageEntries');
  return limit;
}

export const scannedPageForm: MessageForm<ScannedPage> = {
  number: 12,
  bodyBytes({ entries }) {
    let bytes = REPLY_BYTES + 3;
    for (const { key, record } of entries) bytes += blobBytes(key) + blobBytes(record);
    return bytes;
  },
  write(message, writer) {
    const { entries, more } = message;
    if (entries.length > PEER_LIMITS.pageEntries) throw tooLong(entries.length, 'pageEntries');
    writer.reply(message);
    writer.u8(more ? HAS_MORE : 0);
    writer.u16(entries.length);
    for (const { key, record } of entries) {
      writer.blob(key, 'engineKeyBytes');
      writer.blob(record, 'recordBytes');
    }
  },
  read: (stamp, reader) => ({
    kind: 'scanned-page',
    stamp,
    id: reader.u32(),
    more: reader.flags(HAS_MORE) !== 0,
    entries: readEntries(reader),
  }),
};

function readEntries(reader: Reader): readonly PageEntry[] {
  const count = reader.u16();
  if (count > PEER_LIMITS.pageEntries) throw tooLong(count, 'pageEntries');
  reader.need(count * LEAST_ENTRY_BYTES);
  const entries: PageEntry[] = [];
  for (let n = 0; n < count; n += 1) {
    entries.push({ key: reader.blob('engineKeyBytes'), record: reader.blob('recordBytes') });
  }
  return entries;
}
