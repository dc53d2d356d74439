/**
 * lmdb in the bench: commits that are on the disk when their promise resolves (`overlappingSync` off, which was also the
 * faster way to durable puts), no compression. It keeps no cache of its own: the kernel's pages are its cache, and the
 * budget means nothing to it.
 */
import { open, type RootDatabase } from 'lmdb';
import { DataSet, keyBytes } from '../data.ts';
import type { BenchStore, FillWay, GetWay, OpenOptions, PutWay, ScanWay } from '../store.ts';

type Database = RootDatabase<Buffer, Buffer>;

export function openLmdb(options: OpenOptions): BenchStore {
  const database: Database = open<Buffer, Buffer>({
    path: options.folder,
    // A folder and not a file, whatever its name looks like.
    noSubdir: false,
    encoding: 'binary',
    keyEncoding: 'binary',
    overlappingSync: false,
  });
  return new LmdbStore(database, new DataSet(options.valueBytes));
}

class LmdbStore implements BenchStore {
  readonly name = 'lmdb';
  readonly fills: readonly FillWay[];
  readonly puts: readonly PutWay[];
  readonly gets: readonly GetWay[];
  readonly scans: readonly ScanWay[];
  readonly #database: Database;
  readonly #data: DataSet;
  readonly #key = Buffer.alloc(keyBytes);

  constructor(database: Database, data: DataSet) {
    this.#database = database;
    this.#data = data;
    this.fills = [
      { way: 'batch of puts', putBatch: (numbers, start, end) => this.#putBatch(numbers, start, end) },
      { way: 'transactionSync', putBatch: (numbers, start, end) => this.#putTransaction(numbers, start, end) },
    ];
    this.puts = [{ way: 'put', put: (number) => this.#put(number) }];
    this.gets = [
      { way: 'getBinaryFast', run: (numbers, start, end) => this.#getFast(numbers, start, end) },
      { way: 'getBinary', run: (numbers, start, end) => this.#getOwn(numbers, start, end) },
    ];
    this.scans = [{ way: 'getRange', run: (limit) => this.#scan(limit) }];
  }

  get(number: number): void {
    this.#data.writeKey(number, this.#key, 0);
    const value = this.#database.getBinaryFast(this.#key);
    this.#data.check(number, value, 0, value?.length ?? 0);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #newKey(number: number): Buffer {
    const key = Buffer.allocUnsafe(keyBytes);
    this.#data.writeKey(number, key, 0);
    return key;
  }

  #newValue(number: number): Buffer {
    const value = Buffer.allocUnsafe(this.#data.valueBytes);
    this.#data.writeValue(number, value, 0);
    return value;
  }

  async #put(number: number): Promise<void> {
    await this.#database.put(this.#newKey(number), this.#newValue(number));
  }

  async #putBatch(numbers: Uint32Array, start: number, end: number): Promise<void> {
    await this.#database.batch(() => {
      for (let i = start; i < end; i += 1) void this.#put(numbers[i] as number);
    });
  }

  #putTransaction(numbers: Uint32Array, start: number, end: number): Promise<void> {
    this.#database.transactionSync(() => {
      for (let i = start; i < end; i += 1) {
        this.#database.putSync(this.#newKey(numbers[i] as number), this.#newValue(numbers[i] as number));
      }
    });
    return Promise.resolve();
  }

  #getFast(numbers: Uint32Array, start: number, end: number): void {
    for (let i = start; i < end; i += 1) this.get(numbers[i] as number);
  }

  #getOwn(numbers: Uint32Array, start: number, end: number): void {
    for (let i = start; i < end; i += 1) {
      const number = numbers[i] as number;
      this.#data.writeKey(number, this.#key, 0);
      const value = this.#database.getBinary(this.#key);
      this.#data.check(number, value, 0, value?.length ?? 0);
    }
  }

  #scan(limit: number): number {
    let count = 0;
    for (const { key, value } of this.#database.getRange({ limit })) {
      this.#data.checkPair(key, 0, key.length, value, 0, value.length);
      count += 1;
    }
    return count;
  }
}
