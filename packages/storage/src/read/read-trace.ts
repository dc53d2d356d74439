/**
 * The one sink that a read tells what it does, when somebody asked: passed down the very path that every read takes, so
 * that an explanation cannot differ from the read.
 */
export interface ReadTrace {
  /** A memtable was asked. `frozen` counts from the newest, 0 is the active one. */
  memtable(frozen: number, verdict: 'absent' | 'whole' | 'part'): void;
  recordCache(verdict: 'absent' | 'hit'): void;
  /** A table was asked, or ruled out by its bounds, its holes or its filter. */
  table(number: number, rank: number, verdict: TableVerdict): void;
  /** A block was needed: found in memory, or read from the disk in so long. */
  block(table: number, offset: number, bytes: number, source: 'memory' | 'disk', tookMs: number): void;
}

export type TableVerdict =
  | 'outside its bounds'
  | 'in a dropped range'
  | 'absent by its filter'
  | 'absent, though its filter let it pass'
  | 'absent, it has no filter'
  | 'whole'
  | 'part'
  | 'damaged';
