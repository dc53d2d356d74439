/** A key of one's own: a copy that stays when the bytes it came from do not. Grows, and is reused. */
import { copyBytes, equalBytes } from '@torc/base/bytes';

const FIRST_BYTES = 64;

export class KeyBuffer {
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  /** Where the key ends; it begins at 0. */
  end = 0;

  /** `key` may lie in this buffer's own bytes. */
  set(key: Uint8Array, start: number, end: number): void {
    this.#fill(key, start, end, end - start);
  }

  /** The first key above `key`, in byte order. */
  setAbove(key: Uint8Array, start: number, end: number): void {
    this.#fill(key, start, end, end - start + 1);
    this.bytes[this.end - 1] = 0;
  }

  equals(key: Uint8Array, start: number, end: number): boolean {
    return equalBytes(this.bytes, 0, this.end, key, start, end);
  }

  #fill(key: Uint8Array, start: number, end: number, length: number): void {
    const into = length <= this.bytes.length ? this.bytes : new Uint8Array(2 * length);
    copyBytes(key, start, end, into, 0);
    this.bytes = into;
    this.end = length;
  }
}
