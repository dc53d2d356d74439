/**
 * The floor of the RESP bench: a server in the same runtime as Torc that only parses and answers. `+OK` to SET, one
 * fixed value to GET, and nothing is kept. What it reaches is what sockets and parsing cost in this runtime; Torc is
 * measured against it to see what the store itself costs (DESIGN section 15, row "limit").
 *
 * It is written for speed alone: bytes in, bytes out, one reply buffer per connection that is used again as soon as the
 * kernel took it, no string and no object per operation. It trusts its one client, redis-benchmark: arrays of bulk
 * strings and nothing else. Never expose it to anything but loopback.
 *
 * Run by the bench as `node floor-server.ts VALUE_BYTES`; prints `floor ready port=N`.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';

const LF = 10;
const DOLLAR = 36;
const STAR = 42;
const LOWER_G = 103;
const LOWER_S = 115;
const TO_LOWER = 0x20;
const REPLY_BYTES = 64 * 1024;

const valueBytes = Number(process.argv[2] ?? '100');
const getReply = Buffer.from(`$${valueBytes}\r\n${'x'.repeat(valueBytes)}\r\n`, 'latin1');
const setReply = Buffer.from('+OK\r\n', 'latin1');
const errorReply = Buffer.from('-ERR the floor knows SET and GET only\r\n', 'latin1');
const longestReply = Math.max(getReply.length, errorReply.length);

class Connection {
  readonly #socket: Socket;
  #reply = Buffer.allocUnsafeSlow(Math.max(REPLY_BYTES, longestReply));
  #used = 0;
  /** The beginning of a command whose rest has not arrived. */
  #rest: Buffer | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => socket.destroy());
  }

  #take(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    let at = 0;
    while (at < bytes.length) {
      const end = this.#command(bytes, at);
      if (end < 0) {
        this.#rest = Buffer.from(bytes.subarray(at));
        break;
      }
      at = end;
    }
    if (this.#used > 0) this.#flush();
  }

  /** Answers the command that begins at `start`; returns where it ends, or -1 when its end has not arrived. */
  #command(bytes: Buffer, start: number): number {
    if (bytes[start] !== STAR) throw new Error('the floor reads arrays of bulk strings only');
    const length = bytes.length;
    let at = start + 1;
    let parts = 0;
    for (; at < length && bytes[at] !== LF; at++) if (bytes[at] !== 13) parts = parts * 10 + (bytes[at] as number) - 48;
    at += 1;
    let name = 0;
    for (let part = 0; part < parts; part++) {
      if (at >= length) return -1;
      if (bytes[at] !== DOLLAR) throw new Error('the floor reads arrays of bulk strings only');
      let size = 0;
      for (at += 1; at < length && bytes[at] !== LF; at++)
        if (bytes[at] !== 13) size = size * 10 + (bytes[at] as number) - 48;
      if (part === 0 && at + 1 < length) name = (bytes[at + 1] as number) | TO_LOWER;
      at += size + 3;
    }
    if (at > length) return -1;
    this.#answer(name === LOWER_S ? setReply : name === LOWER_G ? getReply : errorReply);
    return at;
  }

  #answer(reply: Buffer): void {
    if (this.#used + reply.length > this.#reply.length) this.#flush();
    this.#reply.set(reply, this.#used);
    this.#used += reply.length;
  }

  #flush(): void {
    this.#socket.write(this.#reply.subarray(0, this.#used));
    // A write that the kernel took at once leaves nothing behind; otherwise the stream still holds these bytes.
    if (this.#socket.writableLength > 0) this.#reply = Buffer.allocUnsafeSlow(this.#reply.length);
    this.#used = 0;
  }
}

const server = createServer((socket) => void new Connection(socket));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`floor ready port=${(server.address() as AddressInfo).port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
