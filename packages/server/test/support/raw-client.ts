/**
 * A Redis client of nothing but a socket, for tests that look at bytes, pipeline by hand, or misbehave. Each answered
 * command fires its callback in the order in which the commands were sent, as the protocol promises.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ReplyReader, type Reply } from './reply-reader.ts';

type Argument = string | Uint8Array;

const connectLimitMs = 10_000;
const replyLimitMs = 10_000;

export class RawClient implements Disposable {
  readonly socket: Socket;
  /** Resolves when the connection is gone, with the error that ended it, if any. */
  readonly closed: Promise<Error | undefined>;
  readonly #reader = new ReplyReader();
  readonly #waiting: ((reply: Reply | Error) => void)[] = [];
  #answered = 0;
  #error: Error | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => (this.#error = error));
    this.closed = new Promise((resolve) => socket.on('close', () => resolve(this.#error)));
    void this.closed.then((error) => this.#abandon(error ?? new Error('the connection closed')));
  }

  static async connect(port: number, options: { halfOpen?: boolean } = {}): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: options.halfOpen ?? false });
    const client = new RawClient(socket);
    await once(socket, 'connect', { signal: AbortSignal.timeout(connectLimitMs) });
    return client;
  }

  /** Sends one command; its reply. An error reply is a value; a lost connection or no answer in time rejects. */
  command(...args: readonly Argument[]): Promise<Reply> {
    return this.send(encode(args));
  }

  /** Sends bytes as they are and waits for the next reply that belongs to nobody else. */
  send(bytes: Argument): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no reply within ${replyLimitMs} ms`)), replyLimitMs);
      this.request(bytes, (reply) => {
        clearTimeout(timer);
        if (reply instanceof Error) reject(reply);
        else resolve(reply);
      });
    });
  }

  /** Sends the bytes of `count` commands as they are; their replies. No deadline. */
  sendMany(bytes: Argument, count: number): Promise<Reply[]> {
    return new Promise((resolve, reject) => {
      const replies: Reply[] = [];
      const take = (reply: Reply | Error): void => {
        if (reply instanceof Error) reject(reply);
        else if (replies.push(reply) === count) resolve(replies);
      };
      for (let n = 1; n < count; n++) this.#waiting.push(take);
      this.request(bytes, take);
    });
  }

  /** As `send`, for the many: a callback, an Error when the connection was lost first, and no deadline. */
  request(bytes: Argument, onReply: (reply: Reply | Error) => void): void {
    this.#waiting.push(onReply);
    this.socket.write(bytes);
  }

  /** Commands that were sent and have no answer yet. */
  get pending(): number {
    return this.#waiting.length - this.#answered;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #take(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
      for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next()) {
        const waiter = this.#waiting[this.#answered];
        if (waiter === undefined) throw new Error(`a reply that nobody asked for: ${JSON.stringify(reply)}`);
        this.#answered += 1;
        if (this.#answered === this.#waiting.length) this.#answered = this.#waiting.length = 0;
        waiter(reply);
      }
    } catch (error) {
      this.socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #abandon(error: Error): void {
    for (const waiter of this.#waiting.splice(0).slice(this.#answered)) waiter(error);
    this.#answered = 0;
  }
}

/** A command as a client sends it: an array of bulk strings. */
export function encode(args: readonly Argument[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes: Uint8Array = typeof arg === 'string' ? Buffer.from(arg) : arg;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}
