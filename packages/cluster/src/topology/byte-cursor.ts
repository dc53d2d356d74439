/** The fields of the topology's bytes: a growing buffer to write them, a bounded cursor to read them. */
import { asciiBytes, readU16, readU32, readU53, writeU16, writeU32, writeU53 } from '@torc/base/bytes';
import { CodecError } from '@torc/base/errors';
import { LIMITS } from './limits.ts';

export class ByteWriter {
  bytes: Uint8Array = new Uint8Array(4096);
  end = 0;

  u8(value: number): void {
    // First: growing puts another array in the place of this one.
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

  ascii(text: string): void {
    const at = this.#grow(text.length);
    this.bytes.set(asciiBytes(text), at);
  }

  /** Its length in one byte, then its ASCII. */
  name(text: string): void {
    this.u8(text.length);
    this.ascii(text);
  }

  /** Where so many bytes more begin. */
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

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  at = 0;

  constructor(bytes: Uint8Array, end: number) {
    this.#bytes = bytes;
    this.#end = end;
  }

  get isDone(): boolean {
    return this.at === this.#end;
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

  /** An unsafe integer comes back as such, and fails the document's own check. */
  u53(): number {
    return readU53(this.#bytes, this.#take(8));
  }

  ascii(length: number): string {
    const start = this.#take(length);
    return String.fromCharCode(...this.#bytes.subarray(start, start + length));
  }

  name(): string {
    const length = this.u8();
    if (length > LIMITS.nameBytes) throw this.error(`a name of ${length} bytes`);
    return this.ascii(length);
  }

  /** The item that a byte names by its place in the list. */
  oneOf<T>(list: readonly T[]): T {
    const place = this.u8();
    const found = list[place];
    if (found === undefined) throw this.error(`${place} is none of ${list.length}`);
    return found;
  }

  /** Throws unless so many bytes are left. */
  need(count: number): void {
    if (count > this.#end - this.at) throw this.error(`${count} bytes wanted, ${this.#end - this.at} left`);
  }

  error(what: string): CodecError {
    return new CodecError(`a topology, near byte ${this.at}: ${what}`);
  }

  #take(count: number): number {
    this.need(count);
    const at = this.at;
    this.at += count;
    return at;
  }
}
