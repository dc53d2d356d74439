/**
 * A socket without a network, for `RespDoor.accept`: a duplex stream with the few members of `net.Socket` that a connection
 * uses. Its peer may be slow: then what is written stays with the stream until `drain`.
 *
 * What has left the server is known at the call of `write`; what the peer gets is read only when it is taken. The two must
 * be the same bytes: else the server used an array again that still belonged to the socket.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

export interface FakeSocketOptions {
  /** Unsent bytes at which the stream asks the server to wait. */
  readonly highWaterMark: number;
  /** Told what leaves the server, at the moment it leaves. */
  readonly onSent: (bytes: Buffer) => void;
}

export class FakeSocket extends Duplex {
  readonly remoteAddress = 'nowhere';
  readonly remotePort = 1;
  /** How many bytes the peer got. */
  takenBytes = 0;
  /** The server ended its side, and everything before that was taken. */
  ended = false;
  readonly #onSent: (bytes: Buffer) => void;
  /** Copies of what was written and not taken yet. */
  readonly #copies: Buffer[] = [];
  #slow = false;
  #take: (() => void) | undefined;

  constructor({ highWaterMark, onSent }: FakeSocketOptions) {
    super({ allowHalfOpen: true, writableHighWaterMark: highWaterMark });
    this.#onSent = onSent;
  }

  asSocket(): Socket {
    return this as unknown as Socket;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  /** From now on the peer takes nothing. */
  stall(): void {
    this.#slow = true;
  }

  /** The peer takes what waits, and reads on. */
  drain(): void {
    this.#slow = false;
    this.sip();
  }

  /** A stalled peer takes one piece. */
  sip(): void {
    const take = this.#take;
    this.#take = undefined;
    take?.();
  }

  override write(
    chunk: unknown,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    callback?: (error?: Error | null) => void,
  ): boolean {
    const copy = Buffer.from(chunk as Uint8Array);
    this.#copies.push(copy);
    this.#onSent(copy);
    return super.write(chunk, encoding as BufferEncoding, callback);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    const take = (): void => {
      const copy = this.#copies.shift();
      if (copy === undefined || !copy.equals(chunk)) throw new Error('the bytes changed while the socket held them');
      this.takenBytes += chunk.length;
      callback();
    };
    if (this.#slow) this.#take = take;
    else take();
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.ended = true;
    callback();
  }
}
