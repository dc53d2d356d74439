/** What an engine can be told. What each setting does, and its limits: `docs/operating/limits.md`. */
export interface EngineOptions {
  /** A log segment ends with the batch that makes it as long as this. */
  readonly segmentBytes: number;
  /** How far zeros are written ahead of small frames in a segment, so that syncs are cheap; 0 for not at all. */
  readonly aheadBytes: number;
  /**
   * 0: every batch is synced before it is answered. Otherwise it is answered when it is written, and synced at most so
   * many ms later: what a power failure takes back may have been acknowledged.
   */
  readonly syncEveryMs: number;
  /** Disk kept back, so that deletes and compactions still find room when the disk is full. */
  readonly reserveBytes: number;
  /** The one memory budget: memtables, pinned indexes, record cache and block cache. */
  readonly memoryBytes: number;
  /** A memtable of this size is frozen and becomes a table; two may be on their way at once. */
  readonly memtableBytes: number;
  /** The memtable is frozen, too, when the log since the last time is this long: it bounds what a start has to replay. */
  readonly logBytes: number;
  /** A data block is closed when it holds this much, before compression. */
  readonly blockBytes: number;
  /** Bits of Bloom filter a key; 0 for none. 10 lets one absent key in a hundred pass. */
  readonly filterBitsPerKey: number;
  /** 0 stored, 1 LZ4, 2 deflate: of tables that are not at the bottom, and of those that are. */
  readonly codec: 0 | 1 | 2;
  readonly bottomCodec: 0 | 1 | 2;
  /** A compaction begins another table when one has this size. */
  readonly tableBytes: number;
  /** So many neighbouring runs of like size are merged into one, above the bottom. */
  readonly tierRuns: number;
  /** Runs above the bottom are merged into it when together they have this share of its size. */
  readonly upperShare: number;
  /** Compactions write at most this much a second while nothing is behind; 0: no limit. */
  readonly compactionBytesPerSecond: number;
  /** The scrub reads at most this much a second; 0: it does not run by itself. */
  readonly scrubBytesPerSecond: number;
  /** Go on past damage in the log or the manifest, giving up what does not check out, and say exactly what. */
  readonly salvage: boolean;
}

const MIB = 1024 * 1024;

export const DEFAULT_ENGINE_OPTIONS: EngineOptions = {
  segmentBytes: 32 * MIB,
  aheadBytes: 512 * 1024,
  syncEveryMs: 0,
  reserveBytes: 64 * MIB,
  memoryBytes: 512 * MIB,
  memtableBytes: 64 * MIB,
  logBytes: 512 * MIB,
  blockBytes: 4096,
  filterBitsPerKey: 10,
  codec: 1,
  bottomCodec: 1,
  tableBytes: 64 * MIB,
  tierRuns: 4,
  upperShare: 0.25,
  compactionBytesPerSecond: 64 * MIB,
  scrubBytesPerSecond: 1 * MIB,
  salvage: false,
};
