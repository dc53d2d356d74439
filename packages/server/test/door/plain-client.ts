/** A client of the door without a ledger: sends any command, and keeps every reply as text. */
import { ReplyReader, textOf } from '../support/reply-reader.ts';
import type { DoorWorld } from './door-world.ts';
import { FakeSocket } from './fake-socket.ts';

export class PlainClient {
  readonly socket: FakeSocket;
  readonly replies: string[] = [];
  readonly #reader = new ReplyReader();

  constructor(world: DoorWorld) {
    this.socket = new FakeSocket({ highWaterMark: 1024 * 1024, onSent: (bytes) => this.#left(bytes) });
    world.door.accept(this.socket.asSocket());
  }

  /** Commands of words without blanks, as one chunk. */
  send(...commands: readonly string[]): void {
    this.socket.push(wire(commands));
  }

  #left(bytes: Buffer): void {
    this.#reader.push(bytes);
    for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next()) {
      this.replies.push(reply === null ? 'nothing' : textOf(reply));
    }
  }
}

export function wire(commands: readonly string[]): Buffer {
  const texts = commands.map((command) => {
    const words = command.split(' ');
    return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  });
  return Buffer.from(texts.join(''), 'latin1');
}
