/** A coordinator asks a home for what it holds of a key, or for the digest of that. */
import { assert } from '@torc/base/assert';
import type { MessageForm } from './form.ts';
import type { Fetch, Fetched } from './messages.ts';
import { blobBytes, REPLY_BYTES, REQUEST_BYTES } from './writer.ts';

const DIGEST_ONLY = 1;

/** What a fetched message holds. */
const ABSENT = 0;
const DIGEST = 1;
const RECORD = 2;

const DIGEST_BYTES = 8;

export const fetchForm: MessageForm<Fetch> = {
  number: 3,
  bodyBytes: ({ key }) => REQUEST_BYTES + 7 + blobBytes(key),
  write(message, writer) {
    writer.request(message);
    writer.u32(message.placement);
    writer.u16(message.bucket);
    writer.u8(message.digestOnly ? DIGEST_ONLY : 0);
    writer.blob(message.key, 'keyBytes');
  },
  read: (stamp, reader) => ({
    kind: 'fetch',
    stamp,
    id: reader.u32(),
    remainingMs: reader.u32(),
    placement: reader.u32(),
    bucket: reader.u16(),
    digestOnly: reader.flags(DIGEST_ONLY) !== 0,
    key: reader.blob('keyBytes'),
  }),
};

export const fetchedForm: MessageForm<Fetched> = {
  number: 4,
  bodyBytes: ({ digest, record }) => REPLY_BYTES + 1 + (digest === undefined ? 0 : DIGEST_BYTES) + blobBytes(record),
  write(message, writer) {
    const { found, digest, record } = message;
    const parts = (digest === undefined ? 0 : 1) + (record === undefined ? 0 : 1);
    assert(parts === (found ? 1 : 0), 'what is found is a digest or a record, what is absent neither');
    writer.reply(message);
    if (digest !== undefined) {
      writer.u8(DIGEST);
      writer.u32(digest.low);
      writer.u32(digest.high);
    } else {
      writer.u8(record === undefined ? ABSENT : RECORD);
      writer.optionalBlob(record, 'recordBytes');
    }
  },
  read(stamp, reader) {
    const head = { kind: 'fetched', stamp, id: reader.u32() } as const;
    const holds = reader.u8();
    if (holds === ABSENT) return { ...head, found: false };
    if (holds === DIGEST) return { ...head, found: true, digest: { low: reader.u32(), high: reader.u32() } };
    if (holds === RECORD) return { ...head, found: true, record: reader.blob('recordBytes') };
    throw reader.error(`unknown contents ${holds}`);
  },
};
