/**
 * Files. Two calls instead of "maybe a promise": `…Now` blocks the turn, `…Later` does not.
 *
 * Paths are relative to the disk's root, use `/`, and contain no `..`; the root is the empty path. A path that breaks
 * this, a range outside its buffer, a write of no bytes, and use after `close` are bugs of the caller: `InvariantError`.
 *
 * Durability:
 * - Bytes are durable once a `sync` of their file, begun after the write returned, has succeeded. Until then a crash may
 *   keep, lose or tear each sector on its own, in any order, and may keep a new length without the bytes below it.
 * - Creation, link, rename and removal are durable once a `syncDirectory` of the parent, begun after them, has
 *   succeeded. Until then a crash may keep any subset of them.
 * - A directory is an entry of its parent: what lies below it is durable only once its own entry is, and its parent's.
 * - Bytes belong to the file, not to the name: a `sync` through one name is good for every other name of the file.
 * - After a failed `sync` nothing is known about the unsynced bytes, and a second sync that succeeds proves nothing:
 *   the caller stops.
 *
 * Buffers: the implementation reads a `write` buffer, and fills a `read` buffer, until the call returns or its promise
 * settles; the caller does not touch the range meanwhile. Nothing is retained afterwards.
 *
 * Errors: only `DiskError`, with the path and a code (see `errors.ts`). A write may be short: the caller continues it.
 * A short read means the end of the file.
 */
export interface Disk {
  /** Opens an existing file for reading and writing. Missing: `DiskError` `missing`. */
  open(path: string): DiskFile;
  /** Creates a file for reading and writing. Already there: `DiskError` `exists`. */
  create(path: string): DiskFile;
  /** Names of the entries directly below `directory`, files and directories alike, sorted by code unit. */
  list(directory: string): string[];
  /** Replaces `to` if it exists. If both are names of one file already, nothing happens, and both stay. */
  rename(from: string, to: string): void;
  /**
   * Makes `to` a second name of the file `from` (a hard link). The names are equals: both show the same bytes, and
   * removing or replacing one leaves the other. `from` missing: `DiskError` `missing`; `to` there already: `exists`;
   * `from` a directory, or a file system that cannot do it: `io`.
   */
  link(from: string, to: string): void;
  /** Removes a name; the file goes with its last one. Not for directories. */
  remove(path: string): void;
  /** Makes a directory and its parents; existing is fine. */
  makeDirectory(path: string): void;
  syncDirectory(path: string): void;
  /** As `syncDirectory`, off the turn: for what was done before it began. */
  syncDirectoryLater(path: string): Promise<void>;
}

export interface DiskFile {
  readonly path: string;
  sizeBytes(): number;
  /** Returns how many bytes were read: fewer than `length` only at the end of the file. */
  readNow(into: Uint8Array, start: number, length: number, position: number): number;
  readLater(into: Uint8Array, start: number, length: number, position: number): Promise<number>;
  /** Returns how many bytes were written: at least 1, possibly fewer than `length`. */
  writeNow(from: Uint8Array, start: number, length: number, position: number): number;
  writeLater(from: Uint8Array, start: number, length: number, position: number): Promise<number>;
  /** Makes the file's bytes and length durable (`fdatasync`). */
  syncNow(): void;
  syncLater(): Promise<void>;
  truncate(sizeBytes: number): void;
  /** While a `…Later` call is under way, it takes effect when that has ended. */
  close(): void;
}
