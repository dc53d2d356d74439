/**
 * The RESP door: listens, keeps its connections, and tells those that hold replies when batches end.
 */
import type { Clock } from '@torc/base/ports/clock';
import { createServer, type Server, type Socket } from 'node:net';
import type { NodeListener, TorcNode } from '@torc/node/node';
import type { RespLimits } from '@torc/wire/resp/limits';
import type { CommandTable } from './command-table.ts';
import { COMMANDS } from './commands/table.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import type { DoorInfo } from './door-info.ts';
import { UnfinishedInput } from './unfinished-input.ts';
import { processInfo } from './process-info.ts';

export interface RespDoorOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly maxConnections: number;
  readonly limits: RespLimits;
  readonly version: string;
  readonly runId: string;
}

/** How long connections may take to end when the door closes; then they are cut. */
const CLOSE_MS = 2000;

/** Replies gathered by all connections before they are sent without waiting for the end of the turn: clients go on meanwhile. */
const FLUSH_BYTES = 64 * 1024;

export class RespDoor implements NodeListener, ConnectionHost {
  readonly node: TorcNode;
  readonly table: CommandTable = COMMANDS;
  readonly limits: RespLimits;
  readonly unfinished: UnfinishedInput = new UnfinishedInput();
  readonly info: DoorInfo;
  readonly #options: RespDoorOptions;
  readonly #server: Server;
  readonly #connections = new Map<number, Connection>();
  readonly #clock: Clock;
  readonly #waiting: Connection[] = [];
  readonly #parked = new Set<Connection>();
  #resumeIsSet = false;
  readonly #resume = (): void => {
    this.#resumeIsSet = false;
    const parked = [...this.#parked];
    this.#parked.clear();
    for (const connection of parked) connection.resume();
  };
  #dirty: Connection[] = [];
  #spare: Connection[] = [];
  #dirtyBytes = 0;
  readonly #turnEnd = (): void => {
    this.#flushIsSet = false;
    this.#flushNow();
  };
  #flushIsSet = false;
  #accepted = 0;
  #turnedAway = 0;
  #commands = 0;

  constructor(node: TorcNode, clock: Clock, options: RespDoorOptions) {
    this.node = node;
    this.#clock = clock;
    this.limits = options.limits;
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.accept(socket));
    this.info = {
      ...processInfo(),
      startedWallMs: node.wallMs(),
      port: options.port,
      host: options.host,
      version: options.version,
      runId: options.runId,
      connections: () => this.#connections.size,
      totalConnections: () => this.#accepted,
      refusedConnections: () => this.#turnedAway,
      totalCommands: () => this.#commands,
      describeClient: (id) => this.#describe(id),
    };
  }

  /** Listens; resolves with the port. Rejects with the system's error, `EADDRINUSE` when the port is taken. */
  listen(): Promise<number> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: 511 }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        const bound = typeof address === 'object' && address !== null ? address.port : port;
        Object.assign(this.info, { port: bound });
        resolve(bound);
      });
    });
  }

  /** Only sends what may leave now: this is called from within the log, where no command may run. */
  durable(batch: number): void {
    let kept = 0;
    for (const connection of this.#waiting) {
      connection.release(batch);
      if (connection.holds) this.#waiting[kept++] = connection;
      else connection.waiting = false;
    }
    this.#waiting.length = kept;
    this.#resumeLater();
  }

  refused(batch: number): void {
    for (const connection of this.#waiting) connection.refuse(batch);
    this.#resumeLater();
  }

  /** Nothing more can be promised: no answer leaves, every connection is cut. */
  stopped(): void {
    for (const connection of this.#connections.values()) connection.socket.destroy();
    this.#server.close();
  }

  parked(connection: Connection): void {
    this.#parked.add(connection);
  }

  waits(connection: Connection): void {
    if (connection.waiting) return;
    connection.waiting = true;
    this.#waiting.push(connection);
  }

  sendLater(connection: Connection): void {
    if (connection.dirty) return;
    connection.dirty = true;
    if (!this.#flushIsSet) {
      this.#flushIsSet = true;
      this.#clock.onTurnEnd(this.#turnEnd);
    }
    this.#dirty.push(connection);
    this.#dirtyBytes += connection.replyBytes;
    if (this.#dirtyBytes >= FLUSH_BYTES) this.#flushNow();
  }

  gone(connection: Connection): void {
    this.#connections.delete(connection.session.id);
    this.#parked.delete(connection);
  }

  countCommand(): void {
    this.#commands += 1;
  }

  /** Takes no new connection and no further command. */
  finish(): void {
    this.#server.close();
    for (const connection of this.#connections.values()) connection.finish();
  }

  /** Waits for the connections to end, and cuts those that do not. */
  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    const cut = setTimeout(() => {
      for (const connection of this.#connections.values()) connection.socket.destroy();
    }, CLOSE_MS);
    for (const connection of this.#connections.values()) connection.socket.end();
    await ended;
    clearTimeout(cut);
  }

  #resumeLater(): void {
    if (this.#resumeIsSet || this.#parked.size === 0) return;
    this.#resumeIsSet = true;
    this.#clock.onTurnEnd(this.#resume);
  }

  #flushNow(): void {
    const dirty = this.#dirty;
    this.#dirty = this.#spare;
    this.#spare = dirty;
    this.#dirtyBytes = 0;
    for (let i = 0; i < dirty.length; i += 1) {
      const connection = dirty[i] as Connection;
      connection.dirty = false;
      connection.flush();
    }
    dirty.length = 0;
  }

  /** Takes a connection: those that come in, and in tests whatever behaves as a socket. */
  accept(socket: Socket): void {
    if (this.#connections.size >= this.#options.maxConnections) {
      this.#turnedAway += 1;
      socket.on('error', () => socket.destroy());
      socket.end('-ERR max number of clients reached\r\n');
      return;
    }
    this.#accepted += 1;
    const connection = new Connection(this, socket, this.#accepted);
    this.#connections.set(connection.session.id, connection);
  }

  #describe(id: number): string {
    const connection = this.#connections.get(id);
    if (connection === undefined) return '';
    const { socket, session } = connection;
    const address = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
    return `id=${id} addr=${address} name=${session.name} db=${session.db} resp=${session.reply.protocol}`;
  }
}
