/**
 * What a look for a key found: one reusable object per caller, aimed at bytes that stay as they are until the engine is
 * called again.
 */
const NO_BYTES = new Uint8Array(0);

/** Where the record came from. */
export const FROM_NOWHERE = 0;
export const FROM_ACTIVE = 1;
export const FROM_FROZEN = 2;
export const FROM_RECORD_CACHE = 3;
export const FROM_TABLES = 4;
/** Merged from parts in more than one place. */
export const FROM_SEVERAL = 5;

export class RecordView {
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  /** Where the record ends; `start` and `end` are 0 when there is none. */
  end = 0;
  from: number = FROM_NOWHERE;
  /** The entry in the active memtable, or 0: what a write replaces. */
  ref = 0;
  /** The batch that an answer from this, present or absent, waits for; 0 when what it rests on is durable. */
  pendingBatch = 0;

  clear(): void {
    this.bytes = NO_BYTES;
    this.start = 0;
    this.end = 0;
    this.from = FROM_NOWHERE;
    this.ref = 0;
    this.pendingBatch = 0;
  }
}
