/** One client's operation, inside a forward. A write has a value and nothing else has one, so no flag says it. */
import { assert } from '@torc/base/assert';
import type { Operation } from './messages.ts';
import type { Reader } from './reader.ts';
import { blobBytes, operationIdBytes, type Writer } from './writer.ts';

/** In this order from 1 in the format. */
const OPS: readonly Operation['op'][] = ['read', 'write', 'remove'];

const HAS_CONTEXT = 1;
const HAS_ID = 2;
const HAS_FIRST_STAMP = 4;
const HAS_AT_LEAST = 8;
const IS_SECOND_ATTEMPT = 16;
const KNOWN_FLAGS = 31;

/** Operation, level, flags, bucket, expiry. */
const FIXED_BYTES = 13;

export function operationBytes(operation: Operation): number {
  const { key, value, context, operationId, firstStamp, atLeast } = operation;
  return (
    FIXED_BYTES +
    blobBytes(key) +
    blobBytes(value) +
    blobBytes(context) +
    operationIdBytes(operationId) +
    (firstStamp === undefined ? 0 : 8) +
    blobBytes(atLeast)
  );
}

export function writeOperation(operation: Operation, writer: Writer): void {
  const { op, key, value, context, operationId, firstStamp, atLeast } = operation;
  assert((op === 'write') === (value !== undefined), 'a write has a value, and nothing else has one');
  writer.oneOf(OPS, op);
  writer.u8(operation.level);
  writer.u8(flagsOf(operation));
  writer.u16(operation.bucket);
  writer.u53(operation.expiresAtMs);
  writer.blob(key, 'keyBytes');
  writer.optionalBlob(value, 'valueBytes');
  writer.optionalBlob(context, 'clockBytes');
  if (operationId !== undefined) writer.operationId(operationId);
  if (firstStamp !== undefined) writer.u53(firstStamp);
  writer.optionalBlob(atLeast, 'clockBytes');
}

function flagsOf({ context, operationId, firstStamp, atLeast, isSecondAttempt }: Operation): number {
  return (
    (context === undefined ? 0 : HAS_CONTEXT) |
    (operationId === undefined ? 0 : HAS_ID) |
    (firstStamp === undefined ? 0 : HAS_FIRST_STAMP) |
    (atLeast === undefined ? 0 : HAS_AT_LEAST) |
    (isSecondAttempt ? IS_SECOND_ATTEMPT : 0)
  );
}

export function readOperation(reader: Reader): Operation {
  const op = reader.oneOf(OPS, 'operation');
  const level = reader.u8();
  const flags = reader.flags(KNOWN_FLAGS);
  // An object literal is evaluated in the order it is written in, which is the order of the fields.
  return {
    op,
    level,
    isSecondAttempt: (flags & IS_SECOND_ATTEMPT) !== 0,
    bucket: reader.u16(),
    expiresAtMs: reader.u53(),
    key: reader.blob('keyBytes'),
    ...(op === 'write' ? { value: reader.blob('valueBytes') } : {}),
    ...(flags & HAS_CONTEXT ? { context: reader.blob('clockBytes') } : {}),
    ...(flags & HAS_ID ? { operationId: reader.operationId() } : {}),
    ...(flags & HAS_FIRST_STAMP ? { firstStamp: reader.u53() } : {}),
    ...(flags & HAS_AT_LEAST ? { atLeast: reader.blob('clockBytes') } : {}),
  };
}
