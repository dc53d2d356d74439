/**
 * The real executor: the `Executor` port over worker threads, each with the jobs of one module.
 *
 * 1. Every request is settled: by its answer or its job's failure, or with an `ExecutorError` when its worker ends.
 * 2. A worker that ended is replaced when the next job comes; its failure is told to the jobs it had, and only to them.
 * 3. An idle executor does not keep the process alive; one with jobs does.
 * 4. A worker's young generation is small: jobs leave hardly an object alive, but arrays whose bytes the collector does not
 *    count. With the runtime's own limit it grows to 48 MiB and more, and the jobs are no faster.
 *
 * A worker's files are found by `moduleBeside`: a build renames them, and rewrites no URL.
 */
import { Worker } from 'node:worker_threads';
import { assert } from '@torc/base/assert';
import { ExecutorError } from '@torc/base/errors';
import { type Executor, rebuildFailure } from '@torc/base/ports/executor';
import { type JobReply, type JobRequest, movable, type WorkerSettings } from './executor-messages.ts';

/** The URL of a module in the folder of `importer`, a file URL too, with its extension: `.ts` in sources, `.js` built. */
export function moduleBeside(importer: string, name: string): string {
  return new URL(`./${name}.${importer.endsWith('.ts') ? 'ts' : 'js'}`, importer).href;
}

/** Three times what the runtime allocates into before it collects. */
const YOUNG_GENERATION_MIB = 6;

export interface WorkerExecutorOptions {
  /** A module, by package specifier or file URL (`moduleBeside`), that exports `createJobs(settings)`. */
  readonly module: string;
  /** Handed to `createJobs`, copied as messages are. */
  readonly settings?: unknown;
  readonly threads: number;
}

export class WorkerExecutor implements Executor {
  readonly #settings: WorkerSettings;
  readonly #hands: (Hand | undefined)[];
  #closing: Promise<void> | undefined;

  constructor(options: WorkerExecutorOptions) {
    assert(Number.isInteger(options.threads) && options.threads >= 1, 'an executor of one thread or more');
    this.#settings = { module: options.module, settings: options.settings };
    this.#hands = new Array<Hand | undefined>(options.threads).fill(undefined);
  }

  run(kind: string, input: Uint8Array, shared?: readonly SharedArrayBuffer[]): Promise<Uint8Array> {
    if (this.#closing !== undefined) return Promise.reject(new ExecutorError('the executor is closed'));
    return this.#leastBusy().run(kind, input, shared);
  }

  /** Starts workers that have not been started: the first job need not wait for a thread and its modules. */
  warm(): void {
    if (this.#closing !== undefined) return;
    for (const [i, hand] of this.#hands.entries()) this.#hands[i] = hand ?? new Hand(this.#settings);
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#hands.map(async (hand) => hand?.close())).then(() => undefined);
    return this.#closing;
  }

  #leastBusy(): Hand {
    let best = 0;
    for (let i = 0; i < this.#hands.length; i++) if (this.#busy(i) < this.#busy(best)) best = i;
    let hand = this.#hands[best];
    if (hand === undefined || hand.ended) {
      hand = new Hand(this.#settings);
      this.#hands[best] = hand;
    }
    return hand;
  }

  #busy(index: number): number {
    return this.#hands[index]?.busy() ?? 0;
  }
}

interface Waiting {
  resolve(output: Uint8Array): void;
  reject(error: Error): void;
}

/** One worker and those who wait for it. */
class Hand {
  ended = false;
  readonly #worker: Worker;
  readonly #waiting: Map<number, Waiting> = new Map();
  #nextId = 0;
  #onIdle: (() => void) | undefined;

  constructor(settings: WorkerSettings) {
    const entry = new URL(moduleBeside(import.meta.url, 'executor-worker-entry'));
    this.#worker = new Worker(entry, {
      workerData: settings,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    });
    this.#worker.on('message', (reply: JobReply) => this.#settle(reply));
    this.#worker.on('error', (error: unknown) => {
      this.#end(error instanceof Error ? error.message : String(error));
    });
    this.#worker.on('exit', (code) => this.#end(`the worker exited with code ${code}`));
    // Last: listening for messages takes the reference again.
    this.#worker.unref();
  }

  busy(): number {
    return this.#waiting.size;
  }

  run(kind: string, input: Uint8Array, shared: readonly SharedArrayBuffer[] | undefined): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const request: JobRequest = { id, kind, input: movable(input), shared };
      this.#worker.postMessage(request, [request.input.buffer as ArrayBuffer]);
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, { resolve, reject });
    });
  }

  async close(): Promise<void> {
    if (this.#waiting.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await this.#worker.terminate();
  }

  #settle(reply: JobReply): void {
    const waiting = this.#waiting.get(reply.id);
    assert(waiting !== undefined, 'a worker answers each request once');
    this.#waiting.delete(reply.id);
    if ('output' in reply) waiting.resolve(reply.output);
    else waiting.reject(rebuildFailure(reply.failure));
    if (this.#waiting.size === 0) this.#rest();
  }

  #end(reason: string): void {
    this.ended = true;
    for (const waiting of this.#waiting.values()) waiting.reject(new ExecutorError(`the worker ended: ${reason}`));
    this.#waiting.clear();
    this.#rest();
  }

  #rest(): void {
    this.#worker.unref();
    this.#onIdle?.();
  }
}
