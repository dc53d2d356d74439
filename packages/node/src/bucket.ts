/**
 * A bucket: a named keyspace with its own conflict rule (DESIGN section 4). Redis's `SELECT n` picks one by number.
 */
import type { ConflictRule } from '@torc/base/record/fate';

export interface Bucket {
  readonly name: string;
  /** The number in front of every key, and Redis's database number: u16. */
  readonly db: number;
  readonly conflict: ConflictRule;
}

/** Redis clients expect sixteen databases, and an answer that is one value. */
export const DEFAULT_BUCKETS: readonly Bucket[] = Array.from({ length: 16 }, (_, db) => ({
  name: db === 0 ? 'default' : `db${db}`,
  db,
  conflict: 'latest' as const,
}));
