/**
 * The fields of a message, read in order out of `[start, end)`. Whatever is wrong is a `CodecError`.
 *
 * A length is held against its limit first and against the bytes that are left next; only then is it used. Byte fields
 * are subarrays of what is read, not copies.
 */
import { printableText, readU16, readU32, readU53 } from '@torc/base/bytes';
import { CodecError } from '@torc/base/errors';
import { PEER_LIMITS, tooLong, type PeerLimit } from './limits.ts';
import { isPrintable } from './writer.ts';

export class Reader {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#at = start;
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

  u53(): number {
    const value = readU53(this.#bytes, this.#take(8));
    if (value > Number.MAX_SAFE_INTEGER) throw this.error('a number is out of range');
    return value;
  }

  /** One byte of bits, none but those of `known`. */
  flags(known: number): number {
    const flags = this.u8();
    if ((flags & ~known) !== 0) throw this.error(`unknown flags ${flags & ~known}`);
    return flags;
  }

  /** What a byte names by its place in the list, counted from 1. */
  oneOf<T>(list: readonly T[], what: string): T {
    const place = this.u8();
    const found = list[place - 1];
    if (found === undefined) throw this.error(`unknown ${what} ${place}`);
    return found;
  }

  blob(limit: PeerLimit): Uint8Array {
    return this.#range(this.u32(), limit);
  }

  operationId(): Uint8Array {
    const length = this.u8();
    if (length === 0) throw this.error('an operation id is empty');
    return this.#range(length, 'operationIdBytes');
  }

  text(): string {
    return this.#printable(this.u16(), 'textBytes');
  }

  code(): string {
    const length = this.u8();
    if (length === 0) throw this.error('a code is empty');
    return this.#printable(length, 'codeBytes');
  }

  /** Throws unless so many bytes are left. */
  need(count: number): void {
    const left = this.#end - this.#at;
    if (count > left) throw this.error(`${count} bytes wanted, ${left} left`);
  }

  /** Throws unless all has been read. */
  finish(): void {
    if (this.#at !== this.#end) throw this.error(`${this.#end - this.#at} bytes too many`);
  }

  error(what: string): CodecError {
    return new CodecError(`a peer message, before byte ${this.#at - this.#start}: ${what}`);
  }

  #range(length: number, limit: PeerLimit): Uint8Array {
    if (length > PEER_LIMITS[limit]) throw tooLong(length, limit);
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  #printable(length: number, limit: PeerLimit): string {
    if (length > PEER_LIMITS[limit]) throw tooLong(length, limit);
    const at = this.#take(length);
    for (let i = at; i < at + length; i += 1) {
      if (!isPrintable(this.#bytes[i] as number)) throw this.error('a text is not printable ASCII');
    }
    return printableText(this.#bytes, at, at + length);
  }

  #take(count: number): number {
    this.need(count);
    const at = this.#at;
    this.#at = at + count;
    return at;
  }
}
