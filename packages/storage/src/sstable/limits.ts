/** What a table may hold. Readers refuse anything beyond it before they allocate. */
import { KEY_PREFIX_BYTES } from '../key.ts';

/** An engine's key: 64 KiB and its prefix. */
export const MAX_KEY_BYTES: number = 64 * 1024 + KEY_PREFIX_BYTES;
export const MAX_RECORD_BYTES: number = 32 * 1024 * 1024;
/** What `TableSettings.blockBytes` may be. */
export const MAX_BLOCK_SETTING_BYTES: number = 4 * 1024 * 1024;
/** Any block before compression: a data block that is nearly closed and then takes the largest entry fits in it. */
export const MAX_RAW_BLOCK_BYTES: number = 64 * 1024 * 1024;

/** A data block has a restart point every so many entries. */
export const RESTART_INTERVAL = 16;

/** How a table is cut: each partition has a filter and an index of its own. */
export interface PartitionLimits {
  readonly entries: number;
  /** A partition also ends when its data blocks hold this much before compression. */
  readonly dataBytes: number;
}

export const PARTITION_LIMITS: PartitionLimits = { entries: 4096, dataBytes: 2 * 1024 * 1024 };

/** The writer writes pieces of at least this, but for the last. */
export const WRITE_PIECE_BYTES: number = 256 * 1024;
