/**
 * The bench's end of a store's process. It is ended by the handle of its own child, also when the bench is interrupted;
 * nothing else on the machine is ever touched.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../root.ts';
import type { Call, Operation, Reply, Requests } from './protocol.ts';

const running = new Set<ChildProcess>();
const stopLimitMs = 10_000;

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export class StoreProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  constructor() {
    const file = join(root, 'tools', 'bench', 'store-server.ts');
    this.#child = fork(file, [], {
      execArgv: ['--conditions=torc-src', '--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    running.add(this.#child);
    this.#child.on('message', (reply: Reply) => this.#answered(reply));
    this.#child.on('error', (error) => this.#ended(error));
    this.#child.on('exit', (code, signal) => this.#ended(new Error(`a store's process ended with ${code ?? signal}`)));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  call<Name extends Operation>(operation: Name, request: Requests[Name]['request']): Promise<Requests[Name]['result']> {
    const id = this.#nextId++;
    const call: Call = { id, operation, request };
    return new Promise((resolve, reject) => {
      if (!this.#child.connected) {
        reject(new Error("the store's process is gone"));
        return;
      }
      this.#pending.set(id, { resolve: (result) => resolve(result as Requests[Name]['result']), reject });
      this.#child.send(call);
    });
  }

  /** Ends it in the middle of whatever it does: `kill -9`. */
  async kill(): Promise<void> {
    if (!running.has(this.#child)) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** Ends it after its store was closed; what does not end by itself is killed. */
  async stop(): Promise<void> {
    if (!running.has(this.#child)) return;
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopLimitMs);
    await gone;
    clearTimeout(timer);
  }

  #answered({ id, result, error }: Reply): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(error));
  }

  #ended(error: Error): void {
    running.delete(this.#child);
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}
