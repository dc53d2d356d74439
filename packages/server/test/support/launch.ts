/**
 * How the server under test is started. Normally that is Torc from source. With TORC_TEST_SERVER=redis-server it is the
 * real Redis: the end-to-end tests pass there too, which proves that they ask for what Redis does and not for what we
 * happen to do. (Tests of Torc's own promises are skipped then.)
 */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Matches the output once the server serves. */
  readonly ready: RegExp;
  /** Set where the port is given to the server; otherwise the first group of `ready` is the port. */
  readonly port?: number;
}

const checkout = fileURLToPath(new URL('../../../../', import.meta.url));

export const againstRedis: boolean = process.env['TORC_TEST_SERVER'] === 'redis-server';

/** For `{ skip: torcOnly }`: false when Torc is under test, the reason otherwise. */
export const torcOnly: string | false = againstRedis && 'a promise of Torc, and the server under test is Redis';

/** `flags` go to `torc start`. */
export async function launchIn(folder: string, flags: readonly string[] = []): Promise<Launch> {
  if (againstRedis) return launchRedis(folder);
  const args = [
    '--conditions=torc-src',
    'packages/cli/src/main.ts',
    'start',
    '--port',
    '0',
    '--data',
    folder,
    ...flags,
  ];
  return { file: process.execPath, args, cwd: checkout, ready: /^torc ready resp=\S+:(\d+)/m };
}

async function launchRedis(folder: string): Promise<Launch> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--maxclients', '10000'];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
  return { file: 'redis-server', args: [...args, ...durable], cwd: folder, ready: /Ready to accept connections/, port };
}
