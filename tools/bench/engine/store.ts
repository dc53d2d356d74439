/**
 * What the engine bench asks of a store, so that every contender is measured by the same code. Keys are numbers below the
 * size of the data set (`data.ts` makes bytes of them), and every value that is read is checked.
 *
 * A store may offer several ways to do the same work; the bench tries them while it warms up and measures the fastest.
 */
import type { StoreName } from './stores/names.ts';

export interface OpenOptions {
  readonly folder: string;
  /** The size of the store's cache. */
  readonly budgetBytes: number;
  /** The budget is for all that the store keeps in memory, not for its cache alone. */
  readonly holdsAll?: boolean;
  readonly valueBytes: number;
}

/** A way to put single keys. Resolves when the key is on the disk; many may be under way at once. */
export interface PutWay {
  readonly way: string;
  put(number: number): Promise<void>;
}

/** A way to read many keys, one after the other where the store is synchronous. Rejects when one is missing or wrong. */
export interface GetWay {
  readonly way: string;
  run(numbers: Uint32Array, start: number, end: number): void | Promise<void>;
}

/** A way to put many keys at once. Resolves when all of them are on the disk. */
export interface FillWay {
  readonly way: string;
  putBatch(numbers: Uint32Array, start: number, end: number): Promise<void>;
}

/** A way to read keys in the store's order, from its first on; returns how many were read, `limit` at most. */
export interface ScanWay {
  readonly way: string;
  run(limit: number): number | Promise<number>;
}

export interface BenchStore {
  readonly name: StoreName;
  readonly fills: readonly FillWay[];
  readonly puts: readonly PutWay[];
  readonly gets: readonly GetWay[];
  readonly scans: readonly ScanWay[];
  /** Reads and checks one key in the turn: what mixed loads call. */
  get(number: number): void;
  /** The store's own count of what it wrote, where it has one. */
  writtenBytes?(): number;
  close(): Promise<void>;
}
