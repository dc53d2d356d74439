/**
 * One server: real ports, a node, a RESP door. What `torc start` runs.
 */
import { randomBytes } from 'node:crypto';
import { SILENT_PROBE } from '@torc/base/ports/probe';
import { compose } from '@torc/node/compose';
import { DEFAULT_NODE_OPTIONS, MAX_VALUE_BYTES, type NodeOptions } from '@torc/node/options';
import type { NodeListener, TorcNode } from '@torc/node/node';
import type { EngineOptions } from '@torc/storage/options';
import type { RecoveryReport } from '@torc/storage/recovery';
import { DEFAULT_RESP_LIMITS } from '@torc/wire/resp/limits';
import { pino, type Logger } from 'pino';
import { SystemClock } from './clock-system.ts';
import { DirectoryLock } from './directory-lock.ts';
import { NativeCompressor } from './compressor-native.ts';
import { FsDisk } from './disk-fs.ts';
import { moduleBeside, WorkerExecutor } from './executor-worker.ts';
import { SystemRandom } from './random-system.ts';
import { RespDoor } from './resp/resp-door.ts';

export interface ServeOptions {
  readonly dataDirectory: string;
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly maxConnections: number;
  readonly version: string;
  /** The largest value taken, in bytes; at most `LARGEST_VALUE_BYTES`. */
  readonly maxValueBytes?: number;
  /** Go on past damage, giving up what does not check out. */
  readonly salvage?: boolean;
  /** The engine's settings that are not to have their defaults. */
  readonly engine?: Partial<EngineOptions>;
  readonly logger?: Logger;
}

export const DEFAULT_PORT = 7379;
export const DEFAULT_MAX_CONNECTIONS = 10_000;
export const DEFAULT_VALUE_BYTES: number = DEFAULT_NODE_OPTIONS.limits.valueBytes;
export const LARGEST_VALUE_BYTES: number = MAX_VALUE_BYTES;

/** Addresses that only this machine reaches: the only ones to listen on until there are users to ask for a password. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** A server that was asked to listen where anybody could reach it. */
export class UnsafeBindError extends Error {
  override readonly name = 'UnsafeBindError';
}

export class TorcServer {
  readonly host: string;
  readonly port: number;
  readonly recovery: RecoveryReport;
  /** Resolves with the error when the disk fails in a way after which nothing can be promised. */
  readonly failed: Promise<Error>;
  readonly #node: TorcNode;
  readonly #door: RespDoor;
  readonly #lock: DirectoryLock;
  readonly #clock: SystemClock;
  readonly #executor: WorkerExecutor;
  #closing: Promise<void> | undefined;

  private constructor(parts: ServerParts, port: number) {
    this.host = parts.options.host;
    this.port = port;
    this.failed = parts.failed;
    this.recovery = parts.node.recovery;
    this.#node = parts.node;
    this.#door = parts.door;
    this.#lock = parts.lock;
    this.#clock = parts.clock;
    this.#executor = parts.executor;
  }

  /** Recovers the directory and serves. Everything taken is let go of again when it rejects. */
  static async start(options: ServeOptions): Promise<TorcServer> {
    if (!isLoopback(options.host)) {
      throw new UnsafeBindError(
        `refusing to listen on ${options.host}: Torc has no users yet, so it serves this machine only; use --bind 127.0.0.1`,
      );
    }
    const logger = options.logger ?? pino({ level: 'silent' });
    // Makes the directory, durably, before anything is put into it.
    const disk = new FsDisk(options.dataDirectory);
    const lock = DirectoryLock.acquire(options.dataDirectory);
    const clock = new SystemClock();
    try {
      const parts = await openParts(options, logger, disk, lock, clock);
      const port = await parts.door.listen().catch(async (error: unknown) => {
        await parts.node.close();
        throw error;
      });
      // From now on writes come: the first memtable that is full must not wait for a thread to start.
      parts.executor.warm();
      return new TorcServer(parts, port);
    } catch (error) {
      clock.close();
      lock.release();
      throw error;
    }
  }

  /** Answers what is under way, makes everything durable and lets go of the directory. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#door.finish();
    await this.#node.close();
    await this.#door.close();
    await this.#executor.close();
    this.#clock.close();
    this.#lock.release();
  }
}

interface ServerParts {
  readonly options: ServeOptions;
  readonly node: TorcNode;
  readonly door: RespDoor;
  readonly lock: DirectoryLock;
  readonly clock: SystemClock;
  readonly failed: Promise<Error>;
  readonly executor: WorkerExecutor;
}

async function openParts(
  options: ServeOptions,
  logger: Logger,
  disk: FsDisk,
  lock: DirectoryLock,
  clock: SystemClock,
): Promise<ServerParts> {
  const jobs = { module: moduleBeside(import.meta.url, 'engine-jobs'), settings: { root: options.dataDirectory } };
  const ports = {
    clock,
    random: new SystemRandom(),
    disk,
    probe: SILENT_PROBE,
    compressor: new NativeCompressor(),
    executor: new WorkerExecutor({ ...jobs, threads: 1 }),
  };
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  // The node may report before the door exists: while it recovers nobody waits for an answer.
  let door: RespDoor | undefined;
  const listener: NodeListener = {
    durable: (batch) => door?.durable(batch),
    refused: (batch) => {
      logger.warn({ batch }, 'the disk is full: writes are refused until it has room again');
      door?.refused(batch);
    },
    stopped: (error) => {
      logger.fatal({ error: error.message }, 'the disk failed: the node stops, nothing unsynced was acknowledged');
      door?.stopped();
      fail(error);
    },
  };
  const node = await compose(ports, listener, nodeOptions(options));
  reportRecovery(logger, node.recovery);
  door = new RespDoor(node, clock, {
    host: options.host,
    port: options.port,
    maxConnections: options.maxConnections,
    limits: DEFAULT_RESP_LIMITS,
    version: options.version,
    runId: randomBytes(20).toString('hex'),
  });
  return { options, node, door, lock, clock, failed, executor: ports.executor };
}

function nodeOptions({ salvage = false, maxValueBytes = DEFAULT_VALUE_BYTES, engine = {} }: ServeOptions): NodeOptions {
  const { limits } = DEFAULT_NODE_OPTIONS;
  return {
    ...DEFAULT_NODE_OPTIONS,
    engine: { ...DEFAULT_NODE_OPTIONS.engine, ...engine, salvage },
    limits: { ...limits, valueBytes: Math.min(maxValueBytes, MAX_VALUE_BYTES) },
  };
}

function reportRecovery(logger: Logger, report: RecoveryReport): void {
  for (const gap of report.gaps) logger.error({ gap }, 'salvage gave up a damaged range');
  const { tables, keys, batches, cutBytes } = report;
  logger.info({ tables, keys, batches, cutBytes }, report.fresh ? 'new data directory' : 'recovered');
}
