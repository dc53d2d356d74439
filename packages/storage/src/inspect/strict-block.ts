/**
 * Walks a data block and holds it to all that the writer promises: readers lean on it without looking, since a checksum
 * stands in front of them. Keys are put together in an array of its own.
 */
import { compareBytes, copyBytes, readU32 } from '@torc/base/bytes';
import { KEY_PREFIX_BYTES } from '../key.ts';
import { restartCount, restartsAt } from '../sstable/data-block.ts';
import { DataEntry } from '../sstable/data-entry.ts';
import { MAX_KEY_BYTES } from '../sstable/limits.ts';

export class StrictBlock {
  readonly keyBytes: Uint8Array = new Uint8Array(2 * MAX_KEY_BYTES);
  keyEnd = 0;
  /** Kind and record of the entry it is at. */
  readonly entry: DataEntry = new DataEntry();
  restarts = 0;

  /**
   * Calls `visit` at each entry in order, until it says what is wrong with one. Answers that, or what is wrong with the
   * block, or `undefined`.
   */
  walk(block: Uint8Array, visit: () => string | undefined): string | undefined {
    const entriesEnd = restartsAt(block);
    if (entriesEnd < 0) return 'a data block has no restart points';
    const restarts = restartCount(block);
    let restart = 0;
    let at = 0;
    this.keyEnd = 0;
    while (at < entriesEnd) {
      const isRestart = restart < restarts && readU32(block, entriesEnd + 4 * restart) === at;
      const problem = this.#read(block, at, entriesEnd, isRestart) ?? visit();
      if (problem !== undefined) return problem;
      if (isRestart) restart += 1;
      else if (at === 0) return 'the first entry of a data block is no restart point';
      at = this.entry.recordEnd;
    }
    if (restart !== restarts) return 'a restart point is not at an entry';
    this.restarts = restarts;
    return undefined;
  }

  #read(block: Uint8Array, at: number, end: number, isRestart: boolean): string | undefined {
    const { entry, keyBytes } = this;
    if (!entry.read(block, at, end)) return 'an entry does not parse';
    const { shared, suffixStart, suffixEnd } = entry;
    const keyEnd = shared + suffixEnd - suffixStart;
    if (keyEnd > MAX_KEY_BYTES || keyEnd < KEY_PREFIX_BYTES) return `an entry has a key of ${keyEnd} bytes`;
    if (shared > this.keyEnd || (isRestart && shared !== 0)) return 'an entry shares more than there is';
    if (at > 0) {
      // Searches compare only what is not shared: it must be all that two neighbours have in common.
      const common = isRestart ? 0 : shared;
      const order = compareBytes(keyBytes, common, this.keyEnd, block, suffixStart, suffixEnd);
      if (order >= 0) return 'the keys of a data block do not rise';
      if (!isRestart && shared < this.keyEnd && keyBytes[shared] === block[suffixStart]) {
        return 'an entry shares less than it could';
      }
    }
    copyBytes(block, suffixStart, suffixEnd, keyBytes, shared);
    this.keyEnd = keyEnd;
    return undefined;
  }
}
