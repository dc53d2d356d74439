/**
 * Who hears what happens on a simulated network. Without a sink nothing is told, and no text is made.
 */
export interface TraceSink {
  /** `timeMs` is virtual. */
  event(timeMs: number, text: string): void;
}

/** Two runs with the same hash told the same events at the same times, in the same order. */
export class TraceHash implements TraceSink {
  #hash = 0x811c9dc5;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get hash(): number {
    return this.#hash >>> 0;
  }

  event(timeMs: number, text: string): void {
    this.#count++;
    // To a thousandth of a millisecond: a number prints alike everywhere.
    const row = `${Math.round(timeMs * 1000)} ${text}\n`;
    for (let i = 0; i < row.length; i++) this.#hash = Math.imul(this.#hash ^ row.charCodeAt(i), 0x01000193);
  }
}
