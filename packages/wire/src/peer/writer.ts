/**
 * The fields of a message, written in order into bytes that are large enough.
 *
 * A number out of its range is a bug: an `InvariantError`. A length beyond its limit depends on data: a `CodecError`.
 */
import { assert } from '@torc/base/assert';
import { copyBytes, writeU16, writeU32, writeU53 } from '@torc/base/bytes';
import { PEER_LIMITS, tooLong, type PeerLimit } from './limits.ts';
import type { Reply, Request } from './messages.ts';

/** Id and remaining ms. */
export const REQUEST_BYTES = 8;
/** The id. */
export const REPLY_BYTES = 4;

const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;
const QUESTION_MARK = 0x3f;

export class Writer {
  at: number;
  readonly #into: Uint8Array;

  constructor(into: Uint8Array, at: number) {
    this.#into = into;
    this.at = at;
  }

  u8(value: number): void {
    assert(value === (value & 0xff), 'a number of a message is not a u8');
    this.#into[this.#past(1)] = value;
  }

  u16(value: number): void {
    assert(value === (value & 0xffff), 'a number of a message is not a u16');
    writeU16(this.#into, this.#past(2), value);
  }

  u32(value: number): void {
    assert(value === value >>> 0, 'a number of a message is not a u32');
    writeU32(this.#into, this.#past(4), value);
  }

  u53(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, 'a number of a message is not a safe integer');
    writeU53(this.#into, this.#past(8), value);
  }

  /** Its place in the list in one byte, counted from 1. */
  oneOf<T>(list: readonly T[], value: T): void {
    const at = list.indexOf(value);
    assert(at >= 0, 'a message names what its format does not know');
    this.u8(at + 1);
  }

  request({ id, remainingMs }: Request): void {
    this.u32(id);
    this.u32(remainingMs);
  }

  reply({ id }: Reply): void {
    this.u32(id);
  }

  /** A length in four bytes, then the bytes. */
  blob(bytes: Uint8Array, limit: PeerLimit): void {
    if (bytes.length > PEER_LIMITS[limit]) throw tooLong(bytes.length, limit);
    this.u32(bytes.length);
    this.#copy(bytes);
  }

  /** Nothing for `undefined`: a flag says whether it is there. */
  optionalBlob(bytes: Uint8Array | undefined, limit: PeerLimit): void {
    if (bytes !== undefined) this.blob(bytes, limit);
  }

  /** A length in one byte, then the id. */
  operationId(id: Uint8Array): void {
    assert(id.length > 0, 'an operation id is empty');
    if (id.length > PEER_LIMITS.operationIdBytes) throw tooLong(id.length, 'operationIdBytes');
    this.u8(id.length);
    this.#copy(id);
  }

  /** A length in two bytes, then printable ASCII; `?` stands for each unit that is not. */
  text(text: string): void {
    const length = textLength(text);
    this.u16(length);
    const at = this.#past(length);
    for (let i = 0; i < length; i += 1) {
      const unit = text.charCodeAt(i);
      this.#into[at + i] = isPrintable(unit) ? unit : QUESTION_MARK;
    }
  }

  /** A length in one byte, then printable ASCII. */
  code(code: string): void {
    const { length } = code;
    assert(length > 0 && length <= PEER_LIMITS.codeBytes, 'a code is empty or too long');
    this.u8(length);
    const at = this.#past(length);
    for (let i = 0; i < length; i += 1) {
      const unit = code.charCodeAt(i);
      assert(isPrintable(unit), 'a code is not printable ASCII');
      this.#into[at + i] = unit;
    }
  }

  #copy(bytes: Uint8Array): void {
    copyBytes(bytes, 0, bytes.length, this.#into, this.#past(bytes.length));
  }

  /** Where so many bytes begin that are written next. */
  #past(count: number): number {
    const { at } = this;
    this.at = at + count;
    return at;
  }
}

export function blobBytes(bytes: Uint8Array | undefined): number {
  return bytes === undefined ? 0 : 4 + bytes.length;
}

export function operationIdBytes(id: Uint8Array | undefined): number {
  return id === undefined ? 0 : 1 + id.length;
}

export function textBytes(text: string | undefined): number {
  return text === undefined ? 0 : 2 + textLength(text);
}

export function codeBytes(code: string | undefined): number {
  return code === undefined ? 0 : 1 + code.length;
}

export function isPrintable(byte: number): boolean {
  return byte >= FIRST_PRINTABLE && byte <= LAST_PRINTABLE;
}

function textLength(text: string): number {
  return Math.min(text.length, PEER_LIMITS.textBytes);
}
