/** A client of the door: sends commands as bytes, and judges every reply at the moment it leaves the server. */
import { ErrorReply, ReplyReader, textOf, type Reply } from '../support/reply-reader.ts';
import { setOf, type DoorLedger } from './door-ledger.ts';
import { FakeSocket } from './fake-socket.ts';

export type Command =
  | { readonly kind: 'set'; readonly key: string; readonly value: string }
  | { readonly kind: 'get' | 'del' | 'exists'; readonly key: string }
  | { readonly kind: 'ping' };

export class DoorClient {
  readonly name: string;
  readonly socket: FakeSocket;
  /** Every reply so far, as text. */
  readonly replies: string[] = [];
  readonly #ledger: DoorLedger;
  readonly #reader = new ReplyReader();
  readonly #sent: Command[] = [];
  readonly #deletions = new Map<string, number>();
  readonly #afterSend: () => void;

  constructor(name: string, ledger: DoorLedger, highWaterMark: number, afterSend: () => void = () => {}) {
    this.name = name;
    this.#ledger = ledger;
    this.#afterSend = afterSend;
    this.socket = new FakeSocket({ highWaterMark, onSent: (bytes) => this.#left(bytes) });
  }

  /** How many commands have no reply yet. */
  get unanswered(): number {
    return this.#sent.length - this.replies.length;
  }

  /** The commands as bytes; from now on their replies are expected. */
  encode(commands: readonly Command[]): Buffer {
    this.#sent.push(...commands);
    return Buffer.from(commands.map((command) => wire(command)).join(''), 'latin1');
  }

  send(...commands: Command[]): void {
    this.socket.push(this.encode(commands));
  }

  #left(bytes: Buffer): void {
    this.#reader.push(bytes);
    for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next()) {
      const command = this.#sent[this.replies.length];
      const text = reply === null ? 'nothing' : textOf(reply);
      this.replies.push(text);
      const what = `${this.name}, reply ${this.replies.length} (${text.slice(0, 20)})`;
      if (command === undefined) this.#ledger.accuse(`${what} answers no command`);
      else this.#judge(command, reply, `${what} to ${command.kind}`);
    }
    this.#afterSend();
  }

  #judge(command: Command, reply: Reply, what: string): void {
    if (reply instanceof ErrorReply) return this.#judgeError(command, reply, what);
    switch (command.kind) {
      case 'ping':
        return reply === 'PONG' ? undefined : this.#ledger.accuse(`${what} is wrong`);
      case 'exists':
        return reply === 0 || reply === 1 ? undefined : this.#ledger.accuse(`${what} is wrong`);
      case 'get':
        return this.#judgeGet(command.key, reply, what);
      case 'set': {
        const attempt = this.#ledger.set(setOf(command.value));
        if (reply !== 'OK' || attempt === undefined) this.#ledger.accuse(`${what} is wrong`);
        else this.#ledger.told(attempt, what);
        return undefined;
      }
      case 'del':
        return this.#judgeDelete(command.key, reply, what);
    }
  }

  #judgeError(command: Command, reply: ErrorReply, what: string): void {
    if (!reply.message.startsWith('DISKFULL ')) return this.#ledger.accuse(`${what} is not expected`);
    if (command.kind === 'set') {
      const attempt = this.#ledger.set(setOf(command.value));
      if (attempt !== undefined && attempt.state !== 'refused') this.#ledger.accuse(`${what}: it is ${attempt.state}`);
    } else if (command.kind === 'del') {
      const attempt = this.#ledger.deletion(command.key, this.#nextDeletion(command.key));
      if (attempt !== undefined && attempt.state !== 'refused') this.#ledger.accuse(`${what}: it is ${attempt.state}`);
    } else if (this.#ledger.refusals === 0) {
      this.#ledger.accuse(`${what}: nothing was refused`);
    }
  }

  #judgeGet(key: string, reply: Reply, what: string): void {
    if (reply === null) return;
    const value = Buffer.isBuffer(reply) ? reply.toString('latin1') : '';
    const attempt = this.#ledger.set(setOf(value));
    if (attempt?.key !== key || attempt.value !== value) this.#ledger.accuse(`${what}: nobody wrote that`);
    else this.#ledger.told(attempt, what);
  }

  #judgeDelete(key: string, reply: Reply, what: string): void {
    const n = this.#nextDeletion(key);
    const attempt = this.#ledger.deletion(key, n);
    if (n >= this.#ledger.ranDeletions(key)) this.#ledger.accuse(`${what}: it has not run`);
    if (reply !== (attempt === undefined ? 0 : 1)) this.#ledger.accuse(`${what} is wrong`);
    if (attempt !== undefined) this.#ledger.told(attempt, what);
  }

  #nextDeletion(key: string): number {
    const n = this.#deletions.get(key) ?? 0;
    this.#deletions.set(key, n + 1);
    return n;
  }
}

function wire(command: Command): string {
  const words: string[] = [command.kind];
  if (command.kind !== 'ping') words.push(command.key);
  if (command.kind === 'set') words.push(command.value);
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}
