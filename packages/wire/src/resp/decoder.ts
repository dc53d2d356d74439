/**
 * Commands out of bytes: RESP arrays of bulk strings, and inline commands. The arguments are ranges, nothing is copied
 * when a command lies whole in what arrived.
 *
 * Use: `feed` a chunk; `next` until it says `MORE`; then `keep`. After `COMMAND` the arguments are `bytes`, `starts`,
 * `ends`, `count`, valid until the next call. After `BROKEN` the stream cannot be followed: answer `problem`, close.
 *
 * Invariants:
 * 1. A length is never believed before its bytes are there: memory follows what arrived, at most doubled.
 * 2. What has been parsed of an unfinished command is not parsed again, however it is split.
 */
import { copyBytes } from '@torc/base/bytes';
import { splitInline } from './inline.ts';
import type { KeyScout } from './key-scout.ts';
import type { RespLimits } from './limits.ts';

export const MORE = 0;
export const COMMAND = 1;
export const BROKEN = 2;

export type Progress = typeof MORE | typeof COMMAND | typeof BROKEN;

const STAR = 0x2a;
const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;

const NO_BYTES = new Uint8Array(0);

/** What `#number` answers when the line has not ended, and when it is no length. */
const UNFINISHED = -2;
const NOT_A_NUMBER = -3;

/** No length has more digits. */
const MAX_DIGITS = 10;

const FIRST_KEEP_BYTES = 4096;

/** Room beyond this is let go as soon as what is left needs little of it. */
const ROOMY_BYTES = 256 * 1024;
const ROOMY_ARGS = 1024;

export class RespDecoder {
  bytes: Uint8Array = NO_BYTES;
  starts: Int32Array = new Int32Array(16);
  ends: Int32Array = new Int32Array(16);
  count = 0;
  /** Why the stream is broken. */
  problem = '';

  readonly #limits: RespLimits;
  /** What is being parsed: the last chunk, or `#kept` when a command is spread over several. */
  #window: Uint8Array = NO_BYTES;
  #kept: Uint8Array = NO_BYTES;
  /** Where the current command begins, how far it is parsed, and where the window ends. */
  #begin = 0;
  #cursor = 0;
  #end = 0;
  /** Arguments that the current command still lacks; -1 before its first line is parsed. */
  #missing = -1;
  /** The length of the argument whose bytes come next; -1 when its length comes next. */
  #bulk = -1;

  constructor(limits: RespLimits) {
    this.#limits = limits;
  }

  /** Bytes held for an unfinished command. */
  get heldBytes(): number {
    return this.#kept.length;
  }

