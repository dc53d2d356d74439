/** The fields of a message's bytes: a growing buffer to write them, a bounded cursor to read them. */
import { readU16, readU32, readU53, writeU16, writeU32, writeU53 } from '@torc/base/bytes';
import { CodecError } from '@torc/base/errors';
import type { Lanes } from './messages.ts';

const LANES_BYTES = 8;

export class MessageWriter {
  bytes: Uint8Array = new Uint8Array(256);
  end = 0;

  u8(value: number): void {
    const at = this.#grow(1);
    this.bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#grow(2);
    writeU16(this.bytes, at, value);
  }

  u32(value: number): void {
    const at = this.#grow(4);
    writeU32(this.bytes, at, value);
  }

  u53(value: number): void {
    const at = this.#grow(8);
    writeU53(this.bytes, at, value);
  }

  raw(from: Uint8Array): void {
    const at = this.#grow(from.length);
    this.bytes.set(from, at);
  }

  u16s(values: Uint16Array): void {
    for (const value of values) this.u16(value);
  }

  lanes({ low, high }: Lanes): void {
    for (let i = 0; i < low.length; i += 1) {
      this.u32(low[i] as number);
      this.u32(high[i] as number);
    }
  }

  /** Where so many bytes more begin. `bytes` may be another array afterwards: it is not to be looked up before. */
  #grow(moreBytes: number): number {
    const at = this.end;
    this.end += moreBytes;
    if (this.end > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.end, this.bytes.length * 2));
      larger.set(this.bytes);
      this.bytes = larger;
    }
    return at;
  }
}

/** Every read throws a `CodecError` where the bytes end too early, before anything is made for what they claim. */
export class MessageReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isDone(): boolean {
    return this.#at === this.#bytes.length;
  }

  u8(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  u16(): number {
    return readU16(this.#bytes, this.#take(2));
  }

  u32(): number {
    return readU32(this.#bytes, this.#take(4));
  }

  /** A safe integer. */
  u53(): number {
    const value = readU53(this.#bytes, this.#take(8));
    this.require(Number.isSafeInteger(value), 'a number that is not safe');
    return value;
  }

  /** A u16 from `least` to `most`. */
  count(what: string, least: number, most: number): number {
    const count = this.u16();
    this.require(count >= least && count <= most, `${count} ${what}`);
    return count;
  }

  /** A part of the message's bytes, not a copy. */
  raw(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  u16s(count: number): Uint16Array {
    const start = this.#take(count * 2);
    const values = new Uint16Array(count);
    for (let i = 0; i < count; i += 1) values[i] = readU16(this.#bytes, start + i * 2);
    return values;
  }

  lanes(count: number): Lanes {
    const start = this.#take(count * LANES_BYTES);
    const low = new Uint32Array(count);
    const high = new Uint32Array(count);
    for (let i = 0; i < count; i += 1) {
      low[i] = readU32(this.#bytes, start + i * LANES_BYTES);
      high[i] = readU32(this.#bytes, start + i * LANES_BYTES + 4);
    }
    return { low, high };
  }

  require(condition: boolean, what: string): asserts condition {
    if (!condition) throw new CodecError(`an exchange message, near byte ${this.#at}: ${what}`);
  }

  #take(length: number): number {
    const at = this.#at;
    this.require(length <= this.#bytes.length - at, `${length} bytes wanted, ${this.#bytes.length - at} left`);
    this.#at = at + length;
    return at;
  }
}
