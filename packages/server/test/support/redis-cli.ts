/** Runs the redis-cli of the machine, as a user does. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const limitMs = 20_000;

/** For `{ skip: redisCliMissing }`: false where redis-cli can be run, otherwise the reason why it cannot. */
export const redisCliMissing: string | false =
  spawnSync('redis-cli', ['--version']).status !== 0 && 'redis-cli is not installed (Debian: redis-tools)';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export async function redisCli(port: number, args: readonly string[], input: string | Buffer = ''): Promise<CliResult> {
  const child = spawn('redis-cli', ['-h', '127.0.0.1', '-p', String(port), ...args], { timeout: limitMs });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  await once(child, 'close');
  return { code: child.exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') };
}

/** One command; what it printed, without the line end that redis-cli adds. Throws when redis-cli itself failed. */
export async function cliLine(port: number, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await redisCli(port, args);
  if (code !== 0 || stderr !== '') throw new Error(`redis-cli ${args.join(' ')}: exit code ${code}, ${stderr}`);
  return stdout.toString('utf8').replace(/\n$/, '');
}
