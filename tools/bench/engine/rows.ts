/** The rows of the engine bench. Pure data. */

export const rowNames = [
  'fill',
  'put-1',
  'put-16',
  'put-64',
  'hot-get',
  'scan',
  'ycsb-a',
  'ycsb-b',
  'ycsb-c',
  'cold-get',
] as const;

export type RowName = (typeof rowNames)[number];

/**
 * Rows with the same set share a store and a process. `fill` opens an empty one each time; `hot` has memory for all its
 * data several times over; `cold` has memory for a tenth of them.
 */
export const setNames = ['fill', 'hot', 'cold'] as const;

export type SetName = (typeof setNames)[number];

export interface Row {
  readonly name: RowName;
  readonly set: SetName;
  readonly work: 'fill' | 'put' | 'get' | 'scan' | 'mixed';
  /** How many clients wait for an answer of their own at the same time. */
  readonly clients: number;
  readonly draw: 'uniform' | 'zipfian';
  /** The share of operations that are durable puts; the others are gets. */
  readonly puts: number;
  readonly about: string;
}

const mixed = { set: 'hot', work: 'mixed', clients: 16, draw: 'zipfian' } as const;
const put = { set: 'hot', work: 'put', draw: 'uniform', puts: 1 } as const;
const get = { work: 'get', clients: 1, draw: 'uniform', puts: 0 } as const;

export const rows: Readonly<Record<RowName, Row>> = {
  fill: {
    name: 'fill',
    set: 'fill',
    work: 'fill',
    clients: 1,
    draw: 'uniform',
    puts: 1,
    about: 'an empty store filled in batches of 1000 (at most 1 MiB), random key order, each batch durable',
  },
  'put-1': { ...put, name: 'put-1', clients: 1, about: 'durable puts over keys that are there, one at a time' },
  'put-16': { ...put, name: 'put-16', clients: 16, about: 'the same, 16 at the same time' },
  'put-64': { ...put, name: 'put-64', clients: 64, about: 'the same, 64 at the same time' },
  'hot-get': { ...get, name: 'hot-get', set: 'hot', about: 'gets of keys drawn evenly, all data in memory' },
  scan: {
    name: 'scan',
    set: 'hot',
    work: 'scan',
    clients: 1,
    draw: 'uniform',
    puts: 0,
    about: "keys and values read in the store's own order, from the first on",
  },
  'ycsb-a': { ...mixed, name: 'ycsb-a', puts: 0.5, about: 'half gets, half durable puts, zipfian keys, 16 clients' },
  'ycsb-b': { ...mixed, name: 'ycsb-b', puts: 0.05, about: '95 % gets, 5 % durable puts, zipfian keys, 16 clients' },
  'ycsb-c': { ...mixed, name: 'ycsb-c', puts: 0, about: 'gets alone, zipfian keys' },
  'cold-get': { ...get, name: 'cold-get', set: 'cold', about: 'gets of keys drawn evenly, data ten times the cache' },
};

/** Values of this size get every row; others a part of them, since they would tell the same again. */
export const fullValueBytes = 100;

const rowsOfOtherSizes: readonly RowName[] = ['fill', 'put-16', 'hot-get', 'scan', 'ycsb-a'];

export function rowsFor(valueBytes: number, asked: readonly RowName[]): readonly Row[] {
  return asked
    .filter((name) => valueBytes === fullValueBytes || rowsOfOtherSizes.includes(name))
    .map((name) => rows[name]);
}

/** As many keys as have the same bytes of values together, whatever the size of one. */
export function keysFor(valueBytes: number, keysOfFullRow: number): number {
  return Math.max(1000, Math.round((keysOfFullRow * fullValueBytes) / Math.max(valueBytes, fullValueBytes)));
}
