/**
 * The real executor: the `Executor` port over worker threads, each with the jobs of one module.
 *
 * 1. Every request is settled: by its answer, or with an `ExecutorError` when its worker ends.
 * 2. A worker that ended is replaced when the next job comes; its failure is told to the jobs it had, and only to them.
 * 3. An idle executor does not keep the process alive; one with jobs does.
 *
 * The worker's file is found beside this one with this one's extension: a build renames both, and rewrites no URL.
 */
import { Worker } from 'node:worker_threads';
import { assert } from '@torc/base/assert';
import { ExecutorError } from '@torc/base/errors';
import type { Executor } from '@torc/base/ports/executor';
import { type JobReply, type JobRequest, movable, type WorkerSettings } from './executor-messages.ts';

export interface WorkerExecutorOptions {
  /** A module, by package specifier or file URL, that exports `createJobs(settings)`. */
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

  run(kind: string, input: Uint8Array, shared?: SharedArrayBuffer): Promise<Uint8Array> {
    if (this.#closing !== undefined) return Promise.reject(new ExecutorError('the executor is closed'));
    return this.#leastBusy().run(kind, input, shared);
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
  reject(error: ExecutorError): void;
}

/** One worker and those who wait for it. */
class Hand {
  ended = false;
  readonly #worker: Worker;
  readonly #waiting: Map<number, Waiting> = new Map();
  #nextId = 0;
  #onIdle: (() => void) | undefined;

  constructor(settings: WorkerSettings) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./executor-worker-entry.${extension}`, import.meta.url), {
      workerData: settings,
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

  run(kind: string, input: Uint8Array, shared: SharedArrayBuffer | undefined): Promise<Uint8Array> {
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
    else waiting.reject(new ExecutorError(reply.error));
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
