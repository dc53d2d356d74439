/** A coordinator brings a record to a home, and the home's acknowledgement. */
import type { MessageForm } from './form.ts';
import type { Store, Stored } from './messages.ts';
import { blobBytes, REPLY_BYTES, REQUEST_BYTES } from './writer.ts';

const WANTS_NEWER = 1;
const HAS_NEWER = 1;

export const storeForm: MessageForm<Store> = {
  number: 1,
  bodyBytes: ({ key, record }) => REQUEST_BYTES + 7 + blobBytes(key) + blobBytes(record),
  write(message, writer) {
    writer.request(message);
    writer.u32(message.placement);
    writer.u16(message.bucket);
    writer.u8(message.wantsNewer ? WANTS_NEWER : 0);
    writer.blob(message.key, 'keyBytes');
    writer.blob(message.record, 'recordBytes');
  },
  read: (stamp, reader) => ({
    kind: 'store',
    stamp,
    id: reader.u32(),
    remainingMs: reader.u32(),
    placement: reader.u32(),
    bucket: reader.u16(),
    wantsNewer: reader.flags(WANTS_NEWER) !== 0,
    key: reader.blob('keyBytes'),
    record: reader.blob('recordBytes'),
  }),
};

export const storedForm: MessageForm<Stored> = {
  number: 2,
  bodyBytes: ({ newer }) => REPLY_BYTES + 1 + blobBytes(newer),
  write(message, writer) {
    writer.reply(message);
    writer.u8(message.newer === undefined ? 0 : HAS_NEWER);
    writer.optionalBlob(message.newer, 'recordBytes');
  },
  read(stamp, reader) {
    const id = reader.u32();
    const hasNewer = reader.flags(HAS_NEWER) !== 0;
    return { kind: 'stored', stamp, id, ...(hasNewer ? { newer: reader.blob('recordBytes') } : {}) };
  },
};
