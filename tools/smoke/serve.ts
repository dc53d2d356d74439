/**
 * Starts a built node, does one SET and one GET as a Redis client would, and stops it: the shortest proof that an
 * artefact works. The gate does it with `dist`, the package's test with an installed tarball.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program and the arguments that stand before Torc's own: `['/usr/bin/node', 'main.js']`. */
export type Program = readonly [file: string, ...args: string[]];

const limitMs = 20_000;

/** What `--version` prints, trimmed. Throws when it exits other than 0 or prints nothing that looks like a version. */
export async function versionOf(program: Program): Promise<string> {
  const run = new Run(program, ['--version']);
  const code = await run.exit();
  const version = run.stdout.trim();
  if (code !== 0 || !/\d+\.\d+\.\d+/.test(version))
    throw run.wrong(`--version exited with ${code}, printed "${version}"`);
  return version;
}

/** Start, SET, GET, SIGTERM, exit 0. Throws an error with the node's own output when any of them goes wrong. */
export async function serveOnce(program: Program): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'torc-smoke-'));
  const run = new Run(program, ['start', '--port', '0', '--data', data]);
  try {
    const { host, port } = await run.ready();
    const set = '*3\r\n$3\r\nSET\r\n$5\r\nsmoke\r\n$5\r\nhello\r\n';
    const get = '*2\r\n$3\r\nGET\r\n$5\r\nsmoke\r\n';
    const want = '+OK\r\n$5\r\nhello\r\n';
    const got = await exchange(host, port, set + get, want.length);
    if (got !== want) throw run.wrong(`SET and GET answered ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
    run.stop();
    const code = await run.exit();
    if (code !== 0) throw run.wrong(`exited with ${code} after SIGTERM, not with 0`);
  } finally {
    run.kill();
    await rm(data, { recursive: true, force: true });
  }
}

/** One run of the program, with what it printed. */
class Run {
  stdout = '';
  #stderr = '';
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #name: string;
  readonly #closed: Promise<unknown>;
  readonly #failed: Promise<never>;

  constructor([file, ...before]: Program, args: readonly string[]) {
    this.#name = [file, ...before, ...args].join(' ');
    this.#child = spawn(file, [...before, ...args]);
    this.#child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString('utf8')));
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString('utf8')));
    this.#closed = once(this.#child, 'close');
    this.#failed = this.#closed.then(
      () => Promise.reject(this.wrong('ended too early')),
      (error: unknown) => Promise.reject(this.wrong(String(error))),
    );
    // Awaited by whoever waits for something else; without a reader of its own it would end the process.
    this.#failed.catch(() => undefined);
  }

  async ready(): Promise<{ host: string; port: number }> {
    const printed = async (): Promise<{ host: string; port: number }> => {
      for (;;) {
        const match = /^torc ready resp=(\S+):(\d+)/m.exec(this.stdout);
        if (match?.[1] !== undefined) return { host: match[1], port: Number(match[2]) };
        await once(this.#child.stdout, 'data');
      }
    };
    return this.#within(Promise.race([printed(), this.#failed]), 'print "torc ready resp=HOST:PORT"');
  }

  async exit(): Promise<number | null> {
    await this.#within(this.#closed, 'exit');
    return this.#child.exitCode;
  }

  stop(): void {
    this.#child.kill('SIGTERM');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  wrong(what: string): Error {
    return new Error(`${this.#name}\n${what}\nstdout:\n${this.stdout}\nstderr:\n${this.#stderr}`);
  }

  async #within<T>(work: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.kill();
        reject(this.wrong(`did not ${what} within ${limitMs} ms`));
      }, limitMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Sends bytes, and answers the first `sizeBytes` of what comes back (fewer when the other side closes or is late). */
async function exchange(host: string, port: number, send: string, sizeBytes: number): Promise<string> {
  const socket = connect({ host: host.replace(/^\[(.*)\]$/, '$1'), port });
  socket.setTimeout(limitMs, () => socket.destroy());
  try {
    socket.write(send);
    let answer = '';
    for await (const chunk of socket) {
      answer += (chunk as Buffer).toString('latin1');
      if (answer.length >= sizeBytes) break;
    }
    return answer;
  } finally {
    socket.destroy();
  }
}
