/**
 * Inline commands: a line of words, for people at a raw connection. Words are split at spaces and tabs; "…" understands
 * \n \r \t \a \b \\ \" and \xNN, '…' understands \' alone, as Redis does.
 */
const SPACE = 0x20;
const TAB = 0x09;
const CR = 0x0d;
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;

const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x61, 0x07],
  [0x62, 0x08],
]);

/** The words of the line, or `undefined` when a quote does not end or is followed by anything but a space. */
export function splitInline(bytes: Uint8Array, start: number, end: number): Uint8Array[] | undefined {
  const words: Uint8Array[] = [];
  const line = new InlineLine(bytes, start, bytes[end - 1] === CR && end > start ? end - 1 : end);
  for (;;) {
    line.skipSpace();
    if (line.ended) return words;
    const word = line.word();
    if (word === undefined) return undefined;
    words.push(word);
  }
}

class InlineLine {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get ended(): boolean {
    return this.#at >= this.#end;
  }

  skipSpace(): void {
    while (!this.ended && isSpace(this.#peek())) this.#at += 1;
  }

  word(): Uint8Array | undefined {
    const word: number[] = [];
    while (!this.ended && !isSpace(this.#peek())) {
      const byte = this.#take();
      if (byte !== QUOTE && byte !== APOSTROPHE) word.push(byte);
      else if (!this.#quoted(byte, word) || !(this.ended || isSpace(this.#peek()))) return undefined;
    }
    return Uint8Array.from(word);
  }

  #quoted(quote: number, word: number[]): boolean {
    while (!this.ended) {
      const byte = this.#take();
      if (byte === quote) return true;
      if (byte !== BACKSLASH || this.ended) word.push(byte);
      else if (quote === QUOTE) word.push(this.#escape());
      else if (this.#peek() === APOSTROPHE) word.push(this.#take());
      else word.push(byte);
    }
    return false;
  }

  #escape(): number {
    const byte = this.#take();
    if (byte !== 0x78 || this.#end - this.#at < 2) return ESCAPES.get(byte) ?? byte;
    const high = hexDigit(this.#bytes[this.#at] as number);
    const low = hexDigit(this.#bytes[this.#at + 1] as number);
    if (high < 0 || low < 0) return byte;
    this.#at += 2;
    return high * 16 + low;
  }

  #peek(): number {
    return this.#bytes[this.#at] as number;
  }

  #take(): number {
    const byte = this.#peek();
    this.#at += 1;
    return byte;
  }
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === CR;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
