/** Short ways to write tables from entries and to read them back with a source that may forget. */
import { asciiBytes, compareBytes } from '@torc/base/bytes';
import { encodeRecord } from '@torc/base/record/codec';
import { positionOf } from '@torc/base/position';
import type { Disk } from '@torc/base/ports/disk';
import type { TorcRecord } from '@torc/base/record/record';
import { SimClock } from '@torc/sim/clock';
import { SimCompressor } from '@torc/sim/compressor';
import { SimDisk } from '@torc/sim/disk/disk';
import type { FaultRates } from '@torc/sim/disk/faults';
import { SimRandom } from '@torc/sim/random';
import { Scheduler } from '@torc/sim/scheduler';
import { ENTRY_PART, ENTRY_WHOLE } from '../../src/commit-log/entry.ts';
import { keyHash } from '../../src/key-hash.ts';
import { KEY_PREFIX_BYTES, writeKeyPrefix } from '../../src/key.ts';
import { NEEDS_DISK, type BlockWant } from '../../src/read/cursor.ts';
import { readBlockNow } from '../../src/sstable/block-io.ts';
import type { BlockHandle, BlockOwner, BlockSource } from '../../src/sstable/block-source.ts';
import type { PartitionLimits } from '../../src/sstable/limits.ts';
import { TableLookup } from '../../src/sstable/table-lookup.ts';
import type { TableMeta, TableSettings } from '../../src/sstable/table-meta.ts';
import { TableWriter } from '../../src/sstable/table-writer.ts';
import { Table } from '../../src/sstable/table.ts';

export const PATH = 'table-0000000007.tmp';
export const NUMBER = 7;
export const FILE = { number: NUMBER, path: PATH, nonceLow: 0x11223344, nonceHigh: 0x55667788 };
export const compressor: SimCompressor = new SimCompressor();

export const SETTINGS: TableSettings = {
  blockBytes: 4096,
  filterBitsPerKey: 10,
  codec: 0,
  hashKey0: 1,
  hashKey1: 2,
};

/** A simulated disk and what drives it: tables need no more of a world. */
export class World {
  readonly scheduler: Scheduler = new Scheduler();
  disk: SimDisk;

  constructor({ seed = 1, faults = {} }: { seed?: number; faults?: Partial<FaultRates> } = {}) {
    const clock = new SimClock(this.scheduler, { wallStartMs: 1_800_000_000_000 });
    this.disk = new SimDisk({ clock, random: new SimRandom(seed) }, { faults });
  }

  names(): string[] {
    return this.disk.inspect().map(({ path }) => path);
  }
}

/** A record with one version; without a value, a tombstone. */
export function recordOf(stamp: number, value?: Uint8Array | string, expiresAtMs?: number): TorcRecord {
  const bytes = typeof value === 'string' ? asciiBytes(value) : (value ?? new Uint8Array(0));
  const dot = { actor: 1, stamp };
  const dead = value === undefined ? { tombstone: true as const } : {};
  const expiry = expiresAtMs === undefined ? {} : { expiresAtMs };
  return { clock: [{ actor: 1, since: 1, upto: stamp }], siblings: [{ dot, ...dead, ...expiry, value: bytes }] };
}

export interface Entry {
  readonly key: Uint8Array;
  readonly record: Uint8Array;
  readonly kind: number;
}

/** The engine's key. */
export function engineKey(raw: Uint8Array | string, bucket = 0): Uint8Array {
  const bytes = typeof raw === 'string' ? asciiBytes(raw) : raw;
  const key = new Uint8Array(KEY_PREFIX_BYTES + bytes.length);
  writeKeyPrefix(key, 0, bucket, positionOf(bytes, 0, bytes.length));
  key.set(bytes, KEY_PREFIX_BYTES);
  return key;
}

export function hashOf(key: Uint8Array, settings: TableSettings = SETTINGS): number {
  const bucket = ((key[0] as number) << 8) | (key[1] as number);
  return keyHash(bucket, key, KEY_PREFIX_BYTES, key.length, settings.hashKey0, settings.hashKey1);
}

export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}

/** Sorted, each key once. */
export function sorted(entries: readonly Entry[]): Entry[] {
  const all = [...entries].sort((a, b) => compareKeys(a.key, b.key));
  return all.filter((entry, i) => i === 0 || compareKeys((all[i - 1] as Entry).key, entry.key) !== 0);
}

/** Entries under keys that share tags, and so long prefixes, with records of all sorts. */
export function randomEntries(random: SimRandom, count: number, valueBytes = 40): Entry[] {
  const entries: Entry[] = [];
  for (let i = 0; i < count; i += 1) {
    const tag = random.chance(0.5) ? `{tag${random.below(3)}}` : '';
    const name = `${tag}${'x'.repeat(random.below(20))}${random.below(count * 4)}`;
    entries.push({
      key: engineKey(name, random.pick([0, 1, 0x1ff])),
      record: randomRecord(random, valueBytes),
      kind: random.chance(0.2) ? ENTRY_PART : ENTRY_WHOLE,
    });
  }
  return sorted(entries);
}

function randomRecord(random: SimRandom, valueBytes: number): Uint8Array {
  const stamp = 1 + random.below(1000);
  if (random.chance(0.1)) return encodeRecord(recordOf(stamp));
  const value = new Uint8Array(random.below(valueBytes + 1)).fill(random.below(256));
  return encodeRecord(recordOf(stamp, value, random.chance(0.2) ? 1 + random.below(1000) : undefined));
}

export function writeTable(
  disk: Disk,
  entries: readonly Entry[],
  settings: TableSettings = SETTINGS,
  limits?: PartitionLimits,
): TableMeta {
  const writer = new TableWriter({ disk, compressor }, FILE, settings, limits);
  for (const { kind, key, record } of entries) writer.add(kind, key, 0, key.length, record, 0, record.length);
  return writer.finish();
}

export function openTable(disk: Disk): Table {
  return Table.open(disk, PATH, NUMBER, compressor);
}

export function load(table: Table, want: BlockWant | undefined): Uint8Array {
  return readBlockNow(table.file, table, (want as BlockWant).handle, compressor);
}

/** A source that holds what it was given, and at random has forgotten it. */
export class ForgetfulSource implements BlockSource {
  readonly blocks: Map<number, Uint8Array> = new Map();
  readonly #random: SimRandom;
  readonly #chance: number;
  misses = 0;

  constructor(random: SimRandom, chance: number) {
    this.#random = random;
    this.#chance = chance;
  }

  peek(_owner: BlockOwner, handle: BlockHandle): Uint8Array | undefined {
    const block = this.blocks.get(handle.offset);
    if (block !== undefined && (this.#chance === 0 || !this.#random.chance(this.#chance))) return block;
    this.misses += 1;
    return undefined;
  }
}

/** The entry under the key, however often the source has to be filled. */
export function find(table: Table, source: ForgetfulSource, key: Uint8Array): TableLookup | undefined {
  const lookup = new TableLookup().aim(key, 0, key.length, hashOf(key));
  for (let loads = 0; loads < 200; loads += 1) {
    const code = table.find(lookup, source);
    if (code !== NEEDS_DISK) return code === 1 ? lookup : undefined;
    const want = lookup.wants as BlockWant;
    source.blocks.set(want.handle.offset, load(table, want));
  }
  throw new Error('a lookup does not come to an end');
}
