/**
 * Who waits for a batch of the log to become durable. Batches settle in order, but for a refused one: that is the newest.
 */
import { Refusal } from '@torc/base/errors';

interface BatchWait {
  readonly batch: number;
  readonly resolve: (isDurable: boolean) => void;
  readonly reject: (error: Error) => void;
}

export class BatchWaits {
  #waits: BatchWait[] = [];
  #durable = 0;
  #stopped: Error | undefined;

  /**
   * Settles with `true` when the batch is durable, `false` when it was refused: nothing of it was kept. Rejects with a
   * `Refusal` `stopped` when nobody can say. Batch 0 stands for what is durable already.
   */
  wait(batch: number): Promise<boolean> {
    if (batch <= this.#durable) return Promise.resolve(true);
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    return new Promise((resolve, reject) => {
      this.#waits.push({ batch, resolve, reject });
    });
  }

  durable(batch: number): void {
    this.#durable = Math.max(this.#durable, batch);
    for (const { resolve } of this.#take((wait) => wait <= batch)) resolve(true);
  }

  refused(batch: number): void {
    for (const { resolve } of this.#take((wait) => wait === batch)) resolve(false);
  }

  stopped(error: Error): void {
    this.#stopped = new Refusal('stopped', `the log stopped: ${error.message}`);
    for (const { reject } of this.#take(() => true)) reject(this.#stopped);
  }

  #take(which: (batch: number) => boolean): readonly BatchWait[] {
    const taken = this.#waits.filter(({ batch }) => which(batch));
    if (taken.length > 0) this.#waits = this.#waits.filter(({ batch }) => !which(batch));
    return taken;
  }
}
