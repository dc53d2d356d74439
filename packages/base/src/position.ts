/**
 * Where a key lives (DESIGN section 5): tag, slot, position, partition.
 *
 * - The tag is the part between the first `{` and the next `}`, if not empty; else the whole key.
 * - `slot = CRC16-XMODEM(tag) mod 16384`, exactly as Redis Cluster computes it.
 * - `position = slot * 2^18 + (hash32(tag, seed 0) >>> 14)`: a u32, slot on top.
 *
 * Part of the formats: keys are stored under their position. `docs/formats/position.md` has the vectors.
 */
import { hash32 } from './hash.ts';

export const SLOT_COUNT = 16384;

const OPEN = 0x7b;
const CLOSE = 0x7d;

const CRC16: Uint16Array = makeCrc16Table();

function makeCrc16Table(): Uint16Array {
  const table = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    table[byte] = crc;
  }
  return table;
}

export function crc16(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i += 1) {
    crc = ((crc << 8) & 0xffff) ^ (CRC16[((crc >>> 8) ^ (bytes[i] as number)) & 0xff] as number);
  }
  return crc;
}

/** The position of a key: u32. */
export function positionOf(bytes: Uint8Array, start: number, end: number): number {
  let tagStart = start;
  let tagEnd = end;
  const open = indexOfByte(bytes, OPEN, start, end);
  if (open >= 0) {
    const close = indexOfByte(bytes, CLOSE, open + 1, end);
    if (close > open + 1) {
      tagStart = open + 1;
      tagEnd = close;
    }
  }
  const slot = crc16(bytes, tagStart, tagEnd) & (SLOT_COUNT - 1);
  return ((slot << 18) | (hash32(bytes, tagStart, tagEnd, 0) >>> 14)) >>> 0;
}

function indexOfByte(bytes: Uint8Array, byte: number, start: number, end: number): number {
  for (let i = start; i < end; i += 1) if (bytes[i] === byte) return i;
  return -1;
}

export function slotOf(position: number): number {
  return position >>> 18;
}

/** The partition of a position when there are 2^`partitionBits` of them. A shift by 32 is no shift, hence the first line. */
export function partitionOf(position: number, partitionBits: number): number {
  if (partitionBits === 0) return 0;
  return position >>> (32 - partitionBits);
}
