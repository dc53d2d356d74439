/**
 * Fate: what a record answers at a moment. The winner is chosen first, expiry is applied second: an expired version is a
 * tombstone at its own dot, so expiry never lets an older version come back.
 *
 * Versions with one operation id are one version: here, where answers are made. Merge keeps every dot, because dropping
 * one there is not associative (shown in `fate.test.ts`; `docs/decisions/0003-one-version-per-id.md`).
 */
import { sameId, type Sibling, type TorcRecord } from './record.ts';

/** `latest`: one answer, the winner. `siblings`: every concurrent value. */
export type ConflictRule = 'latest' | 'siblings';

/** Live versions, winner first; empty means absent. */
export function liveSiblings(record: TorcRecord, rule: ConflictRule, wallMs: number): readonly Sibling[] {
  if (rule === 'latest') {
    const winner = record.siblings[0];
    return winner !== undefined && isLive(winner, wallMs) ? [winner] : [];
  }
  return distinctVersions(record.siblings).filter((sibling) => isLive(sibling, wallMs));
}

export function isLive(sibling: Sibling, wallMs: number): boolean {
  return sibling.tombstone !== true && (sibling.expiresAtMs === undefined || sibling.expiresAtMs > wallMs);
}

/** Siblings with the attempts of one operation counted once. */
export function distinctVersions(siblings: readonly Sibling[]): readonly Sibling[] {
  if (siblings.length < 2) return siblings;
  return siblings.filter(
    (sibling, at) => siblings.findIndex((other) => other === sibling || sameId(other, sibling)) === at,
  );
}
