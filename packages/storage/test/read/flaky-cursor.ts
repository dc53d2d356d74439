/**
 * A cursor over an array that holds its callers to the contract of `cursor.ts`, as strictly as it can be read:
 *
 * - Each fresh call may first answer `NEEDS_DISK`, and goes on only with the very block that it wanted. With `always`, each
 *   does, every time, as if no cache kept anything: whoever begins anew after an answer instead of going on never ends.
 * - What follows `NEEDS_DISK` is the same call or a seek.
 * - Keys and records stand in scratch bytes that are scribbled over at every call.
 */
import assert from 'node:assert/strict';
import { ArrayCursor, type ArrayEntry } from '../../src/read/array-cursor.ts';
import { AT_ENTRY, NEEDS_DISK, type BlockWant, type Cursor, type CursorCode } from '../../src/read/cursor.ts';

/** How many times a call answers `NEEDS_DISK` before it goes on. */
export type Delays = () => number;

export const NEVER: Delays = () => 0;
export const ALWAYS: Delays = () => 1;

/** Delays from generated numbers, over and over. */
export function delaysOf(numbers: readonly number[]): Delays {
  let at = 0;
  return () => {
    at += 1;
    return numbers[at % numbers.length] ?? 0;
  };
}

let wantCount = 0;

export class FlakyCursor implements Cursor {
  readonly #inner: ArrayCursor;
  readonly #delays: Delays;
  #scratch = new Uint8Array(0);
  #lastCall = '';
  #left = 0;
  #provided = true;
  wants: BlockWant | undefined;
  keyBytes = new Uint8Array(0);
  keyStart = 0;
  keyEnd = 0;
  kind = 0;
  recordBytes = new Uint8Array(0);
  recordStart = 0;
  recordEnd = 0;
  calls = 0;

  constructor(entries: readonly ArrayEntry[], delays: Delays) {
    this.#inner = new ArrayCursor(entries);
    this.#delays = delays;
  }

  seek(key: Uint8Array, start: number, end: number): CursorCode {
    const own = key.slice(start, end);
    return this.#call(`seek ${own.join()}`, () => this.#inner.seek(own, 0, own.length));
  }

  seekBelow(key: Uint8Array, start: number, end: number): CursorCode {
    const own = key.slice(start, end);
    return this.#call(`below ${own.join()}`, () => this.#inner.seekBelow(own, 0, own.length));
  }

  next(): CursorCode {
    return this.#call('next', () => this.#inner.next());
  }

  previous(): CursorCode {
    return this.#call('previous', () => this.#inner.previous());
  }

  provide(block: Uint8Array): void {
    assert.deepEqual(block, blockOf(this.wants), 'the block goes to the cursor that wants it');
    this.#provided = true;
  }

  #call(name: string, move: () => CursorCode): CursorCode {
    this.calls += 1;
    this.#scribble();
    const waited = this.wants !== undefined;
    const isSeek = name !== 'next' && name !== 'previous';
    assert.ok(!waited || isSeek || name === this.#lastCall, 'the same call or a seek');
    if (!waited || name !== this.#lastCall) this.#left = this.#delays();
    else if (!this.#provided) return NEEDS_DISK;
    this.#lastCall = name;
    if (this.#left > 0) return this.#wait();
    this.wants = undefined;
    const code = move();
    if (code === AT_ENTRY) this.#show();
    return code;
  }

  #wait(): CursorCode {
    this.#left -= 1;
    this.#provided = false;
    wantCount += 1;
    this.wants = {
      owner: { number: wantCount, path: 'table', seed: 0 },
      handle: { offset: wantCount, storedBytes: 1 },
    };
    return NEEDS_DISK;
  }

  #scribble(): void {
    this.#scratch.fill(0xee);
    this.keyStart = 0;
    this.keyEnd = 0;
    this.recordStart = 0;
    this.recordEnd = 0;
    this.kind = 0;
  }

  #show(): void {
    const { keyBytes, recordBytes, kind } = this.#inner;
    this.#scratch = new Uint8Array(3 + keyBytes.length + recordBytes.length + 2);
    this.#scratch.set(keyBytes, 3);
    this.#scratch.set(recordBytes, 3 + keyBytes.length);
    this.keyBytes = this.#scratch;
    this.keyStart = 3;
    this.keyEnd = 3 + keyBytes.length;
    this.recordBytes = this.#scratch;
    this.recordStart = this.keyEnd;
    this.recordEnd = this.keyEnd + recordBytes.length;
    this.kind = kind;
  }
}

export function blockOf(want: BlockWant | undefined): Uint8Array {
  return Uint8Array.of((want?.handle.offset ?? 0) & 0xff, ((want?.handle.offset ?? 0) >>> 8) & 0xff);
}

const MAX_LOADS = 1000;

/** Makes a call again and again, loading what it wants, until it has an answer. */
export function settled(cursor: Cursor, call: () => CursorCode): CursorCode {
  for (let loads = 0; loads < MAX_LOADS; loads += 1) {
    const code = call();
    if (code !== NEEDS_DISK) return code;
    cursor.provide(blockOf(cursor.wants));
  }
  return assert.fail('a call wants blocks for ever');
}

/** What a cursor shows now, as an object of its own. */
export function entryAt(cursor: Cursor): ArrayEntry {
  return {
    key: cursor.keyBytes.slice(cursor.keyStart, cursor.keyEnd),
    kind: cursor.kind,
    record: cursor.recordBytes.slice(cursor.recordStart, cursor.recordEnd),
  };
}

/** All that a cursor shows, forwards. */
export function allOf(cursor: Cursor): ArrayEntry[] {
  const entries: ArrayEntry[] = [];
  let code = settled(cursor, () => cursor.seek(new Uint8Array(0), 0, 0));
  for (; code === AT_ENTRY; code = settled(cursor, () => cursor.next())) entries.push(entryAt(cursor));
  return entries;
}
