/**
 * What a command sees of its connection: arguments, reply, the node, and the little state that Redis keeps per client.
 */
import type { TorcNode } from '@torc/node/node';
import type { Coordinator } from '@torc/node/coordinator/coordinator';
import { NextVersion, ReadView } from '@torc/node/replica/views';
import { printableText } from '@torc/base/bytes';
import type { RespDecoder } from '@torc/wire/resp/decoder';
import type { ReplyBuffer } from '@torc/wire/resp/reply-buffer';
import type { Command } from './command.ts';
import { keyArguments } from './command-keys.ts';
import type { DoorInfo } from './door-info.ts';

/** What a message shows of an argument. */
const SHOWN_BYTES = 128;

/** A safe integer with its sign. */
const MOST_DIGITS = 17;

export class Session {
  readonly id: number;
  readonly node: TorcNode;
  readonly coordinator: Coordinator;
  /** The command's arguments as ranges; the name is argument 0. */
  readonly args: RespDecoder;
  readonly reply: ReplyBuffer;
  readonly info: DoorInfo;
  readonly view: ReadView = new ReadView();
  readonly next: NextVersion = new NextVersion();
  db = 0;
  name = '';
  /** The batch that the current reply waits for; 0 for none. */
  waitBatch = 0;
  /** Set to end the connection once what is written so far has left. */
  closing = false;

  constructor(id: number, node: TorcNode, args: RespDecoder, reply: ReplyBuffer, info: DoorInfo) {
    this.id = id;
    this.node = node;
    this.coordinator = node.coordinator;
    this.args = args;
    this.reply = reply;
    this.info = info;
  }

  /** The reply rests on something written just now. */
  waitForWrite(): void {
    this.waitBatch = this.node.openBatch;
  }

  /** The reply rests on what `view` says. */
  waitForRead(): void {
    if (this.view.pendingBatch > this.waitBatch) this.waitBatch = this.view.pendingBatch;
  }

  /** Sees that the records of the command's keys can be read in this turn: throws what reading them throws. */
  touch(command: Command): void {
    for (const arg of keyArguments(command, this.args.count)) {
      const start = this.args.starts[arg] as number;
      this.coordinator.read(this.db, this.args.bytes, start, this.args.ends[arg] as number, this.view);
    }
  }

  /** An argument as text for a message or a name: ASCII, the rest escaped; cut behind `most` bytes. */
  text(arg: number, most: number = SHOWN_BYTES): string {
    const { bytes, starts, ends } = this.args;
    const start = starts[arg] as number;
    return printableText(bytes, start, Math.min(ends[arg] as number, start + most));
  }

  /** Whether an argument is this word; `lower` is in lower case. */
  isWord(arg: number, lower: string): boolean {
    const { bytes, starts, ends } = this.args;
    const start = starts[arg] as number;
    if ((ends[arg] as number) - start !== lower.length) return false;
    for (let i = 0; i < lower.length; i += 1) {
      if (((bytes[start + i] as number) | 0x20) !== (lower.charCodeAt(i) | 0x20)) return false;
    }
    return true;
  }

  /** An argument as a safe integer, or `undefined`: digits with an optional minus, no blanks, no leading zeros. */
  integer(arg: number): number | undefined {
    const text = this.text(arg, MOST_DIGITS + 1);
    if (!/^(0|-?[1-9][0-9]{0,15})$/.test(text)) return undefined;
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : undefined;
  }
}
