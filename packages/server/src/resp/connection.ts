/**
 * One client connection: bytes in, commands run, replies out.
 *
 * Bounds: while a reply cannot leave, because the client does not read or because too much waits for a sync, no further
 * command is decoded and the socket is paused; so a connection holds at most `REPLY_BYTES`, one reply more, and a chunk.
 */
import type { Socket } from 'node:net';
import { DamageError, DiskError, Refusal } from '@torc/base/errors';
import type { TorcNode } from '@torc/node/node';
import { NeedsDisk } from '@torc/storage/read/needs-disk';
import { BROKEN, MORE, RespDecoder } from '@torc/wire/resp/decoder';
import { KeyScout } from '@torc/wire/resp/key-scout';
import type { RespLimits } from '@torc/wire/resp/limits';
import { ReplyBuffer } from '@torc/wire/resp/reply-buffer';
import type { Command } from './command.ts';
import { commandKeys, hasSeveralKeys } from './command-keys.ts';
import type { CommandTable } from './command-table.ts';
import type { DoorInfo } from './door-info.ts';
import { HeldReplies } from './held-replies.ts';
import { readFailureReply, refusalReply, unknownCommand } from './refusals.ts';
import { Session } from './session.ts';
import type { UnfinishedInput } from './unfinished-input.ts';

/** Replies gathered before they are sent without waiting for the end of the chunk. */
const REPLY_BYTES = 256 * 1024;

/** With so much waiting for the next sync, no more is taken until it is through. */
const OPEN_BYTES = 8 * 1024 * 1024;

/**
 * So much is synced before the turn ends: the clients that wait for it can go on while the rest of the turn's work is done,
 * and the cost of the sync is small beside that of so many writes.
 */
const COMMIT_BYTES = 256 * 1024;

/** How long a client may take to close its side after we closed ours. */
const LINGER_MS = 5000;

/** Used within one call at a time, by all connections. */
const SCOUT = new KeyScout();

/** What the door does for its connections. */
export interface ConnectionHost {
  readonly node: TorcNode;
  readonly table: CommandTable;
  readonly limits: RespLimits;
  readonly unfinished: UnfinishedInput;
  readonly info: DoorInfo;
  countCommand(): void;
  /** Calls `flush` at the end of the turn: replies of one turn leave together, so that clients wake up together. */
  sendLater(connection: Connection): void;
  /** The connection holds replies: tell it when batches end. */
  waits(connection: Connection): void;
  /** The connection stopped for what waits for a sync: resume it when a batch ends, in a turn of its own. */
  parked(connection: Connection): void;
  gone(connection: Connection): void;
}

export class Connection {
  readonly session: Session;
  readonly socket: Socket;
  /** Whether the door has it on the list of those that wait. */
  waiting = false;
  /** Whether the door will flush it at the end of the turn. */
  dirty = false;
  readonly #host: ConnectionHost;
  readonly #decoder: RespDecoder;
  readonly #reply = new ReplyBuffer();
  readonly #held = new HeldReplies();
  /** The client does not read fast enough: nothing is decoded until the socket drains. */
  #blocked = false;
  /** Decoding stopped in the middle of what arrived. */
  #parked = false;
  /** What the next command needs is being brought from the disk. */
  #loading = false;
  /** It has been brought: the command may read in the turn what is missing after all. */
  #loaded = false;
  #inputEnded = false;
  /** What the door has been told of unfinished input. */
  #keptBytes = 0;
  #outputEnded = false;
  /** Where the reply of the command that runs begins; moves when what stands before it is sent or rewritten. */
  #began = 0;

