/** Tables against sorted arrays: lookups, walks both ways, seeks; with sources that have forgotten at random. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { AT_END, AT_ENTRY, NEEDS_DISK, type CursorCode } from '../../src/read/cursor.ts';
import { PARTITION_LIMITS } from '../../src/sstable/limits.ts';
import { TableCursor } from '../../src/sstable/table-cursor.ts';
import type { TableMeta, TableSettings } from '../../src/sstable/table-meta.ts';
import type { Table } from '../../src/sstable/table.ts';
import {
  compareKeys,
  type Entry,
  engineKey,
  find,
  ForgetfulSource,
  load,
  NUMBER,
  openTable,
  randomEntries,
  SETTINGS,
  writeTable,
  World,
} from './bench.ts';

interface Shape {
  readonly count: number;
  readonly settings: TableSettings;
  readonly partitionEntries: number;
  readonly partitionBytes: number;
}

function randomShape(random: SimRandom): Shape {
  return {
    count: 1 + random.below(random.pick([3, 40, 300])),
    settings: {
      ...SETTINGS,
      blockBytes: random.pick([1, 100, 700, 4096]),
      filterBitsPerKey: random.pick([0, 2.5, 10]),
      codec: random.pick([0, 1] as const),
    },
    partitionEntries: random.pick([1, 7, 50, 16384]),
    partitionBytes: random.pick([300, 1 << 20]),
  };
}

/** A key near those that are there: one of them, or one a little changed. */
function probeKey(random: SimRandom, entries: readonly Entry[]): Uint8Array {
  const { key } = random.pick(entries);
  switch (random.below(6)) {
    case 0:
      return key.slice(0, Math.max(6, key.length - 1 - random.below(3)));
    case 1:
      return Uint8Array.from([...key, random.below(256)]);
    case 2: {
      const changed = key.slice();
      changed[random.below(key.length)] = random.below(256);
      return changed;
    }
    case 3:
      return engineKey(`absent ${random.below(1000)}`, random.pick([0, 1, 2, 0xffff]));
    default:
      return key;
  }
}

function lowerBound(entries: readonly Entry[], key: Uint8Array): number {
  let at = 0;
  while (at < entries.length && compareKeys((entries[at] as Entry).key, key) < 0) at += 1;
  return at;
}

/** A cursor that is driven to an answer, and the place in the model where it should be. */
class Walk {
  readonly #cursor: TableCursor;
  readonly #table: Table;
  readonly #entries: readonly Entry[];
  readonly #source: ForgetfulSource;
  readonly #random: SimRandom;
  #givesUp = true;
  at = -1;

  constructor(table: Table, entries: readonly Entry[], source: ForgetfulSource, random: SimRandom) {
    this.#cursor = new TableCursor(table, source);
    this.#table = table;
    this.#entries = entries;
    this.#source = source;
    this.#random = random;
  }

