/**
 * How much writers are slowed: not at all while flushes and compactions keep up, then more and more, never to a stop.
 * A pure function of what is behind.
 */
export interface Backlog {
  /** Bytes in memtables that are not tables yet, the active one included. */
  readonly unflushedBytes: number;
  readonly memtableBytes: number;
  /** Runs that a read may have to ask. */
  readonly runs: number;
  /** What flushes have lately written a second. */
  readonly flushBytesPerSecond: number;
}

/** Slowing begins when so many memtables' worth is not flushed, and is hardest at so many. */
const FREE_MEMTABLES = 2;
const FULL_MEMTABLES = 3.5;

const FREE_RUNS = 16;
const FULL_RUNS = 40;

/** There, writers go at this share of the speed of flushes; beyond, at a third of it for each memtable more. */
const LEAST_SHARE = 0.1;
const SHARE_A_MEMTABLE = 1 / 3;

/** A batch waits no longer than this, however large it is. */
const MAX_DELAY_MS = 500;

/** How long a batch of so many bytes waits, in ms. */
export function delayMs(openBytes: number, backlog: Backlog): number {
  const pressure = pressureOf(backlog);
  if (pressure <= 0) return 0;
  const beyond = Math.max(backlog.unflushedBytes / backlog.memtableBytes - FULL_MEMTABLES, 0);
  const share = (1 + (LEAST_SHARE - 1) * pressure) * SHARE_A_MEMTABLE ** beyond;
  return Math.min((openBytes / (share * backlog.flushBytesPerSecond)) * 1000, MAX_DELAY_MS);
}

/** 0: nothing is behind. 1: as much as there should ever be. */
export function pressureOf({ unflushedBytes, memtableBytes, runs }: Backlog): number {
  const memtables = unflushedBytes / memtableBytes;
  return Math.max(between(FREE_MEMTABLES, FULL_MEMTABLES, memtables), between(FREE_RUNS, FULL_RUNS, runs), 0);
}

function between(low: number, high: number, value: number): number {
  return Math.min((value - low) / (high - low), 1);
}