  /** Takes a chunk. It is read until `keep` is called, and not retained after that. */
  feed(chunk: Uint8Array): void {
    const left = this.#end - this.#begin;
    if (left === 0) {
      this.#window = chunk;
      this.#begin = 0;
      this.#cursor = 0;
      this.#end = chunk.length;
      return;
    }
    this.#growKept(left + chunk.length);
    copyBytes(chunk, 0, chunk.length, this.#kept, left);
    this.#window = this.#kept;
    this.#end = left + chunk.length;
  }

  /** Looks ahead at the commands that `next` will give; answers how many were found (`key-scout.ts`). */
  scout(into: KeyScout): number {
    return this.#missing < 0 ? into.scan(this.#window, this.#cursor, this.#end) : 0;
  }

  /** Takes the command that `next` gave last back: the next call gives it again. */
  rewind(): void {
    this.#cursor = this.#begin;
    this.#missing = -1;
    this.count = 0;
  }

  /** Moves what is unfinished into memory of its own, so that the chunk may go. */
  keep(): void {
    this.bytes = NO_BYTES;
    if (this.#missing < 0) this.#forgetCommand();
    const left = this.#end - this.#begin;
    if (left === 0) {
      if (this.#kept.length > FIRST_KEEP_BYTES) this.#kept = NO_BYTES;
      this.#window = NO_BYTES;
      this.#begin = 0;
      this.#cursor = 0;
      this.#end = 0;
      return;
    }
    if (this.#window === this.#kept && this.#begin === 0) return;
    const from = this.#window;
    if (from === this.#kept && this.#kept.length > ROOMY_BYTES && left * 4 < this.#kept.length) this.#kept = NO_BYTES;
    if (from !== this.#kept) {
      this.#growKept(left);
      copyBytes(from, this.#begin, this.#end, this.#kept, 0);
    } else {
      this.#kept.copyWithin(0, this.#begin, this.#end);
    }
    for (let i = 0; i < this.count; i += 1) {
      this.starts[i] = (this.starts[i] as number) - this.#begin;
      this.ends[i] = (this.ends[i] as number) - this.#begin;
    }
    this.#window = this.#kept;
    this.#cursor -= this.#begin;
    this.#begin = 0;
    this.#end = left;
  }

  next(): Progress {
    for (;;) {
      if (this.#missing < 0) {
        this.#begin = this.#cursor;
        this.count = 0;
        if (this.#cursor >= this.#end) return MORE;
        const progress = this.#window[this.#cursor] === STAR ? this.#header() : this.#inline();
        if (progress !== undefined) return progress;
        continue;
      }
      if (this.#missing === 0) {
        this.#missing = -1;
        this.bytes = this.#window;
        return COMMAND;
      }
      const progress = this.#argument();
      if (progress !== undefined) return progress;
    }
  }

  /** `*<count>`: `undefined` to go on. */
  #header(): Progress | undefined {
    const count = this.#number(this.#cursor + 1);
    if (count === UNFINISHED) return MORE;
    if (count === NOT_A_NUMBER) return this.#broken('Protocol error: invalid multibulk length');
    if (count > this.#limits.args) return this.#broken(`Protocol error: more than ${this.#limits.args} arguments`);
    // Redis passes over empty and null arrays; so do we.
    this.#missing = count > 0 ? count : -1;
    return undefined;
  }

  /** `$<length>` and its bytes: `undefined` to go on. */
  #argument(): Progress | undefined {
    if (this.#bulk < 0) {
      if (this.#cursor >= this.#end) return MORE;
      if (this.#window[this.#cursor] !== DOLLAR) {
        const found = String.fromCharCode(this.#window[this.#cursor] as number);
        return this.#broken(`Protocol error: expected '$', got '${found}'`);
      }
      const length = this.#number(this.#cursor + 1);
      if (length === UNFINISHED) return MORE;
      if (length < 0 || length > this.#limits.bulkBytes) return this.#broken('Protocol error: invalid bulk length');
      this.#bulk = length;
    }
    const end = this.#cursor + this.#bulk;
    if (end - this.#begin > this.#limits.commandBytes) {
      return this.#broken(`Protocol error: a command has at most ${this.#limits.commandBytes} bytes`);
    }
    if (end + 2 > this.#end) return MORE;
    if (this.#window[end] !== CR || this.#window[end + 1] !== LF) {
      return this.#broken('Protocol error: a bulk string does not end with CRLF');
    }
    this.#addRange(this.#cursor, end);
    this.#cursor = end + 2;
    this.#bulk = -1;
    this.#missing -= 1;
    return undefined;
  }

  /** Not a `*`: a line of words. */
  #inline(): Progress | undefined {
    const lineEnd = this.#window.indexOf(LF, this.#cursor);
    if (lineEnd < 0 || lineEnd >= this.#end) {
      const tooLong = this.#end - this.#cursor > this.#limits.inlineBytes;
      return tooLong ? this.#broken('Protocol error: too big inline request') : MORE;
    }
    if (lineEnd - this.#cursor > this.#limits.inlineBytes)
      return this.#broken('Protocol error: too big inline request');
    const words = splitInline(this.#window, this.#cursor, lineEnd);
    this.#cursor = lineEnd + 1;
    if (words === undefined) return this.#broken('Protocol error: unbalanced quotes in request');
    if (words.length === 0) return undefined;
    let total = 0;
    for (const word of words) total += word.length;
    this.bytes = new Uint8Array(total);
    let at = 0;
    for (const word of words) {
      this.bytes.set(word, at);
      this.#addRange(at, at + word.length);
      at += word.length;
    }
    return COMMAND;
  }

  /** A decimal line from `from`; moves the cursor behind its CRLF. A length below -1 is no length. */
  #number(from: number): number {
    const bytes = this.#window;
    const end = this.#end;
    let at = from;
    let value = 0;
    const negative = at < end && bytes[at] === 0x2d;
    if (negative) at += 1;
    const first = at;
    for (; at < end; at += 1) {
      const digit = (bytes[at] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      if (at - first >= MAX_DIGITS) return NOT_A_NUMBER;
      value = value * 10 + digit;
    }
    if (at + 1 >= end) return at < end && bytes[at] !== CR ? NOT_A_NUMBER : UNFINISHED;
    if (at === first || bytes[at] !== CR || bytes[at + 1] !== LF) return NOT_A_NUMBER;
    if (negative && value !== 1) return NOT_A_NUMBER;
    this.#cursor = at + 2;
    return negative ? -1 : value;
  }

  #addRange(start: number, end: number): void {
    if (this.count === this.starts.length) {
      this.starts = doubled(this.starts);
      this.ends = doubled(this.ends);
    }
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.count += 1;
  }

  /** The command that was given is over: nothing of it is kept. */
  #forgetCommand(): void {
    this.#begin = this.#cursor;
    this.count = 0;
    if (this.starts.length <= ROOMY_ARGS) return;
    this.starts = new Int32Array(16);
    this.ends = new Int32Array(16);
  }

  #growKept(needed: number): void {
    if (this.#kept.length >= needed) return;
    const larger = new Uint8Array(Math.max(needed, this.#kept.length * 2, FIRST_KEEP_BYTES));
    if (this.#window === this.#kept) copyBytes(this.#kept, 0, this.#end, larger, 0);
    this.#kept = larger;
  }

  #broken(problem: string): Progress {
    this.problem = problem;
    return BROKEN;
  }
}

function doubled(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
