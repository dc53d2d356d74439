/**
 * What happened, line by line, and a hash over it: two runs that did the same have the same.
 *
 * The hash is always kept; lines are printed when somebody wants them.
 */
export class Trace {
  readonly #nowMs: () => number;
  readonly #print: ((line: string) => void) | undefined;
  #low = 0x811c9dc5;
  #high = 0x01000193;

  constructor(nowMs: () => number, print?: (line: string) => void) {
    this.#nowMs = nowMs;
    this.#print = print;
  }

  note(text: () => string): void {
    this.event(this.#nowMs(), text());
  }

  event(timeMs: number, text: string): void {
    const line = `${timeMs.toFixed(3).padStart(10)}  ${text}`;
    for (let at = 0; at < line.length; at += 1) {
      const unit = line.charCodeAt(at);
      this.#low = Math.imul(this.#low ^ unit, 0x01000193);
      this.#high = Math.imul(this.#high ^ unit, 0x85ebca6b) ^ (this.#low >>> 15);
    }
    this.#print?.(line);
  }

  hash(): string {
    return [this.#high, this.#low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
