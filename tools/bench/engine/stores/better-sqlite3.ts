/**
 * better-sqlite3 in the bench: SQLite in the process, every call synchronous. WAL with synchronous=FULL syncs each
 * transaction before it returns, so a put is durable when it returns, and puts at the same time gain nothing.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database, { type Statement } from 'better-sqlite3';
import { DataSet, keyBytes } from '../data.ts';
import type { BenchStore, FillWay, GetWay, OpenOptions, PutWay, ScanWay } from '../store.ts';

export function openSqlite(options: OpenOptions): BenchStore {
  mkdirSync(options.folder, { recursive: true });
  const database = new Database(join(options.folder, 'bench.sqlite'));
  const cacheKiB = Math.max(64, Math.floor(options.budgetBytes / 1024));
  database.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-${cacheKiB}`);
  database.exec('CREATE TABLE IF NOT EXISTS kv (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID');
  return new SqliteStore(database, new DataSet(options.valueBytes));
}

class SqliteStore implements BenchStore {
  readonly name = 'better-sqlite3';
  readonly fills: readonly FillWay[];
  readonly puts: readonly PutWay[];
  readonly gets: readonly GetWay[];
  readonly scans: readonly ScanWay[];
  readonly #database: Database;
  readonly #data: DataSet;
  readonly #insert: Statement;
  readonly #select: Statement;
  readonly #all: Statement;
  readonly #insertAll: (numbers: Uint32Array, start: number, end: number) => void;
  readonly #key = Buffer.alloc(keyBytes);
  readonly #value: Buffer;

  constructor(database: Database, data: DataSet) {
    this.#database = database;
    this.#data = data;
    this.#value = Buffer.alloc(data.valueBytes);
    this.#insert = database.prepare('INSERT OR REPLACE INTO kv VALUES (?, ?)');
    this.#select = database.prepare('SELECT v FROM kv WHERE k = ?').pluck();
    this.#all = database.prepare('SELECT k, v FROM kv ORDER BY k LIMIT ?').raw();
    this.#insertAll = database.transaction((numbers: Uint32Array, start: number, end: number) => {
      for (let i = start; i < end; i += 1) this.#write(numbers[i] as number);
    });
    this.fills = [{ way: 'transaction', putBatch: (numbers, start, end) => this.#putBatch(numbers, start, end) }];
    this.puts = [{ way: 'insert or replace', put: (number) => this.#put(number) }];
    this.gets = [{ way: 'select', run: (numbers, start, end) => this.#getAll(numbers, start, end) }];
    this.scans = [{ way: 'select, iterated', run: (limit) => this.#scan(limit) }];
  }

  get(number: number): void {
    this.#data.writeKey(number, this.#key, 0);
    const value = this.#select.get(this.#key) as Buffer | undefined;
    this.#data.check(number, value, 0, value?.length ?? 0);
  }

  close(): Promise<void> {
    this.#database.close();
    return Promise.resolve();
  }

  #write(number: number): void {
    this.#data.writeKey(number, this.#key, 0);
    this.#data.writeValue(number, this.#value, 0);
    this.#insert.run(this.#key, this.#value);
  }

  #put(number: number): Promise<void> {
    this.#write(number);
    return Promise.resolve();
  }

  #putBatch(numbers: Uint32Array, start: number, end: number): Promise<void> {
    this.#insertAll(numbers, start, end);
    return Promise.resolve();
  }

  #getAll(numbers: Uint32Array, start: number, end: number): void {
    for (let i = start; i < end; i += 1) this.get(numbers[i] as number);
  }

  #scan(limit: number): number {
    let count = 0;
    for (const row of this.#all.iterate(limit)) {
      const [key, value] = row as [Buffer, Buffer];
      this.#data.checkPair(key, 0, key.length, value, 0, value.length);
      count += 1;
    }
    return count;
  }
}
