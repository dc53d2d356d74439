/**
 * The fixed parts of a table's file: header, footer, and the trailer of a block. Byte by byte in `docs/formats/table.md`.
 *
 * Invariants:
 * 1. The header's checksum is over the table's number and a random nonce. It is the seed of every other checksum in the
 *    file, and each of those goes on from its offset: a block of another file or of another place cannot pass.
 * 2. Every byte of the file stands under one checksum.
 */
import { readU16, readU32, readU53, writeU16, writeU32, writeU53 } from '@torc/base/bytes';
import { crc32c } from '@torc/base/crc32c';
import type { BlockHandle } from './block-source.ts';

export const TABLE_HEADER_BYTES = 64;
export const TABLE_FOOTER_BYTES = 64;
export const BLOCK_TRAILER_BYTES = 12;
export const TABLE_FORMAT_VERSION = 1;
export const MAX_TABLE_NUMBER = 0xffffffff;

/** 'TORCTBL1', as two little-endian words. */
const MAGIC_LOW = 0x43524f54;
const MAGIC_HIGH = 0x314c4254;

export const BLOCK_DATA = 1;
export const BLOCK_FILTER = 2;
export const BLOCK_INDEX = 3;
export const BLOCK_TOP_INDEX = 4;
export const BLOCK_PROPERTIES = 5;

export interface TableFileId {
  readonly number: number;
  readonly nonceLow: number;
  readonly nonceHigh: number;
}

/** Writes the header to the start of `into` and returns the file's seed. */
export function encodeTableHeader(id: TableFileId, into: Uint8Array): number {
  into.fill(0, 0, TABLE_HEADER_BYTES);
  writeU32(into, 0, MAGIC_LOW);
  writeU32(into, 4, MAGIC_HIGH);
  writeU32(into, 8, TABLE_FORMAT_VERSION);
  writeU32(into, 12, id.number);
  writeU32(into, 16, id.nonceLow);
  writeU32(into, 20, id.nonceHigh);
  const seed = crc32c(into, 0, TABLE_HEADER_BYTES - 4);
  writeU32(into, TABLE_HEADER_BYTES - 4, seed);
  return seed;
}

/** The number and the seed out of a header, or why there are none. */
export function decodeTableHeader(bytes: Uint8Array): { readonly number: number; readonly seed: number } | string {
  const seed = readU32(bytes, TABLE_HEADER_BYTES - 4);
  if (readU32(bytes, 0) !== MAGIC_LOW || readU32(bytes, 4) !== MAGIC_HIGH) return 'the magic bytes are wrong';
  if (crc32c(bytes, 0, TABLE_HEADER_BYTES - 4) !== seed) return 'the checksum of the file header is wrong';
  const version = readU32(bytes, 8);
  if (version !== TABLE_FORMAT_VERSION) return `format version ${version} is not known to this release`;
  return { number: readU32(bytes, 12), seed };
}

export interface TableFooter {
  readonly topIndex: BlockHandle;
  readonly properties: BlockHandle;
  readonly fileBytes: number;
}

/** Writes the footer, which ends at `footer.fileBytes` in the file, to `into` from `at` on. */
export function encodeTableFooter(footer: TableFooter, seed: number, into: Uint8Array, at: number): void {
  into.fill(0, at, at + TABLE_FOOTER_BYTES);
  writeU53(into, at, footer.topIndex.offset);
  writeU53(into, at + 8, footer.properties.offset);
  writeU32(into, at + 16, footer.topIndex.storedBytes);
  writeU32(into, at + 20, footer.properties.storedBytes);
  writeU53(into, at + 24, footer.fileBytes);
  writeU32(into, at + 32, TABLE_FORMAT_VERSION);
  writeU32(into, at + 52, MAGIC_LOW);
  writeU32(into, at + 56, MAGIC_HIGH);
  const placed = placedSeed(seed, footer.fileBytes - TABLE_FOOTER_BYTES);
  writeU32(into, at + 60, crc32c(into, at, at + 60, placed));
}

/** The footer in `bytes`, the last ones of a file of `fileBytes`, or why there is none. */
export function decodeTableFooter(bytes: Uint8Array, seed: number, fileBytes: number): TableFooter | string {
  if (readU32(bytes, 52) !== MAGIC_LOW || readU32(bytes, 56) !== MAGIC_HIGH) return 'the footer is missing';
  const placed = placedSeed(seed, fileBytes - TABLE_FOOTER_BYTES);
  if (crc32c(bytes, 0, 60, placed) !== readU32(bytes, 60)) return 'the checksum of the footer is wrong';
  const version = readU32(bytes, 32);
  if (version !== TABLE_FORMAT_VERSION) return `format version ${version} of the footer is not known to this release`;
  if (readU53(bytes, 24) !== fileBytes) return 'the file has not the size that its footer says';
  return {
    topIndex: { offset: readU53(bytes, 0), storedBytes: readU32(bytes, 16) },
    properties: { offset: readU53(bytes, 8), storedBytes: readU32(bytes, 20) },
    fileBytes,
  };
}

export interface BlockTrailer {
  readonly codec: number;
  readonly type: number;
  readonly rawBytes: number;
}

/** Completes a block whose payload stands in `[start, payloadEnd)`; `placed` is from `placedSeed`. */
export function sealBlock(
  bytes: Uint8Array,
  start: number,
  payloadEnd: number,
  trailer: BlockTrailer,
  placed: number,
): void {
  bytes[payloadEnd] = trailer.codec;
  bytes[payloadEnd + 1] = trailer.type;
  writeU16(bytes, payloadEnd + 2, 0);
  writeU32(bytes, payloadEnd + 4, trailer.rawBytes);
  writeU32(bytes, payloadEnd + 8, crc32c(bytes, start, payloadEnd + 8, placed));
}

/** The trailer of the block `[start, end)`, or why the block does not count. `placed` is from `placedSeed`. */
export function decodeTrailer(bytes: Uint8Array, start: number, end: number, placed: number): BlockTrailer | string {
  const at = end - BLOCK_TRAILER_BYTES;
  if (crc32c(bytes, start, end - 4, placed) !== readU32(bytes, end - 4)) return 'the checksum of a block is wrong';
  const type = bytes[at + 1] as number;
  if (type < BLOCK_DATA || type > BLOCK_PROPERTIES) return `a block has the unknown type ${type}`;
  if (readU16(bytes, at + 2) !== 0) return 'the reserved bytes of a block are not zero';
  return { codec: bytes[at] as number, type, rawBytes: readU32(bytes, at + 4) };
}

const OFFSET = new Uint8Array(8);

/** The seed of a checksum at an offset of the file. */
export function placedSeed(seed: number, offset: number): number {
  writeU53(OFFSET, 0, offset);
  return crc32c(OFFSET, 0, 8, seed);
}