  constructor(host: ConnectionHost, socket: Socket, id: number) {
    this.#host = host;
    this.socket = socket;
    this.#decoder = new RespDecoder(host.limits);
    this.session = new Session(id, host.node, this.#decoder, this.#reply, host.info);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#drained());
    socket.on('end', () => this.#ended());
    // A reset is the client's business; 'close' follows.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }

  /** Every batch up to this one is durable. */
  release(batch: number): void {
    if (this.#held.release(batch)) this.#send();
  }

  /** The batch was refused: each of its replies becomes an error. */
  refuse(batch: number): void {
    const voided = this.#held.refuse(batch);
    if (voided === undefined) return;
    this.#reply.end = voided.from;
    for (let i = 0; i < voided.replies; i += 1) {
      this.#reply.error('DISKFULL the disk is full: nothing was written; reads and deletes still work');
    }
    this.#began = this.#reply.end;
    this.#send();
  }

  /** Goes on where it stopped, unless it must stop again at once. Never called from within the log: commands run here. */
  resume(): void {
    if (!this.#parked || this.socket.destroyed) return;
    if (this.#mustPark()) return this.#park();
    this.#parked = false;
    this.#run();
    if (!this.#parked) this.socket.resume();
  }

  get replyBytes(): number {
    return this.#reply.end;
  }

  flush(): void {
    this.#send();
  }

  get holds(): boolean {
    return this.#held.any;
  }

  /** Takes no further command and ends when what is under way has been answered. */
  finish(): void {
    this.session.closing = true;
    if (!this.#held.any) this.#send();
  }

  #receive(chunk: Buffer): void {
    if (this.session.closing) return;
    this.#decoder.feed(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
    this.#run();
  }

  #run(): void {
    const { session } = this;
    let foreseen = 0;
    while (!session.closing) {
      if (this.#mustPark()) {
        this.#park();
        break;
      }
      if (foreseen === 0) foreseen = this.#lookAhead();
      foreseen -= 1;
      const progress = this.#decoder.next();
      if (progress === MORE) break;
      if (progress === BROKEN) {
        this.#reply.error(`ERR ${this.#decoder.problem}`);
        this.#hold(0);
        session.closing = true;
        break;
      }
      this.#execute();
      if (this.#reply.end >= REPLY_BYTES) this.#send();
    }
    session.coordinator.forget();
    this.#decoder.keep();
    if (!this.#countKept(this.#decoder.heldBytes)) {
      this.#reply.error('ERR too many bytes of unfinished commands on all connections: try again later');
      session.closing = true;
    }
    this.#host.sendLater(this);
    if (this.#host.node.openBytes >= COMMIT_BYTES) this.#host.node.commitSoon();
  }

  /** Has the memory that the next commands of a pipeline need fetched side by side. Answers how many those are. */
  #lookAhead(): number {
    const found = this.#decoder.scout(SCOUT);
    if (found < 2) return 1;
    this.session.coordinator.foresee(this.session.db, SCOUT.bytes, SCOUT.starts, SCOUT.ends, found);
    return found;
  }

  #countKept(heldBytes: number): boolean {
    const more = heldBytes - this.#keptBytes;
    this.#keptBytes = heldBytes;
    return more === 0 || this.#host.unfinished.admits(more, heldBytes);
  }

  #closed(): void {
    this.#countKept(0);
    this.#host.gone(this);
  }

  /** Stops decoding. A full socket ends that by draining; the end of a batch ends the rest. */
  #park(): void {
    this.#parked = true;
    this.socket.pause();
    if (!this.#blocked && !this.#loading) this.#host.parked(this);
  }

  #mustPark(): boolean {
    return this.#loading || this.#blocked || this.#reply.end >= REPLY_BYTES || this.#host.node.openBytes >= OPEN_BYTES;
  }

  #execute(): void {
    const { session } = this;
    const args = this.#decoder;
    this.#began = this.#reply.end;
    session.waitBatch = 0;
    const command = this.#host.table.find(args.bytes, args.starts[0] as number, args.ends[0] as number);
    if (command === undefined) this.#reply.error(unknownCommand(session));
    else if (!arityFits(command, args.count))
      this.#reply.error(`ERR wrong number of arguments for '${command.name}' command`);
    else if (!this.#perform(command)) return;
    this.#host.countCommand();
    this.#hold(session.waitBatch);
  }

  /** Runs the command; `false` when what it needs has to be brought from the disk first. Then it has done nothing. */
  #perform(command: Command): boolean {
    const { node } = this.#host;
    const loaded = this.#loaded;
    this.#loaded = false;
    const several = !node.isInMemory && hasSeveralKeys(command, this.#decoder);
    try {
      if (loaded) node.withLoaded(() => this.#call(command, several));
      else this.#call(command, several);
    } catch (error) {
      if (!(error instanceof NeedsDisk)) throw error;
      this.#load(command);
      return false;
    }
    return true;
  }

  #load(command: Command): void {
    const keys = commandKeys(command, this.#decoder, this.session.db);
    this.#decoder.rewind();
    this.#loading = true;
    const goOn = (): void => {
      this.#loading = false;
      this.#loaded = true;
      this.resume();
    };
    void this.#host.node.load(keys).then(goOn, (error: unknown) => {
      // The command meets it itself, and answers; on a node that closes it is not run any more.
      if (error instanceof DamageError || error instanceof DiskError || error instanceof Refusal) goOn();
      else throw error;
    });
  }

  #hold(batch: number): void {
    this.#held.hold(batch > this.#host.node.durableBatch ? batch : 0, this.#began);
    // At once: the batch may end before this turn does.
    if (this.#held.any) this.#host.waits(this);
  }

  #call(command: Command, several: boolean): void {
    const { session } = this;
    try {
      // A command over several keys must not stop in the middle: first see that all of them can be had.
      if (several) session.touch(command);
      if (command.writes) session.coordinator.prepare();
      if (several) this.#host.node.withLoaded(() => command.run(session));
      else command.run(session);
    } catch (error) {
      if (error instanceof Refusal) this.#reply.error(refusalReply(error));
      else if (error instanceof DamageError || error instanceof DiskError) this.#reply.error(readFailureReply(error));
      else throw error;
    }
  }

  /** Sends what may leave, and ends the connection when that was asked for and nothing is left. */
  #send(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    const bytes = this.#held.freeBytes(this.#reply.end);
    if (bytes > 0) {
      socket.write(this.#reply.bytes.subarray(0, bytes));
      // When the kernel took it all at once the array is ours again.
      this.#reply.discard(bytes, socket.writableLength > 0);
      this.#held.shift(bytes);
      this.#began -= bytes;
      this.#blocked = socket.writableNeedDrain;
    }
    if (!this.#held.any && (this.session.closing || (this.#inputEnded && !this.#parked))) this.#end();
  }

  /** Ends our side; what the client still sends is passed over, for a while. */
  #end(): void {
    this.session.closing = true;
    if (this.#outputEnded) return;
    this.#outputEnded = true;
    this.socket.end();
    const linger = setTimeout(() => this.socket.destroy(), LINGER_MS).unref();
    this.socket.once('close', () => clearTimeout(linger));
  }

  #drained(): void {
    this.#blocked = false;
    this.resume();
  }

  #ended(): void {
    this.#inputEnded = true;
    if (!this.#held.any && !this.#parked) this.#send();
  }
}

function arityFits(command: Command, count: number): boolean {
  return command.arity >= 0 ? count === command.arity : count >= -command.arity;
}
