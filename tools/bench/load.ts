/**
 * The load of the bench: redis-benchmark, so that nobody has to trust a load generator of ours; and the filling of the
 * keys beforehand, so that every GET finds a value.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';

export interface Load {
  readonly command: 'SET' | 'GET';
  readonly pipeline: number;
  readonly valueBytes: number;
  readonly connections: number;
  readonly keys: number;
  readonly requests: number;
}

export interface Measured {
  readonly opsPerSec: number;
  /** As redis-benchmark sees it: from the sending of a whole pipeline to its reply. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const runLimitMs = 120_000;
const fillBatch = 500;
const run = promisify(execFile);

export async function runLoad(port: number, load: Load): Promise<Measured> {
  const { command, connections, valueBytes, pipeline, keys, requests } = load;
  const server = ['-h', '127.0.0.1', '-p', String(port)];
  const shape = ['-c', String(connections), '-d', String(valueBytes), '-P', String(pipeline), '-r', String(keys)];
  const args = [...server, ...shape, '-t', command.toLowerCase(), '-n', String(requests), '--csv'];
  const { stdout } = await run('redis-benchmark', args, { timeout: runLimitMs, killSignal: 'SIGKILL' });
  return readCsv(stdout, command);
}

/** The row of one command in what `redis-benchmark --csv` prints: a heading, then a row a command, each cell quoted. */
function readCsv(text: string, command: string): Measured {
  const rows = text.split('\n').map((line) => [...line.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? ''));
  const heading = rows.find(([first]) => first === 'test') ?? [];
  const row = rows.find(([first]) => first === command);
  const cell = (name: string): number => {
    const value = Number(row?.[heading.indexOf(name)]);
    if (!(value >= 0)) throw new Error(`redis-benchmark printed no ${name} for ${command}:\n${text}`);
    return value;
  };
  return { opsPerSec: cell('rps'), p50Ms: cell('p50_latency_ms'), p99Ms: cell('p99_latency_ms') };
}

/** Sets every key that redis-benchmark will draw, and proves it by reading the first and the last of them. */
export async function fill(port: number, keys: number, valueBytes: number): Promise<void> {
  const value = 'x'.repeat(valueBytes);
  for (let first = 0; first < keys; first += fillBatch) {
    const names = Array.from({ length: Math.min(fillBatch, keys - first) }, (_, index) => keyName(first + index));
    const sent = names.map((name) => `*3\r\n$3\r\nSET\r\n$${name.length}\r\n${name}\r\n$${valueBytes}\r\n${value}\r\n`);
    await exchange(port, sent.join(''), '+OK\r\n'.repeat(names.length));
  }
  for (const name of [keyName(0), keyName(keys - 1)]) {
    await exchange(port, `*2\r\n$3\r\nGET\r\n$${name.length}\r\n${name}\r\n`, `$${valueBytes}\r\n${value}\r\n`);
  }
}

/** redis-benchmark's own form: `key:__rand_int__` with twelve digits. */
function keyName(index: number): string {
  return `key:${String(index).padStart(12, '0')}`;
}

async function exchange(port: number, send: string, want: string): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.setTimeout(runLimitMs, () => socket.destroy(new Error(`no answer within ${runLimitMs} ms`)));
  await once(socket, 'connect');
  socket.write(send, 'latin1');
  let got = '';
  for await (const chunk of socket) {
    got += (chunk as Buffer).toString('latin1');
    if (got.length >= want.length) break;
  }
  socket.destroy();
  if (got !== want) throw new Error(`filling: the server answered ${JSON.stringify(got.slice(0, 200))}`);
}
