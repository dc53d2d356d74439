/**
 * A server that the bench started: its port, and the way to end it. Each one is ended by the handle of its own child
 * process, also when the bench is interrupted; nothing else on the machine is ever touched.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** What its output says when it serves. A first group, where there is one, is the port. */
  readonly ready: RegExp;
  /** Where the port is given to the program and not chosen by it. */
  readonly port?: number;
}

export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

const readyLimitMs = 30_000;
const stopLimitMs = 10_000;
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export async function startServer(program: Program): Promise<ServerProcess> {
  const child = spawn(program.file, program.args, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.on('exit', () => running.delete(child));
  let output = '';
  const name = [program.file, ...program.args].join(' ');
  const match = await new Promise<RegExpExecArray>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${name}\n${why}; its output:\n${output}`));
    const timer = setTimeout(() => fail(`did not become ready within ${readyLimitMs} ms`), readyLimitMs);
    const read = (chunk: Buffer): void => {
      // Kept short: a server that logs a lot must not fill the bench's memory.
      output = (output + chunk.toString('utf8')).slice(-20_000);
      const found = program.ready.exec(output);
      if (found === null) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code) => fail(`ended early with ${code}`));
  });
  const port = program.port ?? Number(match[1]);
  return { port, pid: child.pid ?? 0, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  await gone;
  clearTimeout(timer);
}

/** A port that was free a moment ago, for servers that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
