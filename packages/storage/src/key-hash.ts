/**
 * The one hash of an engine's key: the memtable's place and the filter's bits come from it, so it is computed once an
 * operation. Keyed with the directory's secret, which the manifest keeps: nobody outside can choose keys that collide.
 */
import { halfSipHash13 } from '@torc/base/hash';

/** Of the key `[start, end)` without its prefix; the bucket goes into the key of the hash. */
export function keyHash(
  bucket: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  key0: number,
  key1: number,
): number {
  return halfSipHash13(bytes, start, end, key0, key1 ^ bucket);
}
