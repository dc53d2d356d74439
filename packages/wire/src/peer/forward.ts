/** A client's operation handed to the node that coordinates it, and what became of it. */
import { assert } from '@torc/base/assert';
import type { MessageForm } from './form.ts';
import type { Forward, Forwarded } from './messages.ts';
import { operationBytes, readOperation, writeOperation } from './operation.ts';
import { blobBytes, codeBytes, operationIdBytes, REPLY_BYTES, REQUEST_BYTES, textBytes } from './writer.ts';

/** In this order from 1 in the format. */
const OUTCOMES: readonly Forwarded['outcome'][] = ['applied', 'rejected', 'unknown'];

const HAS_CODE = 1;
const HAS_TEXT = 2;
const HAS_RECORD = 4;
const HAS_DOT = 8;
const HAS_ID = 16;
const KNOWN_FLAGS = 31;

/** A stamp and an actor. */
const DOT_BYTES = 12;

export const forwardForm: MessageForm<Forward> = {
  number: 6,
  bodyBytes: ({ operation }) => REQUEST_BYTES + 4 + operationBytes(operation),
  write(message, writer) {
    writer.request(message);
    writer.u32(message.placement);
    writeOperation(message.operation, writer);
  },
  read: (stamp, reader) => ({
    kind: 'forward',
    stamp,
    id: reader.u32(),
    remainingMs: reader.u32(),
    placement: reader.u32(),
    operation: readOperation(reader),
  }),
};

export const forwardedForm: MessageForm<Forwarded> = {
  number: 7,
  bodyBytes: ({ code, text, record, stamp0, operationId }) =>
    REPLY_BYTES +
    4 +
    codeBytes(code) +
    textBytes(text) +
    blobBytes(record) +
    (stamp0 === undefined ? 0 : DOT_BYTES) +
    operationIdBytes(operationId),
  write(message, writer) {
    const { code, text, record, stamp0, actor0, operationId } = message;
    assert((stamp0 === undefined) === (actor0 === undefined), 'a version has a stamp and an actor');
    writer.reply(message);
    writer.oneOf(OUTCOMES, message.outcome);
    writer.u8(flagsOf(message));
    writer.u16(message.met);
    if (code !== undefined) writer.code(code);
    if (text !== undefined) writer.text(text);
    writer.optionalBlob(record, 'recordBytes');
    if (stamp0 !== undefined && actor0 !== undefined) {
      writer.u53(stamp0);
      writer.u32(actor0);
    }
    if (operationId !== undefined) writer.operationId(operationId);
  },
  read(stamp, reader) {
    const id = reader.u32();
    const outcome = reader.oneOf(OUTCOMES, 'outcome');
    const flags = reader.flags(KNOWN_FLAGS);
    return {
      kind: 'forwarded',
      stamp,
      id,
      outcome,
      met: reader.u16(),
      ...(flags & HAS_CODE ? { code: reader.code() } : {}),
      ...(flags & HAS_TEXT ? { text: reader.text() } : {}),
      ...(flags & HAS_RECORD ? { record: reader.blob('recordBytes') } : {}),
      ...(flags & HAS_DOT ? { stamp0: reader.u53(), actor0: reader.u32() } : {}),
      ...(flags & HAS_ID ? { operationId: reader.operationId() } : {}),
    };
  },
};

function flagsOf({ code, text, record, stamp0, operationId }: Forwarded): number {
  return (
    (code === undefined ? 0 : HAS_CODE) |
    (text === undefined ? 0 : HAS_TEXT) |
    (record === undefined ? 0 : HAS_RECORD) |
    (stamp0 === undefined ? 0 : HAS_DOT) |
    (operationId === undefined ? 0 : HAS_ID)
  );
}
