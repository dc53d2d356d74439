/** What flushes, compactions and the scrub work on, and whom they tell. */
import type { Clock } from '@torc/base/ports/clock';
import type { Disk } from '@torc/base/ports/disk';
import type { Probe } from '@torc/base/ports/probe';
import type { DroppedCount } from '../compaction/count-dropped.ts';
import type { CompactionPlan } from '../compaction/planner.ts';
import type { ForgetRule } from '../compaction/forget-rule.ts';
import type { KeyRange } from '../manifest/edit.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { MemtableSet } from '../memtable/memtable-set.ts';
import type { EngineOptions } from '../options.ts';
import type { TableSettings } from '../sstable/table-meta.ts';
import type { TableShelf } from '../version/table-shelf.ts';
import type { JobControl } from './job-control.ts';

export interface TablesContext {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly probe: Probe;
  readonly options: EngineOptions;
  readonly manifest: Manifest;
  readonly memtables: MemtableSet;
  readonly shelf: TableShelf;
  readonly control: JobControl;
  readonly isClosed: () => boolean;
  readonly isFull: () => boolean;
  /** What a compaction at the bottom may forget; asked when one begins. */
  readonly forgetRule: () => ForgetRule;
  /** The version changed. */
  readonly changed: () => void;
  /**
   * A compaction dropped these keys' versions, values that had expired. Answers what that does to the number of values by
   * bucket, and has counted it: a key with a newer version above the inputs keeps its count.
   */
  readonly dropped: (keys: readonly Uint8Array[], plan: CompactionPlan) => DroppedCount;
  /** The keys that a block of a table may hold; `undefined` when the table has no such block. */
  readonly damagedRange: (table: number, offset: number) => KeyRange | undefined;
  /** Runs something that nobody waits for: what is not a failure of the disk is thrown where it is seen. */
  readonly aside: (work: Promise<void>) => void;
  /** The segment of the log that takes writes. */
  readonly logSegment: () => number;
  /** The log below this segment is not needed any more. */
  readonly logFreed: (floor: number) => void;
  /** A job met a full disk. */
  readonly full: () => void;
  /** A job failed, for now or for good. */
  readonly failed: (error: Error) => void;
}

export function settingsOf({ options, manifest }: TablesContext, atBottom: boolean): TableSettings {
  const { hashKey0, hashKey1 } = manifest.contents;
  const { blockBytes, filterBitsPerKey } = options;
  return { blockBytes, filterBitsPerKey, codec: atBottom ? options.bottomCodec : options.codec, hashKey0, hashKey1 };
}
