/** The process of one store: does what the bench asks for, one thing after the other. */
import { mkdirSync, rmSync } from 'node:fs';
import { drawNumbers, runClients, runFill, runGets, runScans } from './load.ts';
import type {
  Figures,
  FillMeasured,
  FillRequest,
  Measured,
  Opened,
  Operation,
  Requests,
  RowRequest,
} from './protocol.ts';
import { randomFrom } from './random.ts';
import { rows, type RowName } from './rows.ts';
import type { BenchStore, FillWay, OpenOptions } from './store.ts';
import { openStore, type StoreName } from './stores/names.ts';
import { diskBytes, residentBytes, settled, writtenBytes } from './usage.ts';

type Handlers = {
  readonly [Name in Operation]: (request: Requests[Name]['request']) => Promise<Requests[Name]['result']>;
};

export class Host {
  readonly handlers: Handlers = {
    open: (request) => this.#open(request),
    fill: ({ from, to }) => this.#fill(to - from, (i) => from + i),
    verify: ({ from, to }) => {
      for (let number = from; number < to; number += 1) this.#opened.get(number);
      return Promise.resolve(to - from);
    },
    overwrite: ({ keys, count, seed }) => {
      const random = randomFrom(seed);
      return this.#fill(count, () => Math.floor(random() * keys));
    },
    warm: (request) => this.#warm(request),
    measure: (request) => this.#measure(request, this.#fastest.get(request.row) ?? 0),
    measureFill: (request) => this.#measureFill(request),
    settle: () => settled().then(() => this.#figures()),
    figures: () => Promise.resolve(this.#figures()),
    close: () => this.#close(),
  };
  #store: BenchStore | undefined;
  #options: OpenOptions | undefined;
  /** Which of the ways to do a row's work was the fastest. */
  readonly #fastest = new Map<RowName, number>();

  async #open(request: Requests['open']['request']): Promise<Opened> {
    const began = performance.now();
    const store = await this.#openStore(request.store, request);
    const openMs = performance.now() - began;
    if (request.probe !== undefined) store.get(request.probe);
    return { openMs, firstGetMs: performance.now() - began };
  }

  async #openStore(name: StoreName, options: OpenOptions): Promise<BenchStore> {
    mkdirSync(options.folder, { recursive: true });
    this.#store = await openStore(name, options);
    this.#options = options;
    return this.#store;
  }

  #fill(count: number, numberAt: (i: number) => number): Promise<Measured> {
    const [way] = this.#opened.fills;
    return runFill(way as FillWay, this.#openedWith.valueBytes, count, numberAt);
  }

  async #warm(request: RowRequest): Promise<readonly Measured[]> {
    const { work, puts } = rows[request.row];
    const store = this.#opened;
    const all = work === 'get' ? store.gets : work === 'scan' ? store.scans : store.puts;
    // Where nothing is put there is nothing to compare.
    const ways = work === 'mixed' && puts === 0 ? all.slice(0, 1) : all;
    const tried: Measured[] = [];
    for (let way = 0; way < ways.length; way += 1) {
      // Twice: the first time is for the compiler.
      await this.#measure({ ...request, seconds: request.seconds / 2 }, way);
      tried.push(await this.#measure(request, way));
    }
    this.#fastest.set(request.row, fastestOf(tried));
    return tried;
  }

  async #measure({ row, keys, seconds, seed }: RowRequest, way: number): Promise<Measured> {
    const { work, clients, puts, draw } = rows[row];
    const store = this.#opened;
    if (work === 'scan') return runScans(at(store.scans, way), seconds, keys);
    const numbers = drawNumbers({ keys, kind: draw, seed });
    const result =
      work === 'get'
        ? await runGets(at(store.gets, way), seconds, numbers)
        : await runClients(store, at(store.puts, way), { clients, puts, seconds, numbers });
    // What this left to do in the background must not run while another store is measured.
    if (puts > 0) await settled();
    return result;
  }

  async #measureFill(request: FillRequest): Promise<FillMeasured> {
    if (request.compare) {
      const ways = await this.#withEmpty(request, (store) => Promise.resolve(store.fills.length));
      const tried: Measured[] = [];
      for (let way = 0; way < ways; way += 1) {
        tried.push(await this.#fillEmpty({ ...request, keys: Math.ceil(request.keys / 10) }, way));
      }
      this.#fastest.set('fill', fastestOf(tried));
    }
    return this.#fillEmpty(request, this.#fastest.get('fill') ?? 0);
  }

  #fillEmpty(request: FillRequest, way: number): Promise<FillMeasured> {
    return this.#withEmpty(request, async (store) => {
      globalThis.gc?.();
      const before = this.#figures();
      const result = await runFill(at(store.fills, way), request.valueBytes, request.keys, (i) => i);
      await settled();
      globalThis.gc?.();
      const after = this.#figures();
      for (let number = 0; number < request.keys; number += 97) store.get(number);
      return {
        ...result,
        memoryBytes: after.rssBytes - before.rssBytes,
        writtenBytes: after.writtenBytes - before.writtenBytes,
        diskBytes: after.diskBytes,
      };
    });
  }

  async #withEmpty<Result>(request: FillRequest, run: (store: BenchStore) => Promise<Result>): Promise<Result> {
    rmSync(request.folder, { recursive: true, force: true });
    const store = await this.#openStore(request.store, request);
    try {
      return await run(store);
    } finally {
      await this.#close();
      rmSync(request.folder, { recursive: true, force: true });
    }
  }

  #figures(): Figures {
    const own = this.#store?.writtenBytes?.();
    return {
      rssBytes: residentBytes(process.pid).now,
      writtenBytes: writtenBytes(),
      ...(own === undefined ? {} : { storeWrittenBytes: own }),
      diskBytes: diskBytes(this.#openedWith.folder),
    };
  }

  async #close(): Promise<Figures> {
    const store = this.#opened;
    this.#store = undefined;
    await store.close();
    return this.#figures();
  }

  get #opened(): BenchStore {
    if (this.#store === undefined) throw new Error('no store is open');
    return this.#store;
  }

  get #openedWith(): OpenOptions {
    if (this.#options === undefined) throw new Error('no store was opened');
    return this.#options;
  }
}

function at<Way>(ways: readonly Way[], way: number): Way {
  const found = ways[way];
  if (found === undefined) throw new RangeError(`there is no way ${way}`);
  return found;
}

function fastestOf(tried: readonly Measured[]): number {
  const best = Math.max(...tried.map(({ opsPerSec }) => opsPerSec));
  return tried.findIndex(({ opsPerSec }) => opsPerSec === best);
}
