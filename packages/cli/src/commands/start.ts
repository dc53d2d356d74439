/** `torc start`: one node in the foreground, until SIGTERM or SIGINT. */
import process from 'node:process';
import { DamageError, DiskError } from '@torc/base/errors';
import {
  DEFAULT_MAX_CONNECTIONS,
  DEFAULT_PORT,
  DEFAULT_VALUE_BYTES,
  LARGEST_VALUE_BYTES,
  TorcServer,
  UnsafeBindError,
  type ServeOptions,
} from '@torc/server/serve';
import { keepHeapSmall } from '@torc/server/small-heap';
import type { EngineOptions } from '@torc/storage/options';
import { Command, Option } from 'commander';
import { pino } from 'pino';
import { setExitCode } from '../exit.ts';
import { engineFlags, engineSettings, type EngineFlags } from './engine-flags.ts';
import { parseWhole } from './flag-values.ts';

interface StartFlags extends EngineFlags {
  readonly port: number;
  readonly bind: string;
  readonly data: string;
  readonly maxConnections: number;
  readonly maxValueBytes: number;
  readonly salvage: boolean;
  readonly logLevel: string;
}

export function startCommand(version: string): Command {
  const command = new Command('start')
    .description('Run one node in the foreground. It prints one line beginning "torc ready" when it serves.')
    .addOption(
      new Option('--port <port>', 'RESP port; 0 picks a free one')
        .default(DEFAULT_PORT)
        .argParser(parsePort)
        .env('TORC_PORT'),
    )
    .addOption(
      new Option('--bind <address>', 'address to listen on; loopback only, until there are users')
        .default('127.0.0.1')
        .env('TORC_BIND'),
    )
    .addOption(
      new Option('--data <directory>', 'data directory; made if missing').default('./data/node-1').env('TORC_DATA'),
    )
    .addOption(
      new Option('--max-connections <count>', 'clients served at once')
        .default(DEFAULT_MAX_CONNECTIONS)
        .argParser(parseCount),
    )
    .addOption(
      new Option('--max-value-bytes <bytes>', `largest value, at most ${LARGEST_VALUE_BYTES}`)
        .default(DEFAULT_VALUE_BYTES)
        .argParser(parseValueBytes),
    )
    .option('--salvage', 'open a damaged directory, giving up what does not check out; says exactly what', false)
    .addOption(
      new Option('--log-level <level>', 'how much to log on standard error')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .env('TORC_LOG_LEVEL'),
    );
  for (const option of engineFlags()) command.addOption(option);
  return command.action((flags: StartFlags) => {
    const engine = engineSettings(flags);
    return typeof engine === 'string' ? command.error(`error: ${engine}`) : start(flags, engine, version);
  });
}

async function start(flags: StartFlags, engine: Partial<EngineOptions>, version: string): Promise<void> {
  // Before anything makes it grow: it never becomes smaller again.
  keepHeapSmall();
  let server: TorcServer;
  try {
    server = await TorcServer.start(serveOptions(flags, engine, version));
  } catch (error) {
    process.stderr.write(`torc: ${startProblem(error, flags)}\n`);
    setExitCode(1);
    return;
  }
  process.stdout.write(`torc ready resp=${server.host}:${server.port}\n`);
  if (process.stdout.isTTY || process.env['TORC_HINTS'] === '1') printHints(server.port);
  const error = await Promise.race([stopSignal(), server.failed]);
  if (error !== undefined) {
    process.stderr.write(`torc: stopped, the disk failed: ${error.message}\n`);
    process.exit(1);
  }
  await server.close();
}

function serveOptions(flags: StartFlags, engine: Partial<EngineOptions>, version: string): ServeOptions {
  return {
    dataDirectory: flags.data,
    host: flags.bind,
    port: flags.port,
    maxConnections: flags.maxConnections,
    version,
    logger: pino({ level: flags.logLevel, base: null }, pino.destination({ fd: 2, sync: true })),
    salvage: flags.salvage,
    maxValueBytes: flags.maxValueBytes,
    engine,
  };
}

/** What went wrong and what to do about it, in one line. */
function startProblem(error: unknown, flags: StartFlags): string {
  if (error instanceof UnsafeBindError) return error.message;
  if (error instanceof DamageError) {
    return `${error.message}. Acknowledged data may be lost. Copy ${flags.data} first; then --salvage opens what checks out and says what it gave up.`;
  }
  if (error instanceof DiskError) return `the data directory ${flags.data} cannot be used: ${error.message}`;
  const { code } = error as { code?: string };
  if (code === 'EADDRINUSE')
    return `port ${flags.port} is taken; choose another with --port, or --port 0 for a free one`;
  if (code === 'EACCES' || code === 'EPERM') return `not allowed: ${(error as Error).message}`;
  throw error;
}

/** Three commands to try. */
function printHints(port: number): void {
  process.stdout.write(
    `\nTry:\n  redis-cli -p ${port} set greeting hello\n  redis-cli -p ${port} get greeting\n  redis-cli -p ${port} set code 42 ex 60\n\n`,
  );
}

function stopSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(undefined));
  });
}

function parsePort(text: string): number {
  return parseWhole(text, 0, 65535);
}

function parseCount(text: string): number {
  return parseWhole(text, 1, 1_000_000);
}

function parseValueBytes(text: string): number {
  return parseWhole(text, 1, LARGEST_VALUE_BYTES);
}
