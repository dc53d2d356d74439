/**
 * Whether a record may be forgotten. It says nothing about what may lie below under the same key: to drop a record above
 * an older entry brings that entry back, and only the caller knows whether there can be one.
 */
import { WINNER_BYTES } from '@torc/base/record/codec';
import { isLive } from '@torc/base/record/fate';
import { siblingCount, winnerIsLive, winnerStamp } from '@torc/base/record/single';
import { DamageError } from '@torc/base/errors';
import { decodeStored } from '../read/fold.ts';

/** A record may be forgotten when its versions are all deleted or expired by `wallMs`, and at or below the horizon. */
export interface ForgetRule {
  /** A stamp. */
  readonly horizon: number;
  /** ms since 1970. */
  readonly wallMs: number;
}

/** Decodes only a record with several versions whose winner may go. Bytes that are no record: `DamageError`. */
export function isForgettable(recordBytes: Uint8Array, start: number, end: number, rule: ForgetRule): boolean {
  if (end - start < WINNER_BYTES) throw new DamageError('a stored record', start, 'it is too short');
  if (winnerIsLive(recordBytes, start, rule.wallMs) || winnerStamp(recordBytes, start) > rule.horizon) return false;
  if (siblingCount(recordBytes, start) === 1) return true;
  const { siblings } = decodeStored(recordBytes, start, end);
  return siblings.every((sibling) => !isLive(sibling, rule.wallMs) && sibling.dot.stamp <= rule.horizon);
}
