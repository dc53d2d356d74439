/** Engine's keys for people: the bucket, and the key without its position. */
import { printableText, readU32BigEndian } from '@torc/base/bytes';
import { positionOf } from '@torc/base/position';
import { KEY_PREFIX_BYTES } from '../key.ts';
import type { KeyRange } from '../manifest/edit.ts';

const SHOWN_BYTES = 40;

export function rangeText({ from, to }: KeyRange): string {
  return `from ${keyText(from)} up to ${to === undefined ? 'the end' : keyText(to)}`;
}

export function keyText(key: Uint8Array): string {
  if (key.length === 0) return 'the begin';
  const bucket = ((key[0] as number) << 8) | (key[1] ?? 0);
  // A place between keys, as an index cuts it: a position, or part of one.
  if (key.length <= KEY_PREFIX_BYTES && !isEmptyKey(key)) return `${bucket}:@${hexOf(key.subarray(2))}`;
  const end = Math.min(key.length, KEY_PREFIX_BYTES + SHOWN_BYTES);
  return `${bucket}:"${printableText(key, KEY_PREFIX_BYTES, end)}"${end < key.length ? '…' : ''}`;
}

/** The empty key is a key, and stands at its position. */
function isEmptyKey(key: Uint8Array): boolean {
  return key.length === KEY_PREFIX_BYTES && readU32BigEndian(key, 2) === positionOf(key, 0, 0);
}

function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
