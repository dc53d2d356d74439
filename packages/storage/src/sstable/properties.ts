/** The properties block: what `TableMeta` says, in a fixed order, u53 each, then both keys behind their lengths. */
import { compareBytes, readU32, readU53, writeU32, writeU53 } from '@torc/base/bytes';
import { MAX_KEY_BYTES } from './limits.ts';
import { META_NUMBERS, type MetaNumbers, type TableMeta } from './table-meta.ts';

const KEYS_AT = META_NUMBERS.length * 8;
const FIXED_BYTES = KEYS_AT + 8;

export function tableMetaBytes(meta: Pick<TableMeta, 'firstKey' | 'lastKey'>): number {
  return FIXED_BYTES + meta.firstKey.length + meta.lastKey.length;
}

export function encodeTableMeta(meta: TableMeta): Uint8Array {
  const bytes = new Uint8Array(tableMetaBytes(meta));
  for (const [i, name] of META_NUMBERS.entries()) writeU53(bytes, i * 8, meta[name]);
  writeU32(bytes, KEYS_AT, meta.firstKey.length);
  writeU32(bytes, KEYS_AT + 4, meta.lastKey.length);
  bytes.set(meta.firstKey, FIXED_BYTES);
  bytes.set(meta.lastKey, FIXED_BYTES + meta.firstKey.length);
  return bytes;
}

/** `undefined` when the bytes are not those of one. */
export function decodeTableMeta(bytes: Uint8Array): TableMeta | undefined {
  if (bytes.length < FIXED_BYTES) return undefined;
  const firstBytes = readU32(bytes, KEYS_AT);
  const lastBytes = readU32(bytes, KEYS_AT + 4);
  if (firstBytes > MAX_KEY_BYTES || lastBytes > MAX_KEY_BYTES) return undefined;
  const firstEnd = FIXED_BYTES + firstBytes;
  if (firstEnd + lastBytes !== bytes.length) return undefined;
  if (compareBytes(bytes, FIXED_BYTES, firstEnd, bytes, firstEnd, bytes.length) > 0) return undefined;
  const numbers: Partial<MetaNumbers> = {};
  for (const [i, name] of META_NUMBERS.entries()) {
    const value = readU53(bytes, i * 8);
    if (!Number.isSafeInteger(value)) return undefined;
    numbers[name] = value;
  }
  return {
    ...(numbers as MetaNumbers),
    firstKey: bytes.slice(FIXED_BYTES, firstEnd),
    lastKey: bytes.slice(firstEnd),
  };
}
