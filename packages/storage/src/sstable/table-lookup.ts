/** A point lookup in a table: what is asked, what came out, and how. One object serves many lookups, one after another. */
import type { BlockWant } from '../read/cursor.ts';

export const NOT_HERE = 0;
export const FOUND = 1;
/** As the cursors' `NEEDS_DISK`. */
export { NEEDS_DISK } from '../read/cursor.ts';

export type FindCode = 0 | 1 | 2;

/** What the filter said: not asked (there is none, or the key is outside of the table), absent, maybe. */
export type FilterVerdict = 'none' | 'absent' | 'maybe';

const NO_BYTES = new Uint8Array(0);

export class TableLookup {
  /** The engine's key, one range, as it must stay until the answer is there. */
  keyBytes: Uint8Array = NO_BYTES;
  keyStart = 0;
  keyEnd = 0;
  /** `keyHash` of it. */
  hash = 0;

  /** After `FOUND`: the entry, in a block that stays as it is for the rest of the turn. */
  kind = 0;
  recordBytes: Uint8Array = NO_BYTES;
  recordStart = 0;
  recordEnd = 0;
  /** After `NEEDS_DISK`. */
  wants: BlockWant | undefined = undefined;

  filterVerdict: FilterVerdict = 'none';
  found = false;

  aim(keyBytes: Uint8Array, keyStart: number, keyEnd: number, hash: number): this {
    this.keyBytes = keyBytes;
    this.keyStart = keyStart;
    this.keyEnd = keyEnd;
    this.hash = hash;
    return this;
  }
}
