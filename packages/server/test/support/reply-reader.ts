/**
 * RESP2 and RESP3 replies, decoded for tests. On purpose it shares no code with Torc's own decoder and encoder: a
 * mistake in the one must not hide the same mistake in the other.
 */

/** An error reply, as a value: tests look at errors as often as at answers. */
export class ErrorReply {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Simple strings are strings, bulk strings are bytes, both nulls are null. */
export type Reply = string | number | bigint | boolean | null | Buffer | ErrorReply | Reply[] | Map<string, Reply>;

export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  push(chunk: Buffer): void {
    this.#bytes = this.#at === this.#bytes.length ? chunk : Buffer.concat([this.#bytes.subarray(this.#at), chunk]);
    this.#at = 0;
  }

  /** What has arrived and is not part of a reply yet. */
  get unreadBytes(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next whole reply, or undefined when its end has not arrived. Throws on what is not RESP. */
  next(): Reply | undefined {
    const start = this.#at;
    const reply = this.#read();
    if (reply === undefined) this.#at = start;
    return reply;
  }

  #read(): Reply | undefined {
    const end = this.#bytes.indexOf('\r\n', this.#at, 'latin1');
    if (end < 0) return undefined;
    const kind = String.fromCharCode(this.#bytes[this.#at] as number);
    const line = this.#bytes.toString('utf8', this.#at + 1, end);
    this.#at = end + 2;
    switch (kind) {
      case '+':
        return line;
      case '-':
        return new ErrorReply(line);
      case ':':
      case ',':
        return Number(line);
      case '(':
        return BigInt(line);
      case '#':
        return line === 't';
      case '_':
        return null;
      case '$':
      case '=':
      case '!':
        return this.#bulk(kind, Number(line));
      case '*':
      case '~':
      case '>':
        return this.#list(Number(line));
      case '%':
        return this.#map(Number(line));
      default:
        throw new Error(`not RESP: ${JSON.stringify(kind + line.slice(0, 100))}`);
    }
  }

  #bulk(kind: string, size: number): Reply | undefined {
    if (size === -1) return null;
    if (this.#bytes.length < this.#at + size + 2) return undefined;
    const bytes = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size + 2;
    if (this.#bytes.toString('latin1', this.#at - 2, this.#at) !== '\r\n') throw new Error('a bulk without its CRLF');
    if (kind === '!') return new ErrorReply(bytes.toString('utf8'));
    return kind === '=' ? bytes.subarray(4) : bytes;
  }

  #list(count: number): Reply[] | null | undefined {
    if (count === -1) return null;
    const items: Reply[] = [];
    while (items.length < count) {
      const item = this.#read();
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }

  #map(count: number): Map<string, Reply> | undefined {
    const items = this.#list(count * 2);
    if (items === undefined || items === null) return undefined;
    const map = new Map<string, Reply>();
    for (let at = 0; at < items.length; at += 2) map.set(textOf(items[at]), items[at + 1] as Reply);
    return map;
  }
}

/** A reply as text, for comparing words and for messages of failing tests. */
export function textOf(reply: Reply | undefined): string {
  if (Buffer.isBuffer(reply)) return reply.toString('latin1');
  if (reply instanceof ErrorReply) return reply.message;
  if (Array.isArray(reply)) return `[${reply.map((item) => textOf(item)).join(', ')}]`;
  if (reply instanceof Map) return textOf([...reply].flat());
  return String(reply);
}