  step(): void {
    const kind = this.#random.below(10);
    const key = probeKey(this.#random, this.#entries);
    if (kind === 0) this.#go(() => this.#cursor.seek(key, 0, key.length), lowerBound(this.#entries, key));
    else if (kind === 1) this.#go(() => this.#cursor.seekBelow(key, 0, key.length), lowerBound(this.#entries, key) - 1);
    else if (kind < 6) this.#go(() => this.#cursor.next(), this.at < 0 ? -1 : this.at + 1);
    else this.#go(() => this.#cursor.previous(), this.at < 0 ? -1 : this.at - 1);
  }

  /** From end to end and back. */
  all(): void {
    this.#givesUp = false;
    const first = engineKey(new Uint8Array(0), 0).fill(0);
    this.#go(() => this.#cursor.seek(first, 0, first.length), 0);
    for (let i = 1; i <= this.#entries.length; i += 1) this.#go(() => this.#cursor.next(), i);
    const last = new Uint8Array(7).fill(255);
    this.#go(() => this.#cursor.seekBelow(last, 0, last.length), this.#entries.length - 1);
    for (let i = this.#entries.length - 2; i >= -1; i -= 1) this.#go(() => this.#cursor.previous(), i);
  }

  #go(call: () => CursorCode, to: number): void {
    let code = call();
    for (let loads = 0; code === NEEDS_DISK; loads += 1) {
      assert.ok(loads < 4, 'each block is wanted once');
      const block = load(this.#table, this.#cursor.wants);
      if (this.#random.chance(0.5)) this.#source.blocks.set(this.#cursor.wants?.handle.offset ?? 0, block);
      // Now and then the call is given up: nothing has moved, so the neighbours are what they were.
      if (this.at >= 0 && this.#givesUp && this.#random.chance(0.1)) {
        if (this.#random.chance(0.5)) this.#go(() => this.#cursor.next(), this.at + 1);
        else this.#go(() => this.#cursor.previous(), this.at - 1);
        return;
      }
      this.#cursor.provide(block);
      code = call();
    }
    const expected = this.#entries[to];
    this.at = expected === undefined ? -1 : to;
    assert.equal(code, expected === undefined ? AT_END : AT_ENTRY);
    if (expected !== undefined) this.#same(expected);
  }

  #same(expected: Entry): void {
    const { keyBytes, keyStart, keyEnd, kind, recordBytes, recordStart, recordEnd } = this.#cursor;
    assert.deepEqual(keyBytes.slice(keyStart, keyEnd), expected.key);
    assert.deepEqual(recordBytes.slice(recordStart, recordEnd), expected.record);
    assert.equal(kind, expected.kind);
  }
}

function checkMeta(meta: TableMeta, entries: readonly Entry[]): void {
  assert.equal(meta.number, NUMBER);
  assert.equal(meta.entries, entries.length);
  assert.deepEqual(meta.firstKey, entries[0]?.key);
  assert.deepEqual(meta.lastKey, entries.at(-1)?.key);
  assert.equal(
    meta.recordBytes,
    entries.reduce((sum, { record }) => sum + record.length, 0),
  );
}

test('tables of random shapes answer like sorted arrays', () => {
  for (let seed = 0; seed < 120; seed += 1) {
    const random = new SimRandom(seed);
    const shape = randomShape(random);
    const entries = randomEntries(random, shape.count);
    const world = new World({ seed, faults: { shortWrites: 0.3 } });
    const limits = { entries: shape.partitionEntries, dataBytes: shape.partitionBytes };
    const meta = writeTable(world.disk, entries, shape.settings, limits);
    checkMeta(meta, entries);
    const table = openTable(world.disk);
    assert.deepEqual(table.meta, meta);
    const source = new ForgetfulSource(random, random.pick([0, 0.3]));
    for (let n = 0; n < 60; n += 1) {
      const key = probeKey(random, entries);
      const expected = entries.find((entry) => compareKeys(entry.key, key) === 0);
      const found = find(table, source, key);
      assert.deepEqual(found?.recordBytes.slice(found.recordStart, found.recordEnd), expected?.record, `seed ${seed}`);
      assert.equal(found?.kind, expected?.kind);
    }
    for (const chance of [0, 0.3, 1]) {
      const walk = new Walk(table, entries, new ForgetfulSource(random, chance), random);
      for (let n = 0; n < 60; n += 1) walk.step();
    }
    new Walk(table, entries, new ForgetfulSource(random, 1), random).all();
    table.close();
  }
});

test('a large table is cut into partitions of 4,096 entries, each with a filter and an index', () => {
  const entries = randomEntries(new SimRandom(5), 60_000, 4);
  const world = new World();
  const meta = writeTable(world.disk, entries);
  const table = openTable(world.disk);
  assert.equal(table.partitions, Math.ceil(entries.length / PARTITION_LIMITS.entries));
  assert.ok(table.partitions > 2);
  assert.ok(table.pinnedBytes < 1000, 'only the top index stays in memory');
  const perKey = (meta.filterBytes * 8) / entries.length;
  assert.ok(perKey > 10 && perKey < 10.1);
  const source = new ForgetfulSource(new SimRandom(1), 0);
  for (let i = 0; i < entries.length; i += 499) assert.ok(find(table, source, (entries[i] as Entry).key)?.found);
  assert.ok(source.blocks.size < meta.blocks);
});

test('a partition also ends when its data are large', () => {
  const random = new SimRandom(6);
  const entries = randomEntries(random, 400, 100_000);
  const world = new World();
  const meta = writeTable(world.disk, entries);
  const table = openTable(world.disk);
  const wanted = meta.recordBytes / PARTITION_LIMITS.dataBytes;
  assert.ok(
    table.partitions > 1 && Math.abs(table.partitions - wanted) <= 1 + wanted / 20,
    `${table.partitions} of ${wanted}`,
  );
});
