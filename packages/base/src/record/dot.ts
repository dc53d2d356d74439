/**
 * Stamps and dots (DESIGN section 2).
 *
 * A stamp is a hybrid logical time (Kulkarni et al. 2014) in one safe integer: 41 bits of milliseconds since
 * 2024-01-01T00:00Z, then 12 logical bits. A dot is (actor, stamp): the identity of one write, never given twice.
 */
export interface Dot {
  /** Given to a node once, at join, and never reused: u32. */
  readonly actor: number;
  readonly stamp: number;
}

/** 2024-01-01T00:00:00Z in ms since 1970. */
export const STAMP_EPOCH_MS = 1704067200000;

export const STAMPS_PER_MS = 4096;

export const MAX_STAMP: number = Number.MAX_SAFE_INTEGER;

/** The first stamp of a millisecond of wall time. Times before 2024 and after 2093 come out as the nearest stamp. */
export function stampAt(wallMs: number): number {
  const ms = Math.floor(wallMs) - STAMP_EPOCH_MS;
  return Math.min(Math.max(ms, 0) * STAMPS_PER_MS, MAX_STAMP);
}

/** The wall time in a stamp: ms since 1970. */
export function wallMsOf(stamp: number): number {
  return Math.floor(stamp / STAMPS_PER_MS) + STAMP_EPOCH_MS;
}
