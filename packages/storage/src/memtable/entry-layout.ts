/**
 * An entry in the arena, at a multiple of 8:
 *
 *     u32  ref of the entry that this one replaced, 0 for none
 *     u32  low 32 bits of the batch that wrote it last
 *     u32  length of the engine's key | flags in the top four bits
 *     u32  length of the record
 *     the engine's key, the record
 *
 * Read by the memtable and by the flush, which walks the chunks in a worker.
 */
import { readU32 } from '@torc/base/bytes';
import { ENTRY_PART, ENTRY_WHOLE } from '../commit-log/entry.ts';
import { paddedBytes } from './arena.ts';

export const ENTRY_HEAD_BYTES = 16;
export const KEY_LENGTH_MASK = 0x0fffffff;

/** In the top byte of the key's length: the entry counts no more (it was replaced, or taken back). */
export const DEAD_BIT = 0x80;
/** There, too: merge with what lies below. */
export const PART_BIT = 0x40;

export function entryKeyBytes(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at + 8) & KEY_LENGTH_MASK;
}

export function entryRecordBytes(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at + 12);
}

export function entryBytes(bytes: Uint8Array, at: number): number {
  return paddedBytes(ENTRY_HEAD_BYTES + entryKeyBytes(bytes, at) + entryRecordBytes(bytes, at));
}

export function entryIsDead(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at + 11] as number) & DEAD_BIT) !== 0;
}

export function entryKind(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 11] as number) & PART_BIT) !== 0 ? ENTRY_PART : ENTRY_WHOLE;
}
