/**
 * Merge: what two replicas know together. Commutative, associative, idempotent (`merge.prop.test.ts`).
 *
 * A sibling stays if both hold it, or if the side that lacks it has not seen it. What one side has seen and no longer
 * holds was superseded there (dotted version vector sets: Preguiça et al. 2012, Almeida et al. 2014).
 */
import { compareBytes } from '../bytes.ts';
import { covers, unionClocks } from './clock.ts';
import { compareSiblings, orderStamp, sameDot, type Sibling, type TorcRecord } from './record.ts';

export function mergeRecords(a: TorcRecord, b: TorcRecord): TorcRecord {
  if (a === b) return a;
  const siblings: Sibling[] = [];
  for (const mine of a.siblings) {
    const theirs = b.siblings.find((candidate) => sameDot(candidate.dot, mine.dot));
    if (theirs !== undefined) siblings.push(preferSibling(mine, theirs));
    else if (!covers(b.clock, mine.dot)) siblings.push(mine);
  }
  for (const theirs of b.siblings) {
    if (!covers(a.clock, theirs.dot)) siblings.push(theirs);
  }
  siblings.sort(compareSiblings);
  return { clock: unionClocks(a.clock, b.clock), siblings };
}

/**
 * One dot names one write, so both sides hold the same bytes. Should a restored copy have given a dot twice all the same,
 * every replica must still choose alike: by content, never by who asked.
 */
function preferSibling(a: Sibling, b: Sibling): Sibling {
  const difference =
    Number(a.tombstone ?? false) - Number(b.tombstone ?? false) ||
    (a.expiresAtMs ?? 0) - (b.expiresAtMs ?? 0) ||
    orderStamp(a) - orderStamp(b) ||
    compareBytes(a.value, 0, a.value.length, b.value, 0, b.value.length) ||
    compareBytes(a.id ?? NO_BYTES, 0, a.id?.length ?? 0, b.id ?? NO_BYTES, 0, b.id?.length ?? 0);
  return difference >= 0 ? a : b;
}

const NO_BYTES = new Uint8Array(0);
