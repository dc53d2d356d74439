/**
 * classic-level in the bench: LevelDB with a cache as large as the budget and its other options as they come (a write
 * buffer of 4 MiB was faster here than larger ones).
 */
import { ClassicLevel } from 'classic-level';
import { DataSet, keyBytes } from '../data.ts';
import type { BenchStore, FillWay, GetWay, OpenOptions, PutWay, ScanWay } from '../store.ts';

const durable = { sync: true };
const scanPage = 1000;
const getsAtOnce = 64;

export async function openClassicLevel(options: OpenOptions): Promise<BenchStore> {
  const level = new ClassicLevel<Uint8Array, Uint8Array>(options.folder, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    cacheSize: options.budgetBytes,
  });
  await level.open();
  return new LevelStore(level, new DataSet(options.valueBytes));
}

class LevelStore implements BenchStore {
  readonly name = 'classic-level';
  readonly fills: readonly FillWay[];
  readonly puts: readonly PutWay[];
  readonly gets: readonly GetWay[];
  readonly scans: readonly ScanWay[];
  readonly #level: ClassicLevel<Uint8Array, Uint8Array>;
  readonly #data: DataSet;
  readonly #key = Buffer.alloc(keyBytes);
  /** What was put in this turn, and the promise that all of it shares. */
  #gathered: { type: 'put'; key: Uint8Array; value: Uint8Array }[] = [];
  #written: Promise<void> | undefined;

  constructor(level: ClassicLevel<Uint8Array, Uint8Array>, data: DataSet) {
    this.#level = level;
    this.#data = data;
    this.fills = [
      { way: 'batch([...]) with sync', putBatch: (numbers, start, end) => this.#putArray(numbers, start, end) },
      { way: 'chained batch with sync', putBatch: (numbers, start, end) => this.#putChained(numbers, start, end) },
    ];
    this.puts = [
      { way: 'put with sync', put: (number) => level.put(this.#newKey(number), this.#newValue(number), durable) },
      { way: 'one batch a turn with sync', put: (number) => this.#gather(number) },
    ];
    this.gets = [
      { way: 'getSync', run: (numbers, start, end) => this.#getAll(numbers, start, end) },
      { way: `getMany of ${getsAtOnce}`, run: (numbers, start, end) => this.#getMany(numbers, start, end) },
    ];
    this.scans = [{ way: `iterator, nextv(${scanPage})`, run: (limit) => this.#scan(limit) }];
  }

  get(number: number): void {
    this.#data.writeKey(number, this.#key, 0);
    const value = this.#level.getSync(this.#key);
    this.#data.check(number, value, 0, value?.length ?? 0);
  }

  close(): Promise<void> {
    return this.#level.close();
  }

  #newKey(number: number): Uint8Array {
    const key = Buffer.allocUnsafe(keyBytes);
    this.#data.writeKey(number, key, 0);
    return key;
  }

  #newValue(number: number): Uint8Array {
    const value = Buffer.allocUnsafe(this.#data.valueBytes);
    this.#data.writeValue(number, value, 0);
    return value;
  }

  #putArray(numbers: Uint32Array, start: number, end: number): Promise<void> {
    const operations = [];
    for (let i = start; i < end; i += 1) {
      const number = numbers[i] as number;
      operations.push({ type: 'put' as const, key: this.#newKey(number), value: this.#newValue(number) });
    }
    return this.#level.batch(operations, durable);
  }

  #putChained(numbers: Uint32Array, start: number, end: number): Promise<void> {
    const batch = this.#level.batch();
    for (let i = start; i < end; i += 1) {
      const number = numbers[i] as number;
      batch.put(this.#newKey(number), this.#newValue(number));
    }
    return batch.write(durable);
  }

  #gather(number: number): Promise<void> {
    this.#gathered.push({ type: 'put', key: this.#newKey(number), value: this.#newValue(number) });
    this.#written ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        const operations = this.#gathered;
        this.#gathered = [];
        this.#written = undefined;
        this.#level.batch(operations, durable).then(resolve, reject);
      });
    });
    return this.#written;
  }

  #getAll(numbers: Uint32Array, start: number, end: number): void {
    for (let i = start; i < end; i += 1) this.get(numbers[i] as number);
  }

  async #getMany(numbers: Uint32Array, start: number, end: number): Promise<void> {
    for (let at = start; at < end; at += getsAtOnce) {
      const some = numbers.subarray(at, Math.min(at + getsAtOnce, end));
      const values = await this.#level.getMany(Array.from(some, (number) => this.#newKey(number)));
      values.forEach((value, i) => this.#data.check(some[i] as number, value, 0, value?.length ?? 0));
    }
  }

  async #scan(limit: number): Promise<number> {
    const iterator = this.#level.iterator({ limit, highWaterMarkBytes: 1024 * 1024 });
    let count = 0;
    try {
      for (;;) {
        const page = await iterator.nextv(scanPage);
        if (page.length === 0) return count;
        for (const [key, value] of page) this.#data.checkPair(key, 0, key.length, value, 0, value.length);
        count += page.length;
      }
    } finally {
      await iterator.close();
    }
  }
}
