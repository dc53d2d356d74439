/**
 * Who takes part: redis-server at three durabilities, Torc as a user starts it, and the floor.
 *
 * Redis gets its best case: no snapshots and no rewrite of its log during the run. Torc gets its default: durable
 * before the acknowledgement, flushes and compactions included.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';
import { freePort, startServer, type ServerProcess } from './server-process.ts';

export const contenderNames = ['redis-always', 'redis-everysec', 'redis-off', 'torc', 'floor'] as const;

export type ContenderName = (typeof contenderNames)[number];

export const contenderMeaning: Readonly<Record<ContenderName, string>> = {
  'redis-everysec': 'redis-server, appendonly yes, appendfsync everysec',
  'redis-off': 'redis-server, appendonly no: memory only',
  'redis-always': 'redis-server, appendonly yes, appendfsync always: as durable as Torc',
  torc: 'one Torc node with its defaults: durable before the acknowledgement',
  floor: 'a server in the same runtime that only parses and answers',
};

/**
 * The order within a round; every other round runs it backwards. Torc stands between what it is held against in that
 * row, so that the two sides of a ratio are measured one right after the other.
 */
export const roundOrder: Readonly<Record<'SET' | 'GET', readonly ContenderName[]>> = {
  SET: ['redis-everysec', 'redis-off', 'redis-always', 'torc', 'floor'],
  GET: ['redis-everysec', 'redis-always', 'redis-off', 'torc', 'floor'],
};

export interface StartOptions {
  readonly name: ContenderName;
  /** An empty folder of its own will be made in here. */
  readonly dataRoot: string;
  readonly valueBytes: number;
  /** Torc's main file; `.ts` runs from source. */
  readonly torcMain: string;
}

export async function startContender(options: StartOptions): Promise<ServerProcess> {
  const { name, valueBytes } = options;
  const folder = join(options.dataRoot, name);
  mkdirSync(folder, { recursive: true });
  if (name === 'torc') return startTorc(options.torcMain, folder);
  if (name === 'floor') {
    const file = join(root, 'tools', 'bench', 'floor-server.ts');
    return startServer({ file: process.execPath, args: [file, String(valueBytes)], ready: /floor ready port=(\d+)/ });
  }
  return startRedis(name, folder);
}

const neverRewrite = ['--save', '', '--auto-aof-rewrite-percentage', '0'];

function startTorc(main: string, folder: string): Promise<ServerProcess> {
  const source = main.endsWith('.ts') ? ['--conditions=torc-src'] : [];
  return startServer({
    file: process.execPath,
    args: [...source, main, 'start', '--port', '0', '--data', folder],
    ready: /^torc ready resp=\S+:(\d+)/m,
  });
}

async function startRedis(
  name: 'redis-always' | 'redis-everysec' | 'redis-off',
  folder: string,
): Promise<ServerProcess> {
  const port = await freePort();
  const durability =
    name === 'redis-off'
      ? ['--appendonly', 'no']
      : ['--appendonly', 'yes', '--appendfsync', name.slice('redis-'.length)];
  return startServer({
    file: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...neverRewrite, ...durability],
    ready: /Ready to accept connections/,
    port,
  });
}
