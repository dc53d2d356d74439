/**
 * What the engine bench is held against: DESIGN section 15, first row, for values of 100 bytes. An aim is met when the
 * median of the rounds' ratios reaches it.
 */
import type { RowName } from './rows.ts';
import type { StoreName } from './stores/names.ts';

export interface EngineAim {
  readonly row: RowName;
  /** Torc's operations a second divided by those of this one. */
  readonly against: StoreName;
  readonly atLeast: number;
}

export const engineAims: readonly EngineAim[] = [
  { row: 'fill', against: 'classic-level', atLeast: 3 },
  { row: 'put-1', against: 'classic-level', atLeast: 1 },
  { row: 'put-16', against: 'classic-level', atLeast: 3 },
  { row: 'put-64', against: 'classic-level', atLeast: 3 },
  { row: 'hot-get', against: 'classic-level', atLeast: 3 },
  { row: 'scan', against: 'classic-level', atLeast: 3 },
  { row: 'put-16', against: 'lmdb', atLeast: 3 },
  { row: 'put-64', against: 'lmdb', atLeast: 3 },
  { row: 'hot-get', against: 'lmdb', atLeast: 1 },
];
