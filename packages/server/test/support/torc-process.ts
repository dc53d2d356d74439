/**
 * A Torc node as a child process, for tests that need the real thing: real sockets, real files, a real `kill -9`.
 *
 * 1. The data folder outlives the process: `restart` starts the next process on what the last one left.
 * 2. Every wait has a deadline, and an error carries what the process printed.
 * 3. Processes are ended by their own handle, also when the test run ends early.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchIn, type Launch } from './launch.ts';

const readyLimitMs = 20_000;
const exitLimitMs = 20_000;
const keptOutputChars = 64 * 1024;
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class TorcProcess implements AsyncDisposable {
  readonly folder: string;
  readonly #flags: readonly string[];
  #run: Run;

  private constructor(folder: string, flags: readonly string[], run: Run) {
    this.folder = folder;
    this.#flags = flags;
    this.#run = run;
  }

  /** Starts a node on an empty folder and waits until it serves. `flags` are those of `torc start`, at every start. */
  static async start(...flags: readonly string[]): Promise<TorcProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'torc-test-'));
    return new TorcProcess(folder, flags, await Run.ready(await launchIn(folder, flags)));
  }

  get port(): number {
    return this.#run.port;
  }

  get pid(): number {
    return this.#run.child.pid ?? 0;
  }

  /** What the process printed, both streams, its last 64 KiB. */
  get output(): string {
    return this.#run.output;
  }

  get isRunning(): boolean {
    return this.#run.isRunning;
  }

  /** `kill -9`. Resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.#run.end('SIGKILL');
  }

  /** SIGTERM. Resolves with the exit code. */
  async stop(): Promise<number | null> {
    return this.#run.end('SIGTERM');
  }

  /** The next process on the same folder, once it serves. The one before has to be gone. The port changes. */
  async restart(): Promise<void> {
    if (this.isRunning) throw new Error('restart: the process still runs');
    this.#run = await Run.ready(await launchIn(this.folder, this.#flags));
  }

  /** Starts a process on the same folder and kills it `afterMs` later, whether it was ready by then or not. */
  async startAndKill(afterMs: number): Promise<void> {
    if (this.isRunning) throw new Error('startAndKill: the process still runs');
    const run = new Run(await launchIn(this.folder, this.#flags));
    const timer = setTimeout(() => run.child.kill('SIGKILL'), afterMs);
    await run.gone;
    clearTimeout(timer);
    if (run.child.signalCode !== 'SIGKILL') throw run.wrong('ended by itself while it was starting');
  }

  /** Ends the process and removes its data. For `after`. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove();
  }
}

class Run {
  readonly child: ChildProcess;
  readonly gone: Promise<unknown>;
  output = '';
  port = 0;
  readonly #launch: Launch;

  constructor(launch: Launch) {
    this.#launch = launch;
    const child = spawn(launch.file, launch.args, { cwd: launch.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    running.add(child);
    this.gone = once(child, 'exit').finally(() => running.delete(child));
    const keep = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString('utf8')).slice(-keptOutputChars);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
  }

  static async ready(launch: Launch): Promise<Run> {
    const run = new Run(launch);
    let timer: NodeJS.Timeout | undefined;
    const match = await new Promise<RegExpExecArray>((resolve, reject) => {
      timer = setTimeout(() => reject(run.wrong(`not ready within ${readyLimitMs} ms`)), readyLimitMs);
      run.child.stdout?.on('data', () => {
        const found = launch.ready.exec(run.output);
        if (found !== null) resolve(found);
      });
      run.gone.then(
        () => reject(run.wrong('ended before it was ready')),
        (error: unknown) => reject(run.wrong(String(error))),
      );
    }).finally(() => clearTimeout(timer));
    run.port = launch.port ?? Number(match[1]);
    return run;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (!this.isRunning) return this.child.exitCode;
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), exitLimitMs);
    await this.gone;
    clearTimeout(timer);
    return this.child.exitCode;
  }

  wrong(what: string): Error {
    const { file, args } = this.#launch;
    return new Error(`${[file, ...args].join(' ')}\n${what}; it printed:\n${this.output}`);
  }
}
