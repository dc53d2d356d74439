/** The loads of the engine bench, in the process of the store. Every one gives way to the event loop now and then. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Measured } from './protocol.ts';
import { randomFrom } from './random.ts';
import type { BenchStore, FillWay, GetWay, PutWay, ScanWay } from './store.ts';
import { watchStalls } from './usage.ts';
import { zipfian } from './zipf.ts';

const batchKeys = 1000;
const batchBytes = 1024 * 1024;
const turnMs = 10;
const chunk = 64;

/** A power of two, so that going round is a mask; large, so that going round does not make a cold key a hot one. */
const drawn = 2 ** 20;

export interface Draw {
  readonly keys: number;
  readonly kind: 'uniform' | 'zipfian';
  readonly seed: number;
}

/** Drawn before the clock runs: what a draw costs is not the store's. */
export function drawNumbers({ keys, kind, seed }: Draw): Uint32Array {
  const random = randomFrom(seed);
  const next = kind === 'zipfian' ? zipfian(keys, seed) : (): number => Math.floor(random() * keys);
  return Uint32Array.from({ length: drawn }, next);
}

/** The event loop's turns, for loads whose promises may all be settled already. */
class Turns {
  #last = performance.now();
  #next: Promise<void> | undefined;

  isDue(now: number): boolean {
    return now - this.#last >= turnMs;
  }

  /** One turn for all who ask for it: else each of many clients would hold the loop in turn before it comes round. */
  take(): Promise<void> {
    this.#next ??= nextTurn().then(() => {
      this.#next = undefined;
      this.#last = performance.now();
    });
    return this.#next;
  }
}

/** Puts `count` numbers in batches, each durable before the next begins. */
export async function runFill(
  way: FillWay,
  valueBytes: number,
  count: number,
  numberAt: (i: number) => number,
): Promise<Measured> {
  const size = Math.max(1, Math.min(batchKeys, Math.floor(batchBytes / valueBytes)));
  const batch = new Uint32Array(size);
  const turns = new Turns();
  const stalls = watchStalls();
  const began = performance.now();
  for (let first = 0; first < count; first += size) {
    const length = Math.min(size, count - first);
    for (let i = 0; i < length; i += 1) batch[i] = numberAt(first + i);
    await way.putBatch(batch, 0, length);
    if (turns.isDue(performance.now())) await turns.take();
  }
  return measured(way.way, count, began, stalls());
}

/** Durable puts and gets by clients that each wait for their own answer before they go on. */
export async function runClients(
  store: BenchStore,
  way: PutWay,
  options: { readonly clients: number; readonly puts: number; readonly seconds: number; readonly numbers: Uint32Array },
): Promise<Measured> {
  const { clients, puts, seconds, numbers } = options;
  const random = randomFrom(numbers[0] as number);
  const turns = new Turns();
  const stalls = watchStalls();
  const began = performance.now();
  const end = began + seconds * 1000;
  let done = 0;
  const client = async (): Promise<void> => {
    for (;;) {
      const number = numbers[done & (drawn - 1)] as number;
      done += 1;
      if (puts === 1 || (puts > 0 && random() < puts)) await way.put(number);
      else store.get(number);
      const now = performance.now();
      if (now >= end) return;
      if (turns.isDue(now)) await turns.take();
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const stallMs = stalls();
  return puts === 0 ? measured('get', done, began) : measured(way.way, done, began, stallMs);
}

export async function runGets(way: GetWay, seconds: number, numbers: Uint32Array): Promise<Measured> {
  const turns = new Turns();
  const began = performance.now();
  const end = began + seconds * 1000;
  let done = 0;
  for (;;) {
    const start = done & (drawn - 1);
    const pending = way.run(numbers, start, start + chunk);
    if (pending !== undefined) await pending;
    done += chunk;
    const now = performance.now();
    if (now >= end) return measured(way.way, done, began);
    if (turns.isDue(now)) await turns.take();
  }
}

/** Whole scans until the time is over; each has to find every key. */
export async function runScans(way: ScanWay, seconds: number, keys: number): Promise<Measured> {
  const began = performance.now();
  const end = began + seconds * 1000;
  let done = 0;
  do {
    const found = await way.run(keys);
    if (found !== keys) throw new Error(`a scan found ${found} of ${keys} keys`);
    done += found;
    await nextTurn();
  } while (performance.now() < end);
  return measured(way.way, done, began);
}

function measured(way: string, operations: number, began: number, stallMs?: number): Measured {
  const seconds = (performance.now() - began) / 1000;
  return { way, operations, seconds, opsPerSec: operations / seconds, ...(stallMs === undefined ? {} : { stallMs }) };
}
