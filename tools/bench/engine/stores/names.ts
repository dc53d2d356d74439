/** Who takes part in the engine bench, and how each is opened. Only what is opened is loaded. */
import type { BenchStore, OpenOptions } from '../store.ts';

export const storeNames = ['torc', 'classic-level', 'lmdb', 'better-sqlite3'] as const;

export type StoreName = (typeof storeNames)[number];

export const storeMeaning: Readonly<Record<StoreName, string>> = {
  torc: 'a Torc node composed in the process, with its defaults: every write with clock and stamp, as over RESP',
  'classic-level': 'LevelDB, Snappy on, durable writes with sync',
  lmdb: 'LMDB, durable commits, no compression',
  'better-sqlite3': 'SQLite, one table of BLOB keys WITHOUT ROWID, WAL, synchronous=FULL',
};

export async function openStore(name: StoreName, options: OpenOptions): Promise<BenchStore> {
  switch (name) {
    case 'torc':
      return (await import('./torc.ts')).openTorc(options);
    case 'classic-level':
      return (await import('./classic-level.ts')).openClassicLevel(options);
    case 'lmdb':
      return (await import('./lmdb.ts')).openLmdb(options);
    case 'better-sqlite3':
      return (await import('./better-sqlite3.ts')).openSqlite(options);
  }
}
