/**
 * Records that were sent and are not acknowledged. Sender and receiver keep one each and apply one rule, so a sender that
 * floods is found out: at most `windowRecords`, at most `windowBytes`, but one record of any size may go alone.
 */
import { EXCHANGE_LIMITS as LIMITS } from './limits.ts';

export class Window {
  /** Sizes, from the oldest on. The first `#from` are gone. */
  #sizes: number[] = [];
  #from = 0;
  #bytes = 0;
  /** Records acknowledged since the session began. */
  acknowledged = 0;

  get records(): number {
    return this.#sizes.length - this.#from;
  }

  /** Since the session began. */
  get total(): number {
    return this.acknowledged + this.records;
  }

  get bytes(): number {
    return this.#bytes;
  }

  fits(sizeBytes: number): boolean {
    if (this.records === 0) return true;
    return this.records < LIMITS.windowRecords && this.#bytes + sizeBytes <= LIMITS.windowBytes;
  }

  push(sizeBytes: number): void {
    this.#sizes.push(sizeBytes);
    this.#bytes += sizeBytes;
  }

  /** The first `total` records of the session are acknowledged. False when that cannot be. */
  acknowledge(total: number): boolean {
    if (total < this.acknowledged || total > this.total) return false;
    for (; this.acknowledged < total; this.acknowledged += 1, this.#from += 1)
      this.#bytes -= this.#sizes[this.#from] as number;
    if (this.#from > LIMITS.windowRecords) {
      this.#sizes = this.#sizes.slice(this.#from);
      this.#from = 0;
    }
    return true;
  }
}
