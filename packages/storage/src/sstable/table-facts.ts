/** Gathers what a table's properties say about its entries. */
import { winnerExpiresAtMs, winnerIsTombstone, winnerStamp } from '@torc/base/record/single';
import { ENTRY_PART } from '../commit-log/entry.ts';

export interface TableFacts {
  entries: number;
  parts: number;
  tombstones: number;
  expiring: number;
  lowStamp: number;
  highStamp: number;
  lowExpiryMs: number;
  highExpiryMs: number;
  keyBytes: number;
  recordBytes: number;
}

export function noFacts(): TableFacts {
  return {
    entries: 0,
    parts: 0,
    tombstones: 0,
    expiring: 0,
    lowStamp: Number.MAX_SAFE_INTEGER,
    highStamp: 0,
    lowExpiryMs: 0,
    highExpiryMs: 0,
    keyBytes: 0,
    recordBytes: 0,
  };
}

/** Counts an entry with a key of so many bytes and the record `[start, end)`. */
export function addFacts(
  facts: TableFacts,
  kind: number,
  keyBytes: number,
  record: Uint8Array,
  start: number,
  end: number,
): void {
  facts.entries += 1;
  facts.keyBytes += keyBytes;
  facts.recordBytes += end - start;
  if (kind === ENTRY_PART) facts.parts += 1;
  if (winnerIsTombstone(record, start)) facts.tombstones += 1;
  const stamp = winnerStamp(record, start);
  if (stamp < facts.lowStamp) facts.lowStamp = stamp;
  if (stamp > facts.highStamp) facts.highStamp = stamp;
  const expiresAtMs = winnerExpiresAtMs(record, start);
  if (expiresAtMs === 0) return;
  facts.expiring += 1;
  if (facts.lowExpiryMs === 0 || expiresAtMs < facts.lowExpiryMs) facts.lowExpiryMs = expiresAtMs;
  if (expiresAtMs > facts.highExpiryMs) facts.highExpiryMs = expiresAtMs;
}
