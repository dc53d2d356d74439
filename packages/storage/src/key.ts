/**
 * The engine's key: `bucket (u16, big-endian) | position (u32, big-endian) | key`. Byte order is scan order: a bucket, a
 * partition and a tag are each one contiguous range.
 *
 * `EngineKey` names a key without building those bytes: one reusable object per caller, aimed at a range of bytes that
 * must stay as they are until the call that uses them returns.
 */
import { writeU32BigEndian } from '@torc/base/bytes';
import { positionOf } from '@torc/base/position';

export const KEY_PREFIX_BYTES = 6;

/** Buckets from here on belong to the store itself (stand-in data, registers): clients cannot name them. */
export const FIRST_SYSTEM_BUCKET = 0xff00;

export class EngineKey {
  bucket = 0;
  position = 0;
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  end = 0;
  /** The memtable's hash of the key, once it has been asked for; -1 before. */
  hash = -1;

  aim(bucket: number, bytes: Uint8Array, start: number, end: number): this {
    this.bucket = bucket;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.position = positionOf(bytes, start, end);
    this.hash = -1;
    return this;
  }
}

const NO_BYTES = new Uint8Array(0);

export function writeKeyPrefix(into: Uint8Array, at: number, bucket: number, position: number): void {
  into[at] = bucket >>> 8;
  into[at + 1] = bucket;
  writeU32BigEndian(into, at + 2, position);
}
