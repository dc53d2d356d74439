/**
 * Replies as bytes, one behind the other in one growing array per connection. RESP2 and RESP3 differ only where a method
 * says so.
 */
import { asciiBytes, copyBytes } from '@torc/base/bytes';

const FIRST_BYTES = 16 * 1024;

/** An array that grew beyond this for one large reply is let go when it has been sent. */
const KEEP_BYTES = 256 * 1024;

const CR = 0x0d;
const LF = 0x0a;

const OK = asciiBytes('+OK\r\n');
const NULL2 = asciiBytes('$-1\r\n');
const NULL3 = asciiBytes('_\r\n');

export type RespProtocol = 2 | 3;

export class ReplyBuffer {
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  /** Where the next byte goes. */
  end = 0;
  protocol: RespProtocol = 2;

  ok(): void {
    this.#raw(OK);
  }

  /** The answer for what is not there. */
  null(): void {
    this.#raw(this.protocol === 3 ? NULL3 : NULL2);
  }

  /** A status line; ASCII. */
  status(text: string): void {
    this.#line(0x2b, text);
  }

  /** An error line: an upper-case code, then what happened and what to do. Line breaks in it become spaces. */
  error(text: string): void {
    this.#line(0x2d, text.replace(/[\r\n]/g, ' '));
  }

  integer(value: number): void {
    this.reserve(24);
    this.#prefixed(0x3a, value);
  }

  bulk(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.reserve(length + 24);
    this.#prefixed(0x24, length);
    copyBytes(bytes, start, end, this.bytes, this.end);
    this.end += length;
    this.#crlf();
  }

  text(text: string): void {
    const bytes = asciiBytes(text);
    this.bulk(bytes, 0, bytes.length);
  }

  /** Text for a person to read: RESP3 marks it as such. */
  verbatim(text: string): void {
    if (this.protocol === 2) return this.text(text);
    const bytes = asciiBytes(`txt:${text}`);
    this.reserve(bytes.length + 24);
    this.#prefixed(0x3d, bytes.length);
    copyBytes(bytes, 0, bytes.length, this.bytes, this.end);
    this.end += bytes.length;
    this.#crlf();
  }

  /** `count` values follow. */
  array(count: number): void {
    this.reserve(24);
    this.#prefixed(0x2a, count);
  }

  /** `count` pairs follow: a map in RESP3, a flat array in RESP2. */
  map(count: number): void {
    this.reserve(24);
    if (this.protocol === 3) this.#prefixed(0x25, count);
    else this.#prefixed(0x2a, count * 2);
  }

  /** Makes room for `length` more bytes. */
  reserve(length: number): void {
    const needed = this.end + length;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    copyBytes(this.bytes, 0, this.end, larger, 0);
    this.bytes = larger;
  }

  /** Drops the first `count` bytes, which have been sent; `lent` when the array still belongs to the socket. */
  discard(count: number, lent: boolean): void {
    const left = this.end - count;
    if (lent || (left === 0 && this.bytes.length > KEEP_BYTES)) {
      const fresh = new Uint8Array(Math.max(FIRST_BYTES, left));
      copyBytes(this.bytes, count, this.end, fresh, 0);
      this.bytes = fresh;
    } else if (left > 0) {
      this.bytes.copyWithin(0, count, this.end);
    }
    this.end = left;
  }

  #raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    for (let i = 0; i < bytes.length; i += 1) this.bytes[this.end + i] = bytes[i] as number;
    this.end += bytes.length;
  }

  #line(kind: number, text: string): void {
    this.reserve(text.length + 3);
    this.bytes[this.end] = kind;
    for (let i = 0; i < text.length; i += 1) this.bytes[this.end + 1 + i] = text.charCodeAt(i);
    this.end += 1 + text.length;
    this.#crlf();
  }

  /** A kind byte, a decimal, CRLF. The room is there. */
  #prefixed(kind: number, value: number): void {
    this.bytes[this.end] = kind;
    this.end += 1;
    if (value >= 0 && value < 10) {
      this.bytes[this.end] = 0x30 + value;
      this.end += 1;
    } else {
      this.#decimal(value);
    }
    this.#crlf();
  }

  #decimal(value: number): void {
    let rest = Math.abs(value);
    if (value < 0) {
      this.bytes[this.end] = 0x2d;
      this.end += 1;
    }
    let digits = 1;
    for (let power = 10; power <= rest; power *= 10) digits += 1;
    for (let at = this.end + digits - 1; at >= this.end; at -= 1) {
      const tenth = Math.floor(rest / 10);
      this.bytes[at] = 0x30 + (rest - tenth * 10);
      rest = tenth;
    }
    this.end += digits;
  }

  #crlf(): void {
    this.bytes[this.end] = CR;
    this.bytes[this.end + 1] = LF;
    this.end += 2;
  }
}
