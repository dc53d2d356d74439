/**
 * The bytes of a manifest's items: a growing buffer to write them, a bounded cursor to read them.
 *
 * A number is a varint: seven bits a byte, lowest first, the top bit says that more follow; at most a safe integer, and
 * in the shortest form only. What does not read is an `ItemError`; whoever knows the file makes damage of it.
 */
import { assert } from '@torc/base/assert';
import { readU32, writeU32 } from '@torc/base/bytes';

const TWO_7 = 128;
/** Eight groups of seven bits hold every safe integer. */
const VARINT_BYTES = 8;

/** Bytes that are no items. The message says why. */
export class ItemError extends Error {
  override readonly name = 'ItemError';
}

export class ItemWriter {
  bytes: Uint8Array = new Uint8Array(512);
  end: number;

  /** Leaves room for `headBytes` in front of what is written. */
  constructor(headBytes: number) {
    this.end = headBytes;
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.end] = value;
    this.end += 1;
  }

  u32(value: number): void {
    this.reserve(4);
    writeU32(this.bytes, this.end, value);
    this.end += 4;
  }

  number(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, `manifest: not a number that can be written: ${value}`);
    this.reserve(VARINT_BYTES);
    let rest = value;
    while (rest >= TWO_7) {
      this.bytes[this.end] = (rest % TWO_7) | TWO_7;
      this.end += 1;
      rest = Math.floor(rest / TWO_7);
    }
    this.bytes[this.end] = rest;
    this.end += 1;
  }

  /** A sign byte, 1 for below zero, then the magnitude. */
  signed(value: number): void {
    this.u8(value < 0 ? 1 : 0);
    this.number(Math.abs(value));
  }

  /** The length, then the bytes. */
  block(bytes: Uint8Array): void {
    this.number(bytes.length);
    this.raw(bytes);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }

  /** Makes room for so many bytes more. */
  reserve(moreBytes: number): void {
    const needed = this.end + moreBytes;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.end));
    this.bytes = larger;
  }
}

export class ItemReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get isDone(): boolean {
    return this.#at === this.#end;
  }

  u8(): number {
    this.#need(1);
    const value = this.#bytes[this.#at] as number;
    this.#at += 1;
    return value;
  }

  u32(): number {
    this.#need(4);
    const value = readU32(this.#bytes, this.#at);
    this.#at += 4;
    return value;
  }

  number(): number {
    let value = 0;
    let scale = 1;
    for (let group = 0; group < VARINT_BYTES; group += 1) {
      const byte = this.u8();
      value += (byte % TWO_7) * scale;
      if (byte < TWO_7) {
        if (byte === 0 && group > 0) throw new ItemError('a number is longer than it need be');
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= TWO_7;
    }
    throw new ItemError('a number is too large');
  }

  signed(): number {
    const sign = this.u8();
    const magnitude = this.number();
    if (sign > 1 || (sign === 1 && magnitude === 0)) throw new ItemError('a sign is wrong');
    return sign === 1 ? -magnitude : magnitude;
  }

  block(): Uint8Array {
    return this.raw(this.number());
  }

  /** A copy: what is kept of a manifest must not keep the whole file in memory. */
  raw(length: number): Uint8Array {
    this.#need(length);
    const bytes = this.#bytes.slice(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  /** How many things follow, each of one byte at least: so a wrong count is found before anything is made for it. */
  count(): number {
    const count = this.number();
    this.#need(count);
    return count;
  }

  #need(length: number): void {
    if (length > this.#end - this.#at) throw new ItemError('an item ends behind its frame');
  }
}
