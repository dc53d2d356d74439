/**
 * What the bench is held against: one node over RESP (DESIGN section 15, second row), and the limit that the runtime
 * sets (its last row). An aim is met when the median of the rounds' ratios reaches it.
 */
import type { ContenderName } from './contenders.ts';

export interface Aim {
  readonly command: 'SET' | 'GET';
  readonly pipeline: number;
  /** Torc's operations a second divided by those of this one. */
  readonly against: ContenderName;
  readonly atLeast: number;
}

/** For values of this size, on this many connections, and for nothing else. */
export const aimedAt = { valueBytes: 100, connections: 50 } as const;

export const aims: readonly Aim[] = [
  { command: 'SET', pipeline: 1, against: 'redis-always', atLeast: 1 },
  { command: 'SET', pipeline: 16, against: 'redis-always', atLeast: 1.5 },
  { command: 'SET', pipeline: 100, against: 'redis-always', atLeast: 1.5 },
  { command: 'GET', pipeline: 1, against: 'redis-off', atLeast: 1 },
  { command: 'GET', pipeline: 16, against: 'redis-off', atLeast: 1 },
  { command: 'GET', pipeline: 100, against: 'redis-off', atLeast: 1 },
  { command: 'GET', pipeline: 1, against: 'floor', atLeast: 0.5 },
  { command: 'GET', pipeline: 16, against: 'floor', atLeast: 0.5 },
  { command: 'GET', pipeline: 100, against: 'floor', atLeast: 0.25 },
];
