/**
 * A number out of a number, so that the planner's choices look random and are the same everywhere: the finalizer of
 * MurmurHash3. Seeds come from names, never from the order in which members are listed.
 */
import { asciiBytes } from '@torc/base/bytes';
import { hash32 } from '@torc/base/hash';

/** u32 from u32. */
export function mix(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A u32 that stands for a name. Names are printable ASCII (`topology/limits.ts`). */
export function seedOf(name: string): number {
  const bytes = asciiBytes(name);
  return hash32(bytes, 0, bytes.length, 0);
}
