/**
 * The machine's randomness: the `Random` port as AES-128 in counter mode, keyed from the operating system.
 *
 * 1. A stream is named by its key; a fork's key is the SHA-256 of its parent's and the label. So a fork does not depend
 *    on how many draws its parent has made.
 * 2. The key stream is made in blocks of 1 KiB, when the first draw asks: forking alone costs one hash.
 *
 * Not for secrets, by the port's contract, although nothing here gives them away.
 */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { assert } from '@torc/base/assert';
import type { Random } from '@torc/base/ports/random';

const TWO_POW_32 = 4294967296;
const ZEROS = new Uint8Array(1024);

export class SystemRandom implements Random {
  /** 16 bytes of AES key, 16 of counter. */
  readonly #key: Uint8Array;
  #cipher: ReturnType<typeof createCipheriv> | undefined;
  #block: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;

  constructor(key: Uint8Array = randomBytes(32)) {
    assert(key.length === 32, 'a key of 32 bytes');
    this.#key = key;
  }

  uint32(): number {
    if (this.#at === this.#block.byteLength) this.#refill();
    const word = this.#block.getUint32(this.#at, true);
    this.#at += 4;
    return word;
  }

  below(limit: number): number {
    assert(Number.isInteger(limit) && limit >= 1 && limit <= TWO_POW_32, 'random.below: limit from 1 to 2^32');
    // Draws above the last whole multiple of `limit` are thrown away, so that no value is favoured.
    const ceiling = TWO_POW_32 - (TWO_POW_32 % limit);
    for (;;) {
      const drawn = this.uint32();
      if (drawn < ceiling) return drawn % limit;
    }
  }

  fraction(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  fork(label: string): Random {
    return new SystemRandom(createHash('sha256').update(this.#key).update(label).digest());
  }

  #refill(): void {
    this.#cipher ??= createCipheriv('aes-128-ctr', this.#key.subarray(0, 16), this.#key.subarray(16));
    const block = this.#cipher.update(ZEROS);
    this.#block = new DataView(block.buffer, block.byteOffset, block.byteLength);
    this.#at = 0;
  }
}
