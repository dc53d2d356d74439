/**
 * A version edit: what one step (a flush, a compaction, a drop) changes about which tables live. One edit is one frame of
 * the manifest: all of it counts or none.
 */
import type { TableMeta } from '../sstable/table-meta.ts';

/** A range of engine's keys, `from` inclusive, `to` exclusive; an absent `to` means the end. */
export interface KeyRange {
  readonly from: Uint8Array;
  readonly to?: Uint8Array;
}

/**
 * A table and its place. Tables of one rank are one run: sorted, disjoint. A higher rank is newer. Rank 0 is the bottom.
 */
export interface PlacedTable {
  readonly rank: number;
  readonly meta: TableMeta;
  /** Ranges in which the table's entries count no more (moved down, or dropped). Sorted, disjoint. */
  readonly holes: readonly KeyRange[];
  /** Ranges that were found damaged. Sorted, disjoint. Reads there answer "damaged", never "absent". */
  readonly damaged: readonly KeyRange[];
}

export interface VersionEdit {
  /** Tables that come; or, for a number that lives already, what replaces its entry (new holes, a new rank). */
  readonly put?: readonly PlacedTable[];
  /** Numbers of tables that go. */
  readonly removed?: readonly number[];
  /** Log segments below this are not needed any more. */
  readonly logFloor?: number;
  /** The engine's own numbers as of the log floor: replaces all. */
  readonly state?: ReadonlyMap<number, number>;
  /** Values by bucket as of the log floor: replaces all. */
  readonly counts?: ReadonlyMap<number, number>;
  /** Added to the counts: what a compaction dropped of expired values. */
  readonly countChanges?: ReadonlyMap<number, number>;
  /** No table number below this is given out again. */
  readonly nextTable?: number;
}

/** What all edits come to. */
export interface ManifestContents {
  /** The directory's secret (`key-hash.ts`), two i32, drawn when the directory is made. */
  readonly hashKey0: number;
  readonly hashKey1: number;
  readonly tables: ReadonlyMap<number, PlacedTable>;
  readonly logFloor: number;
  readonly state: ReadonlyMap<number, number>;
  readonly counts: ReadonlyMap<number, number>;
  readonly nextTable: number;
}
