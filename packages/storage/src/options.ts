/** What an engine can be told. Every limit is published in `docs/operating/limits.md`. */
export interface EngineOptions {
  /** A log segment's size; one batch larger than this gets a segment of its own. */
  readonly segmentBytes: number;
  /** How far zeros are written ahead of small frames in a segment, so that syncs are cheap; 0 for not at all. */
  readonly aheadBytes: number;
  /** A checkpoint begins when the log since the last one is this large, and at least as large as the live data. */
  readonly checkpointAfterBytes: number;
  /** Disk kept back, so that deletes still find room when the disk is full. */
  readonly reserveBytes: number;
  /** Writes are refused when the memtable holds this much: until tables exist, all data live in memory. */
  readonly memtableBytes: number;
  /** Go on past damage, giving up what does not check out, and say exactly what. */
  readonly salvage: boolean;
}

export const DEFAULT_ENGINE_OPTIONS: EngineOptions = {
  segmentBytes: 32 * 1024 * 1024,
  aheadBytes: 512 * 1024,
  checkpointAfterBytes: 256 * 1024 * 1024,
  reserveBytes: 4 * 1024 * 1024,
  memtableBytes: 8 * 1024 * 1024 * 1024,
  salvage: false,
};
