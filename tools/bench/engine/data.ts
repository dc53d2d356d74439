/**
 * The data of the engine bench, made from numbers on the fly, so that no list of keys takes up memory beside the store.
 *
 * Number n has a key of 16 bytes that looks random and is nobody else's, so putting 0, 1, 2 ... arrives in random key
 * order. Its value begins with n, in 4 bytes, and goes on with bytes of which about half could be compressed away, as
 * in LevelDB's own bench. A value that was read is checked by its length and its number.
 */
import { mix32, randomFrom } from './random.ts';

export const keyBytes = 16;
export const leastValueBytes = 8;

const poolBytes = 1024 * 1024;
const runBytes = 32;

export class DataSet {
  readonly valueBytes: number;
  readonly #pool: Uint8Array;
  #poolAt = 0;

  constructor(valueBytes: number) {
    if (valueBytes < leastValueBytes) throw new RangeError(`a value has at least ${leastValueBytes} bytes`);
    this.valueBytes = valueBytes;
    this.#pool = halfRandom(poolBytes + valueBytes);
  }

  /** Writes the key of a number at `at`. */
  writeKey(number: number, into: Uint8Array, at: number): void {
    for (let word = 0; word < keyBytes; word += 4) writeWord(mix32(number ^ (word * 0x9e3779b)), into, at + word);
  }

  /** Writes a value for a number at `at`; each time a different one. */
  writeValue(number: number, into: Uint8Array, at: number): void {
    const pool = this.#pool;
    const from = this.#poolAt;
    this.#poolAt = (from + 4099) % poolBytes;
    writeWord(number, into, at);
    const rest = this.valueBytes - 4;
    // Below this a loop is faster than making a view.
    if (rest <= 256) for (let i = 0; i < rest; i += 1) into[at + 4 + i] = pool[from + i] as number;
    else into.set(pool.subarray(from, from + rest), at + 4);
  }

  /** Throws unless the range can be a value of this number. */
  check(number: number, bytes: Uint8Array | undefined, start: number, end: number): void {
    if (bytes === undefined) throw new Error(`key ${number} is missing`);
    if (end - start !== this.valueBytes) {
      throw new Error(`key ${number} has a value of ${end - start} bytes instead of ${this.valueBytes}`);
    }
    const found = readWord(bytes, start);
    if (found !== number) throw new Error(`key ${number} has the value of key ${found}`);
  }

  /** The same without knowing the number: the value has to belong to the key. */
  checkPair(key: Uint8Array, keyStart: number, keyEnd: number, value: Uint8Array, start: number, end: number): void {
    if (keyEnd - keyStart !== keyBytes) throw new Error(`a key of ${keyEnd - keyStart} bytes`);
    const number = readWord(value, start);
    if (readWord(key, keyStart) !== mix32(number)) throw new Error(`the value of key ${number} under another key`);
    this.check(number, value, start, end);
  }
}

function writeWord(word: number, into: Uint8Array, at: number): void {
  into[at] = word & 0xff;
  into[at + 1] = (word >>> 8) & 0xff;
  into[at + 2] = (word >>> 16) & 0xff;
  into[at + 3] = word >>> 24;
}

function readWord(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
  return (low | ((bytes[at + 3] as number) << 24)) >>> 0;
}

function halfRandom(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const random = randomFrom(1);
  for (let at = 0; at < length; at += 1) {
    const inRun = at % (2 * runBytes);
    bytes[at] = inRun < runBytes ? random() * 256 : (bytes[at - runBytes] as number);
  }
  return bytes;
}
