/**
 * Run cursor: sorted, disjoint tables as one cursor. Opens a table's cursor when the walk reaches it, and holds one at a
 * time, so that a run of a thousand tables costs no more than the one in use.
 */
import { compareBytes } from '@torc/base/bytes';
import { ArrayCursor } from './array-cursor.ts';
import { AT_END, NEEDS_DISK, type BlockWant, type Cursor, type CursorCode } from './cursor.ts';
import { KeyBuffer } from './key-buffer.ts';
import { FINISHED, IN_NEXT, IN_PREVIOUS, IN_SEEK, IN_SEEK_BELOW, Unfinished } from './unfinished.ts';

export interface RunTable {
  /** Both inclusive. */
  readonly firstKey: Uint8Array;
  readonly lastKey: Uint8Array;
  open(): Cursor;
}

export class RunCursor implements Cursor {
  readonly #tables: readonly RunTable[];
  #cursor: Cursor = new ArrayCursor([]);
  /** The table that `#cursor` is of; -1 before the first. */
  #opened = -1;
  /** The table where the walk is; outside of the list at the ends. */
  #at = -1;
  #isAtEnd = true;
  /** A call went over to another table, and is at that table's edge. */
  #crosses = false;
  readonly #unfinished = new Unfinished();
  readonly #edge = new KeyBuffer();

  /** `tables` in key order. A table's cursor may show fewer entries than its bounds say. */
  constructor(tables: readonly RunTable[]) {
    this.#tables = tables;
  }

  get keyBytes(): Uint8Array {
    return this.#cursor.keyBytes;
  }

  get keyStart(): number {
    return this.#cursor.keyStart;
  }

  get keyEnd(): number {
    return this.#cursor.keyEnd;
  }

  get kind(): number {
    return this.#cursor.kind;
  }

  get recordBytes(): Uint8Array {
    return this.#cursor.recordBytes;
  }

  get recordStart(): number {
    return this.#cursor.recordStart;
  }

  get recordEnd(): number {
    return this.#cursor.recordEnd;
  }

  get wants(): BlockWant | undefined {
    return this.#cursor.wants;
  }

  provide(block: Uint8Array): void {
    this.#cursor.provide(block);
  }

  seek(key: Uint8Array, start: number, end: number): CursorCode {
    const { target } = this.#unfinished;
    if (this.#unfinished.beginsSeek(IN_SEEK, key, start, end)) {
      this.#crosses = false;
      this.#at = this.#tablesBelow(true, target);
    }
    if (this.#tables[this.#at] === undefined) return this.#finish(AT_END);
    return this.#forward(this.#crosses ? this.#atFirst() : this.#open().seek(target.bytes, 0, target.end));
  }

  seekBelow(key: Uint8Array, start: number, end: number): CursorCode {
    const { target } = this.#unfinished;
    if (this.#unfinished.beginsSeek(IN_SEEK_BELOW, key, start, end)) {
      this.#crosses = false;
      this.#at = this.#tablesBelow(false, target) - 1;
    }
    if (this.#tables[this.#at] === undefined) return this.#finish(AT_END);
    return this.#backward(this.#crosses ? this.#atLast() : this.#open().seekBelow(target.bytes, 0, target.end));
  }

  next(): CursorCode {
    if (this.#unfinished.beginsStep(IN_NEXT)) this.#crosses = false;
    if (this.#isAtEnd) return this.#finish(AT_END);
    return this.#forward(this.#crosses ? this.#atFirst() : this.#cursor.next());
  }

  previous(): CursorCode {
    if (this.#unfinished.beginsStep(IN_PREVIOUS)) this.#crosses = false;
    if (this.#isAtEnd) return this.#finish(AT_END);
    return this.#backward(this.#crosses ? this.#atLast() : this.#cursor.previous());
  }

  /** From what the table's cursor answered on to the first table above that has an entry. */
  #forward(answer: CursorCode): CursorCode {
    let code = answer;
    while (code === AT_END && this.#cross(this.#at + 1)) code = this.#atFirst();
    return this.#finish(code);
  }

  #backward(answer: CursorCode): CursorCode {
    let code = answer;
    while (code === AT_END && this.#cross(this.#at - 1)) code = this.#atLast();
    return this.#finish(code);
  }

  #finish(code: CursorCode): CursorCode {
    if (code === NEEDS_DISK) return code;
    this.#unfinished.call = FINISHED;
    this.#isAtEnd = code === AT_END;
    return code;
  }

  /** Goes over to another table. `false`: there is none. */
  #cross(to: number): boolean {
    this.#crosses = true;
    this.#at = to;
    return this.#tables[to] !== undefined;
  }

  /** The cursor of the table where the walk is. */
  #open(): Cursor {
    if (this.#opened !== this.#at) {
      this.#cursor = (this.#tables[this.#at] as RunTable).open();
      this.#opened = this.#at;
    }
    return this.#cursor;
  }

  #atFirst(): CursorCode {
    const { firstKey } = this.#tables[this.#at] as RunTable;
    return this.#open().seek(firstKey, 0, firstKey.length);
  }

  #atLast(): CursorCode {
    const { lastKey } = this.#tables[this.#at] as RunTable;
    this.#edge.setAbove(lastKey, 0, lastKey.length);
    return this.#open().seekBelow(this.#edge.bytes, 0, this.#edge.end);
  }

  /** How many tables have their last key (`byLast`), or their first, below the key. */
  #tablesBelow(byLast: boolean, key: KeyBuffer): number {
    let low = 0;
    let high = this.#tables.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const table = this.#tables[middle] as RunTable;
      const bound = byLast ? table.lastKey : table.firstKey;
      if (compareBytes(bound, 0, bound.length, key.bytes, 0, key.end) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
