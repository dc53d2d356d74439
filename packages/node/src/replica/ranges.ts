/** Ranges of engine's keys, as scans and drops name them. */
import { Refusal } from '@torc/base/errors';
import { positionOf } from '@torc/base/position';
import { KEY_PREFIX_BYTES, writeKeyPrefix } from '@torc/storage/key';
import type { KeyRange } from '@torc/storage/manifest/edit';

const OPEN = 0x7b;
const CLOSE = 0x7d;

/** All of a bucket. */
export function bucketRange(bucket: number): KeyRange {
  const from = Uint8Array.of(bucket >>> 8, bucket);
  return bucket === 0xffff ? { from } : { from, to: Uint8Array.of((bucket + 1) >>> 8, bucket + 1) };
}

/**
 * The keys of a bucket that begin with a prefix. Only keys of one tag stand together, so the prefix has to hold one whole,
 * `{tag}`: then the keys are one range, in order.
 */
export function prefixRange(bucket: number, prefix: Uint8Array): KeyRange {
  const open = prefix.indexOf(OPEN);
  const close = open < 0 ? -1 : prefix.indexOf(CLOSE, open + 1);
  if (close <= open + 1) {
    throw new Refusal(
      'bad-prefix',
      'a prefix holds a whole tag, as in {user:1}:cart: only keys of one tag stand together',
    );
  }
  const from = new Uint8Array(KEY_PREFIX_BYTES + prefix.length);
  writeKeyPrefix(from, 0, bucket, positionOf(prefix, 0, prefix.length));
  from.set(prefix, KEY_PREFIX_BYTES);
  const to = justAbove(from);
  return to === undefined ? { from } : { from, to };
}

/** The lowest key above all that begin with these bytes; `undefined` when there is none. */
function justAbove(bytes: Uint8Array): Uint8Array | undefined {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0xff) length -= 1;
  if (length === 0) return undefined;
  const above = bytes.slice(0, length);
  above[length - 1] = (above[length - 1] as number) + 1;
  return above;
}
