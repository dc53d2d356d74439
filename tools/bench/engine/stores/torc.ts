/**
 * Torc in the bench: a node composed in the process, below its doors. Writes are what a SET is, with stamp and clock;
 * they count when the listener says that their batch is durable. Reads are synchronous and checked in place; what is not in
 * memory is read from the disk in the turn.
 */
import { SILENT_PROBE } from '@torc/base/ports/probe';
import { compose } from '@torc/node/compose';
import type { NodeListener, ScanPlace, TorcNode } from '@torc/node/node';
import { NextVersion, ReadView } from '@torc/node/replica/views';
import { SystemClock } from '@torc/server/clock-system';
import { NativeCompressor } from '@torc/server/compressor-native';
import { DirectoryLock } from '@torc/server/directory-lock';
import { FsDisk } from '@torc/server/disk-fs';
import { WorkerExecutor } from '@torc/server/executor-worker';
import { SystemRandom } from '@torc/server/random-system';
import { DataSet, keyBytes } from '../data.ts';
import type { BenchStore, FillWay, GetWay, OpenOptions, PutWay, ScanWay } from '../store.ts';
import { torcCache, torcMemory, torcOptions } from './torc-options.ts';

const db = 0;

/** As the RESP door does: what is open above this is written before the turn ends. */
const commitBytes = 256 * 1024;

export async function openTorc(options: OpenOptions): Promise<BenchStore> {
  const disk = new FsDisk(options.folder);
  const lock = DirectoryLock.acquire(options.folder);
  const clock = new SystemClock();
  const durability = new Durability();
  // As a server has it: flush and compaction run in one worker.
  const jobs = { module: import.meta.resolve('@torc/server/engine-jobs'), settings: { root: options.folder } };
  const executor = new WorkerExecutor({ ...jobs, threads: 1 });
  const files = { disk, compressor: new NativeCompressor(), executor };
  const ports = { clock, random: new SystemRandom(), probe: SILENT_PROBE, ...files };
  const node = await compose(
    ports,
    durability,
    torcOptions(options.holdsAll === true ? torcMemory(options.budgetBytes) : torcCache(options.budgetBytes)),
  );
  const release = async (): Promise<void> => {
    await executor.close();
    clock.close();
    lock.release();
  };
  return new TorcStore(node, durability, new DataSet(options.valueBytes), release);
}

/** Hands out one promise a batch, however many wait for it. */
class Durability implements NodeListener {
  #done = 0;
  #waiting: { readonly batch: number; readonly promise: Promise<void>; readonly resolve: () => void }[] = [];

  durable(batch: number): void {
    this.#done = batch;
    let resolved = 0;
    for (const waiter of this.#waiting) {
      if (waiter.batch > batch) break;
      waiter.resolve();
      resolved += 1;
    }
    if (resolved > 0) this.#waiting = this.#waiting.slice(resolved);
  }

  refused(): void {
    throw new Error('the disk is full: the bench cannot go on');
  }

  stopped(error: Error): void {
    throw error;
  }

  of(batch: number): Promise<void> {
    if (this.#done >= batch) return Promise.resolve();
    const last = this.#waiting.at(-1);
    if (last?.batch === batch) return last.promise;
    let resolve = (): void => {};
    const promise = new Promise<void>((settle) => {
      resolve = settle;
    });
    this.#waiting.push({ batch, promise, resolve });
    return promise;
  }
}

class TorcStore implements BenchStore {
  readonly name = 'torc';
  readonly fills: readonly FillWay[];
  readonly puts: readonly PutWay[];
  readonly gets: readonly GetWay[];
  readonly scans: readonly ScanWay[];
  readonly #node: TorcNode;
  readonly #durability: Durability;
  readonly #data: DataSet;
  readonly #release: () => Promise<void>;
  readonly #key = new Uint8Array(keyBytes);
  readonly #value: Uint8Array;
  readonly #next = new NextVersion();
  readonly #view = new ReadView();
  /** What `#getOne` and `#writeOne` are about: no closure is made for an operation. */
  #number = 0;
  readonly #getOne = (): void => this.#check(this.#number);
  readonly #writeOne = (): void => this.#write(this.#number);

  constructor(node: TorcNode, durability: Durability, data: DataSet, release: () => Promise<void>) {
    this.#node = node;
    this.#durability = durability;
    this.#data = data;
    this.#release = release;
    this.#value = new Uint8Array(data.valueBytes);
    this.fills = [{ way: 'write', putBatch: (numbers, start, end) => this.#putBatch(numbers, start, end) }];
    this.puts = [{ way: 'write', put: (number) => this.#put(number) }];
    this.gets = [{ way: 'read', run: (numbers, start, end) => this.#getAll(numbers, start, end) }];
    this.scans = [{ way: 'scan', run: (limit) => this.#scan(limit) }];
  }

  get(number: number): void {
    this.#number = number;
    this.#node.withLoaded(this.#getOne);
  }

  writtenBytes(): number {
    const { logBytes, flushedBytes, compactedOutBytes } = this.#node.figures().engine;
    return logBytes + flushedBytes + compactedOutBytes;
  }

  async close(): Promise<void> {
    await this.#node.close();
    await this.#release();
  }

  #check(number: number): void {
    const view = this.#view;
    this.#data.writeKey(number, this.#key, 0);
    const found = this.#node.coordinator.read(db, this.#key, 0, keyBytes, view);
    this.#data.check(number, found ? view.bytes : undefined, view.valueStart, view.valueEnd);
  }

  #write(number: number): void {
    this.#data.writeKey(number, this.#key, 0);
    this.#data.writeValue(number, this.#value, 0);
    this.#next.value(this.#value, 0, this.#value.length, 0);
    this.#node.coordinator.write(db, this.#key, 0, keyBytes, this.#next);
  }

  #put(number: number): Promise<void> {
    this.#number = number;
    this.#node.withLoaded(this.#writeOne);
    return this.#durability.of(this.#node.openBatch);
  }

  #putBatch(numbers: Uint32Array, start: number, end: number): Promise<void> {
    let batch = 0;
    for (let i = start; i < end; i += 1) {
      this.#number = numbers[i] as number;
      this.#node.withLoaded(this.#writeOne);
      batch = this.#node.openBatch;
      if (this.#node.openBytes >= commitBytes) this.#node.commitSoon();
    }
    return this.#durability.of(batch);
  }

  #getAll(numbers: Uint32Array, start: number, end: number): void {
    this.#node.withLoaded(() => {
      for (let i = start; i < end; i += 1) this.#check(numbers[i] as number);
    });
  }

  /** In pages, as a client asks for them. */
  async #scan(limit: number): Promise<number> {
    const pageKeys = 1000;
    const data = this.#data;
    let count = 0;
    let place: ScanPlace | undefined;
    do {
      const most = Math.min(pageKeys, limit - count);
      place = await this.#node.scanValues(db, place, most, (key, start, end, value, from, to) => {
        data.checkPair(key, start, end, value, from, to);
        count += 1;
      });
    } while (place !== undefined && count < limit);
    return count;
  }
}
