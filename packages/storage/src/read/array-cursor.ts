/** A cursor over entries that are in memory anyway, as objects: few of them, or none. Never needs the disk. */
import { compareBytes } from '@torc/base/bytes';
import { AT_END, AT_ENTRY, type BlockWant, type Cursor, type CursorCode } from './cursor.ts';

export interface ArrayEntry {
  readonly key: Uint8Array;
  readonly kind: number;
  readonly record: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

export class ArrayCursor implements Cursor {
  readonly #entries: readonly ArrayEntry[];
  /** -1 and `length` are the ends. */
  #at = -1;

  /** `entries` in key order, each key once. */
  constructor(entries: readonly ArrayEntry[]) {
    this.#entries = entries;
  }

  get keyBytes(): Uint8Array {
    return this.#entries[this.#at]?.key ?? NO_BYTES;
  }

  get keyStart(): number {
    return 0;
  }

  get keyEnd(): number {
    return this.keyBytes.length;
  }

  get kind(): number {
    return this.#entries[this.#at]?.kind ?? 0;
  }

  get recordBytes(): Uint8Array {
    return this.#entries[this.#at]?.record ?? NO_BYTES;
  }

  get recordStart(): number {
    return 0;
  }

  get recordEnd(): number {
    return this.recordBytes.length;
  }

  get wants(): BlockWant | undefined {
    return undefined;
  }

  seek(key: Uint8Array, start: number, end: number): CursorCode {
    return this.#goTo(this.#firstFrom(key, start, end));
  }

  seekBelow(key: Uint8Array, start: number, end: number): CursorCode {
    return this.#goTo(this.#firstFrom(key, start, end) - 1);
  }

  next(): CursorCode {
    return this.#isAtEntry() ? this.#goTo(this.#at + 1) : AT_END;
  }

  previous(): CursorCode {
    return this.#isAtEntry() ? this.#goTo(this.#at - 1) : AT_END;
  }

  provide(): void {}

  #isAtEntry(): boolean {
    return this.#at >= 0 && this.#at < this.#entries.length;
  }

  #goTo(at: number): CursorCode {
    this.#at = at;
    return this.#isAtEntry() ? AT_ENTRY : AT_END;
  }

  /** Where the first entry at or above the key stands. */
  #firstFrom(key: Uint8Array, start: number, end: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = (this.#entries[middle] as ArrayEntry).key;
      if (compareBytes(other, 0, other.length, key, start, end) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
