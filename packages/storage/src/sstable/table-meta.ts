/** What is known of a table without reading it: stands in its footer and in the manifest. */
export interface TableMeta {
  /** Unique in a directory, never reused. The file is `tableName(number)`. */
  readonly number: number;
  readonly fileBytes: number;
  readonly entries: number;
  /** Entries of kind part. */
  readonly parts: number;
  /** Entries whose winner is a tombstone. */
  readonly tombstones: number;
  /** Entries whose winner expires. */
  readonly expiring: number;
  /** Engine's keys, both inclusive. */
  readonly firstKey: Uint8Array;
  readonly lastKey: Uint8Array;
  /** Lowest and highest stamp of the winners. */
  readonly lowStamp: number;
  readonly highStamp: number;
  /** Earliest and latest expiry among the winners that expire, ms since 1970; 0 and 0 when none does. */
  readonly lowExpiryMs: number;
  readonly highExpiryMs: number;
  /** Bytes of engine's keys and of records, before compression. */
  readonly keyBytes: number;
  readonly recordBytes: number;
  /** Blocks of data. */
  readonly blocks: number;
  readonly filterBytes: number;
  readonly indexBytes: number;
}

/** The numbers of a `TableMeta` in the order of both formats that hold one, the table's properties and the manifest. */
export const META_NUMBERS = [
  'number',
  'fileBytes',
  'entries',
  'parts',
  'tombstones',
  'expiring',
  'lowStamp',
  'highStamp',
  'lowExpiryMs',
  'highExpiryMs',
  'keyBytes',
  'recordBytes',
  'blocks',
  'filterBytes',
  'indexBytes',
] as const;

export type MetaNumbers = Record<(typeof META_NUMBERS)[number], number>;

/** How a table is written. Only `blockBytes`, the filter's size and the codec are choices; readers need none of them. */
export interface TableSettings {
  /** A data block is closed when it holds this much, before compression. */
  readonly blockBytes: number;
  /** 0 for no filter. */
  readonly filterBitsPerKey: number;
  /** A codec of the compressor (`@torc/base/ports/compressor`); a block that does not shrink by an eighth is stored. */
  readonly codec: 0 | 1 | 2;
  /** The directory's secret, for the filter's hash: see `keyHash`. */
  readonly hashKey0: number;
  readonly hashKey1: number;
}
