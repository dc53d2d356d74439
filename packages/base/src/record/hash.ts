/**
 * The digest of a record: 64 bits in two lanes, so that trees can XOR them without big integers.
 *
 * Hashed, for each sibling in dot order: dot, expiry, tombstone, CRC-32C of the value. The clock is left out, and that is
 * sufficient only because whole records are exchanged: equal siblings need no exchange whatever the clocks say, and a
 * pruned clock does not make replicas differ for ever. Layout in `docs/formats/record.md`.
 */
import { writeU32, writeU53 } from '../bytes.ts';
import { crc32c } from '../crc32c.ts';
import { hash32 } from '../hash.ts';
import type { Sibling, TorcRecord } from './record.ts';

export interface Digest {
  readonly low: number;
  readonly high: number;
}

const SIBLING_BYTES = 25;
const LOW_SEED = 0x746f7263;
const HIGH_SEED = 0x72696e67;

export function digestRecord(record: TorcRecord): Digest {
  const inDotOrder = [...record.siblings].sort((a, b) => a.dot.stamp - b.dot.stamp || a.dot.actor - b.dot.actor);
  const bytes = new Uint8Array(inDotOrder.length * SIBLING_BYTES);
  inDotOrder.forEach((sibling, at) => writeSibling(bytes, at * SIBLING_BYTES, sibling));
  return {
    low: hash32(bytes, 0, bytes.length, LOW_SEED),
    high: hash32(bytes, 0, bytes.length, HIGH_SEED),
  };
}

function writeSibling(into: Uint8Array, at: number, sibling: Sibling): void {
  writeU32(into, at, sibling.dot.actor);
  writeU53(into, at + 4, sibling.dot.stamp);
  writeU53(into, at + 12, sibling.expiresAtMs ?? 0);
  into[at + 20] = sibling.tombstone === true ? 1 : 0;
  writeU32(into, at + 21, crc32c(sibling.value, 0, sibling.value.length));
}
