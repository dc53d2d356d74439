/**
 * What the bench and the process of a store say to each other, as JSON over node's own channel. The process does one
 * thing at a time and answers each request once, with a result or an error.
 */
import type { OpenOptions } from './store.ts';
import type { StoreName } from './stores/names.ts';
import type { RowName } from './rows.ts';

export interface Requests {
  /** Opens the store; with `probe`, until the first get of that key has answered. */
  open: { request: OpenOptions & { readonly store: StoreName; readonly probe?: number }; result: Opened };
  /** Puts the numbers from `from` up to `to` in batches, in a way that was not compared with others. */
  fill: { request: { readonly from: number; readonly to: number }; result: Measured };
  /** Reads and checks every number from `from` up to `to`. */
  verify: { request: { readonly from: number; readonly to: number }; result: number };
  /** Puts numbers below `keys`, drawn at random, in batches. */
  overwrite: { request: { readonly keys: number; readonly count: number; readonly seed: number }; result: Measured };
  /** Tries every way to do a row's work, briefly, and remembers the fastest. */
  warm: { request: RowRequest; result: readonly Measured[] };
  measure: { request: RowRequest; result: Measured };
  /** An empty store filled from the beginning; it is closed and removed afterwards. */
  measureFill: { request: FillRequest; result: FillMeasured };
  /** Waits until the process neither writes nor computes. */
  settle: { request: Record<string, never>; result: Figures };
  figures: { request: Record<string, never>; result: Figures };
  close: { request: Record<string, never>; result: Figures };
}

export type Operation = keyof Requests;

export interface RowRequest {
  readonly row: RowName;
  readonly keys: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface FillRequest extends OpenOptions {
  readonly store: StoreName;
  readonly keys: number;
  /** Compares the ways first, each with a tenth of the keys. */
  readonly compare: boolean;
}

export interface Opened {
  readonly openMs: number;
  /** From the beginning of opening to the first answer. */
  readonly firstGetMs: number;
}

export interface Measured {
  readonly way: string;
  readonly operations: number;
  readonly seconds: number;
  readonly opsPerSec: number;
  /** The longest time that the event loop was kept waiting; only where the bench itself does not hold it. */
  readonly stallMs?: number;
}

export interface FillMeasured extends Measured {
  /** Memory that the process took up with the filled store, less what it had with the empty one. */
  readonly memoryBytes: number;
  /** What the kernel counts as written for this process, settled. */
  readonly writtenBytes: number;
  readonly diskBytes: number;
}

export interface Figures {
  readonly rssBytes: number;
  /** What the kernel counts as written to disks for this process since it began; 0 where it does not count. */
  readonly writtenBytes: number;
  /** The store's own count, where it has one. */
  readonly storeWrittenBytes?: number;
  /** Disk that the folder takes up. */
  readonly diskBytes: number;
}

export interface Call {
  readonly id: number;
  readonly operation: Operation;
  readonly request: unknown;
}

export interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}
