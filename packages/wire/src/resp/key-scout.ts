/**
 * Looks ahead in a pipeline for the keys of the commands to come: their first arguments. A hint and no more: what it finds
 * is only used to fetch memory early, and whoever runs the commands decodes them properly. It never reads past `end`, and
 * stops at whatever does not look like a plain command.
 */
export const SCOUT_COMMANDS = 16;

const STAR = 0x2a;
const DOLLAR = 0x24;
const CR = 0x0d;
const ZERO = 0x30;

/** No number that is worth looking behind has more digits. */
const MAX_DIGITS = 7;

export class KeyScout {
  readonly starts: Int32Array = new Int32Array(SCOUT_COMMANDS);
  readonly ends: Int32Array = new Int32Array(SCOUT_COMMANDS);
  bytes: Uint8Array = new Uint8Array(0);
  /** Behind the digits that were read last. */
  #at = 0;

  /** Answers how many whole commands with a first argument follow from `from` on, at most `SCOUT_COMMANDS`. */
  scan(bytes: Uint8Array, from: number, end: number): number {
    this.bytes = bytes;
    let at = from;
    let found = 0;
    while (found < SCOUT_COMMANDS) {
      if (at >= end || bytes[at] !== STAR) break;
      const count = this.#number(bytes, at + 1, end);
      if (count < 2) break;
      at = this.#at + 2;
      for (let arg = 0; arg < count; arg += 1) {
        if (at >= end || bytes[at] !== DOLLAR) return found;
        const length = this.#number(bytes, at + 1, end);
        if (length < 0) return found;
        const start = this.#at + 2;
        at = start + length + 2;
        if (at > end) return found;
        if (arg === 1) {
          this.starts[found] = start;
          this.ends[found] = start + length;
        }
      }
      found += 1;
    }
    return found;
  }

  /** The digits from `from` to a CR, or -1. */
  #number(bytes: Uint8Array, from: number, end: number): number {
    const last = Math.min(end, from + MAX_DIGITS);
    let value = 0;
    for (let at = from; at < last; at += 1) {
      const byte = bytes[at] as number;
      if (byte === CR) {
        this.#at = at;
        return at === from ? -1 : value;
      }
      const digit = byte - ZERO;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return -1;
  }
}
