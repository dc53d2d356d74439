/**
 * Bounded cursor: what another cursor shows inside a range, without some holes in it. Bounds and holes are turned around
 * into windows, the ranges that are seen. From one window to the next it seeks: what lies between is never stepped through.
 */
import { compareBytes } from '@torc/base/bytes';
import type { KeyRange } from '../manifest/edit.ts';
import { AT_END, AT_ENTRY, NEEDS_DISK, type BlockWant, type Cursor, type CursorCode } from './cursor.ts';
import type { KeyBuffer } from './key-buffer.ts';
import { FINISHED, IN_NEXT, IN_PREVIOUS, IN_SEEK, IN_SEEK_BELOW, Unfinished } from './unfinished.ts';

export class BoundedCursor implements Cursor {
  readonly #inner: Cursor;
  readonly #windows: readonly KeyRange[];
  /** The window where the walk is; outside of the list at the ends. */
  #at = 0;
  #isAtEnd = true;
  /** A call is on its way to the edge of the window `#at`. */
  #jumps = false;
  readonly #unfinished = new Unfinished();

  /** `holes` sorted and disjoint; they may touch, and reach out of the range. */
  constructor(inner: Cursor, range: KeyRange, holes: readonly KeyRange[]) {
    this.#inner = inner;
    this.#windows = windowsOf(range, holes);
  }

  get keyBytes(): Uint8Array {
    return this.#inner.keyBytes;
  }

  get keyStart(): number {
    return this.#inner.keyStart;
  }

  get keyEnd(): number {
    return this.#inner.keyEnd;
  }

  get kind(): number {
    return this.#inner.kind;
  }

  get recordBytes(): Uint8Array {
    return this.#inner.recordBytes;
  }

  get recordStart(): number {
    return this.#inner.recordStart;
  }

  get recordEnd(): number {
    return this.#inner.recordEnd;
  }

  get wants(): BlockWant | undefined {
    return this.#inner.wants;
  }

  provide(block: Uint8Array): void {
    this.#inner.provide(block);
  }

  seek(key: Uint8Array, start: number, end: number): CursorCode {
    const { target } = this.#unfinished;
    if (this.#unfinished.beginsSeek(IN_SEEK, key, start, end)) this.#beginSeek(target);
    if (this.#window() === undefined) return this.#finish(AT_END);
    return this.#forward(this.#jumps ? this.#toFirst() : this.#inner.seek(target.bytes, 0, target.end));
  }

  seekBelow(key: Uint8Array, start: number, end: number): CursorCode {
    const { target } = this.#unfinished;
    if (this.#unfinished.beginsSeek(IN_SEEK_BELOW, key, start, end)) this.#beginSeekBelow(target);
    if (this.#window() === undefined) return this.#finish(AT_END);
    return this.#backward(this.#jumps ? this.#toLast() : this.#inner.seekBelow(target.bytes, 0, target.end));
  }

  next(): CursorCode {
    if (this.#unfinished.beginsStep(IN_NEXT)) this.#jumps = false;
    if (this.#isAtEnd) return this.#finish(AT_END);
    return this.#forward(this.#jumps ? this.#toFirst() : this.#inner.next());
  }

  previous(): CursorCode {
    if (this.#unfinished.beginsStep(IN_PREVIOUS)) this.#jumps = false;
    if (this.#isAtEnd) return this.#finish(AT_END);
    return this.#backward(this.#jumps ? this.#toLast() : this.#inner.previous());
  }

  #beginSeek(key: KeyBuffer): void {
    this.#at = 0;
    while (isOver(this.#window(), key.bytes, 0, key.end)) this.#at += 1;
    const window = this.#window();
    this.#jumps = window !== undefined && compareKey(key.bytes, 0, key.end, window.from) < 0;
  }

  #beginSeekBelow(key: KeyBuffer): void {
    this.#at = this.#windows.length - 1;
    for (let window = this.#window(); window !== undefined; window = this.#window()) {
      if (compareKey(key.bytes, 0, key.end, window.from) > 0) break;
      this.#at -= 1;
    }
    const to = this.#window()?.to;
    this.#jumps = to !== undefined && compareKey(key.bytes, 0, key.end, to) > 0;
  }

  /** From what the inner cursor answered on to the first entry in this window or one above. */
  #forward(answer: CursorCode): CursorCode {
    let code = answer;
    while (code === AT_ENTRY) {
      const { keyBytes, keyStart, keyEnd } = this.#inner;
      if (!isOver(this.#window(), keyBytes, keyStart, keyEnd)) break;
      do this.#at += 1;
      while (isOver(this.#window(), keyBytes, keyStart, keyEnd));
      const window = this.#window();
      if (window === undefined) return this.#finish(AT_END);
      if (compareKey(keyBytes, keyStart, keyEnd, window.from) >= 0) break;
      this.#jumps = true;
      code = this.#toFirst();
    }
    return this.#finish(code);
  }

  #backward(answer: CursorCode): CursorCode {
    let code = answer;
    while (code === AT_ENTRY) {
      const { keyBytes, keyStart, keyEnd } = this.#inner;
      if (!isUnder(this.#window(), keyBytes, keyStart, keyEnd)) break;
      do this.#at -= 1;
      while (isUnder(this.#window(), keyBytes, keyStart, keyEnd));
      const window = this.#window();
      if (window === undefined) return this.#finish(AT_END);
      if (!isOver(window, keyBytes, keyStart, keyEnd)) break;
      this.#jumps = true;
      code = this.#toLast();
    }
    return this.#finish(code);
  }

  #finish(code: CursorCode): CursorCode {
    if (code === NEEDS_DISK) return code;
    this.#unfinished.call = FINISHED;
    this.#isAtEnd = code === AT_END;
    return code;
  }

  #window(): KeyRange | undefined {
    return this.#windows[this.#at];
  }

  #toFirst(): CursorCode {
    const { from } = this.#window() as KeyRange;
    return this.#inner.seek(from, 0, from.length);
  }

  /** Only windows with an end are jumped to from above. */
  #toLast(): CursorCode {
    const to = this.#window()?.to as Uint8Array;
    return this.#inner.seekBelow(to, 0, to.length);
  }
}

/** Whether the key is at or above the window's end. */
function isOver(window: KeyRange | undefined, bytes: Uint8Array, start: number, end: number): boolean {
  return window?.to !== undefined && compareKey(bytes, start, end, window.to) >= 0;
}

/** Whether the key is below the window's start. */
function isUnder(window: KeyRange | undefined, bytes: Uint8Array, start: number, end: number): boolean {
  return window !== undefined && compareKey(bytes, start, end, window.from) < 0;
}

function compareKey(bytes: Uint8Array, start: number, end: number, other: Uint8Array): number {
  return compareBytes(bytes, start, end, other, 0, other.length);
}

function isBelow(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b === undefined || compareKey(a, 0, a.length, b) < 0;
}

/** The range without the holes: sorted, disjoint, none empty. */
function windowsOf(range: KeyRange, holes: readonly KeyRange[]): KeyRange[] {
  const windows: KeyRange[] = [];
  let from: Uint8Array = range.from;
  for (const hole of holes) {
    if (hole.to !== undefined && !isBelow(from, hole.to)) continue;
    if (!isBelow(hole.from, range.to)) break;
    if (isBelow(from, hole.from)) windows.push({ from, to: hole.from });
    if (hole.to === undefined) return windows;
    from = hole.to;
  }
  if (isBelow(from, range.to)) windows.push(range.to === undefined ? { from } : { from, to: range.to });
  return windows;
}
