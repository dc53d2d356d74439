/** What a node can be told. Limits are published in `docs/operating/limits.md`. */
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '@torc/storage/options';
import { DEFAULT_BUCKETS, type Bucket } from './bucket.ts';

export interface NodeLimits {
  readonly keyBytes: number;
  readonly valueBytes: number;
  /** Client writes that would leave more siblings than this are refused; convergence never is. */
  readonly siblings: number;
}

export interface NodeOptions {
  readonly engine: EngineOptions;
  readonly limits: NodeLimits;
  readonly buckets: readonly Bucket[];
}

/** No option raises the value limit above this. */
export const MAX_VALUE_BYTES: number = 16 * 1024 * 1024;

export const DEFAULT_LIMITS: NodeLimits = {
  keyBytes: 64 * 1024,
  valueBytes: 1024 * 1024,
  siblings: 100,
};

export const DEFAULT_NODE_OPTIONS: NodeOptions = {
  engine: DEFAULT_ENGINE_OPTIONS,
  limits: DEFAULT_LIMITS,
  buckets: DEFAULT_BUCKETS,
};
