/** Damaged tables: the right answer or a `DamageError`, never a wrong one, never a hang. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeU32 } from '@torc/base/bytes';
import { DamageError } from '@torc/base/errors';
import type { Compressor } from '@torc/base/ports/compressor';
import { SimRandom } from '@torc/sim/random';
import { NEEDS_DISK } from '../../src/read/cursor.ts';
import { checkBlock } from '../../src/sstable/block-io.ts';
import type { BlockHandle, BlockOwner, BlockSource } from '../../src/sstable/block-source.ts';
import { MAX_RAW_BLOCK_BYTES } from '../../src/sstable/limits.ts';
import { TableCursor } from '../../src/sstable/table-cursor.ts';
import { BLOCK_DATA, BLOCK_TRAILER_BYTES, placedSeed, sealBlock } from '../../src/sstable/table-format.ts';
import { TableLookup } from '../../src/sstable/table-lookup.ts';
import type { TableSettings } from '../../src/sstable/table-meta.ts';
import { Table } from '../../src/sstable/table.ts';
import {
  compressor,
  engineKey,
  type Entry,
  find,
  ForgetfulSource,
  hashOf,
  load,
  openTable,
  PATH,
  randomEntries,
  SETTINGS,
  writeTable,
  World,
} from './bench.ts';

interface Shape {
  readonly entries: number;
  readonly settings: Partial<TableSettings>;
  readonly partitionEntries: number;
}

const SHAPES: readonly Shape[] = [
  { entries: 1, settings: {}, partitionEntries: 100 },
  { entries: 20, settings: { blockBytes: 1000 }, partitionEntries: 100 },
  { entries: 24, settings: { blockBytes: 300 }, partitionEntries: 9 },
  { entries: 30, settings: { blockBytes: 600, codec: 1 }, partitionEntries: 12 },
  { entries: 20, settings: { blockBytes: 600, filterBitsPerKey: 0 }, partitionEntries: 100 },
];

interface Bench {
  readonly world: World;
  readonly entries: readonly Entry[];
  readonly fileBytes: number;
}

function bench({ entries: count, settings, partitionEntries }: Shape, seed: number): Bench {
  const world = new World({ seed });
  const entries = randomEntries(new SimRandom(seed), count);
  const limits = { entries: partitionEntries, dataBytes: 1 << 20 };
  const meta = writeTable(world.disk, entries, { ...SETTINGS, ...settings }, limits);
  return { world, entries, fileBytes: meta.fileBytes };
}

/** What `look` comes to: its answer, or that it met damage. */
function damagedOr<T>(look: () => T): T | 'damaged' {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    assert.equal(error.path, PATH);
    return 'damaged';
  }
}

/** Every record under its key, by lookups. */
function lookups(table: Table, entries: readonly Entry[]): string[] {
  const source = new ForgetfulSource(new SimRandom(1), 0);
  return entries.map(({ key }) =>
    damagedOr(() => {
      const found = find(table, source, key);
      return found === undefined ? 'absent' : hex(found.recordBytes.subarray(found.recordStart, found.recordEnd));
    }),
  );
}

/** A walk from end to end, up to where it meets damage. */
function walk(table: Table, source: BlockSource, backwards: boolean, most: number): string[] {
  const cursor = new TableCursor(table, source);
  const edge = new Uint8Array(7).fill(backwards ? 255 : 0);
  const lines: string[] = [];
  const end = damagedOr(() => {
    let code = drive(cursor, table, () =>
      backwards ? cursor.seekBelow(edge, 0, edge.length) : cursor.seek(edge, 0, edge.length),
    );
    while (code !== 0) {
      assert.ok(lines.length <= most, 'a walk comes to an end');
      lines.push(hex(cursor.recordBytes.subarray(cursor.recordStart, cursor.recordEnd)));
      code = drive(cursor, table, () => (backwards ? cursor.previous() : cursor.next()));
    }
    return 'end';
  });
  return [...lines, end];
}

function drive(cursor: TableCursor, table: Table, call: () => number): number {
  let code = call();
  for (let loads = 0; code === NEEDS_DISK; loads += 1) {
    assert.ok(loads < 4, 'a call comes to an end');
    cursor.provide(load(table, cursor.wants));
    code = call();
  }
  return code;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function requirePrefix(lines: readonly string[], whole: readonly string[], what: string): boolean {
  if (lines.at(-1) !== 'damaged') {
    assert.deepEqual(lines, whole, what);
    return false;
  }
  assert.deepEqual(lines.slice(0, -1), whole.slice(0, lines.length - 1), what);
  return true;
}

test('a flip of any byte is noticed by whoever reads there, and nobody gets a wrong answer', () => {
  for (const [seed, shape] of SHAPES.entries()) {
    const { world, entries, fileBytes } = bench(shape, seed);
    const records = entries.map(({ record }) => hex(record));
    const forwards = [...records, 'end'];
    const back = [...records.toReversed(), 'end'];
    for (let offset = 0; offset < fileBytes; offset += 1) {
      const what = `shape ${seed}, byte ${offset}`;
      world.disk.flipBit(PATH, offset, offset % 8);
      const table = damagedOr(() => openTable(world.disk));
      if (table !== 'damaged') {
        let noticed = false;
        for (const [i, answer] of lookups(table, entries).entries()) {
          if (answer === 'damaged') noticed = true;
          else assert.equal(answer, records[i], what);
        }
        const never = new ForgetfulSource(new SimRandom(1), 1);
        requirePrefix(walk(table, never, false, entries.length), forwards, what);
        requirePrefix(walk(table, never, true, entries.length), back, what);
        assert.ok(noticed, what);
        table.close();
      }
      world.disk.flipBit(PATH, offset, offset % 8);
    }
    assert.deepEqual(lookups(openTable(world.disk), entries), records, 'undamaged, it answers');
  }
});

test('a table that was cut, or that goes on behind its end, is damaged', () => {
  const { world, fileBytes } = bench(SHAPES[2] as Shape, 2);
  const file = world.disk.open(PATH);
  file.writeNow(Uint8Array.of(0), 0, 1, fileBytes);
  assert.equal(
    damagedOr(() => openTable(world.disk)),
    'damaged',
  );
  for (let size = fileBytes - 1; size >= 0; size -= 1) {
    file.truncate(size);
    assert.equal(
      damagedOr(() => openTable(world.disk)),
      'damaged',
      `${size} bytes`,
    );
  }
});

/** Hands out blocks with a few bytes changed, as if their checksums had been right. */
class CorruptSource implements BlockSource {
  readonly #table: Table;
  readonly #random: SimRandom;

  constructor(table: Table, random: SimRandom) {
    this.#table = table;
    this.#random = random;
  }

  peek(_owner: BlockOwner, handle: BlockHandle): Uint8Array {
    const block = load(this.#table, { owner: this.#table, handle }).slice();
    for (let n = this.#random.below(3); n > 0; n -= 1) {
      // Half of the time near the end, where the numbers are on which all else rests.
      const at = this.#random.chance(0.5)
        ? block.length - 1 - this.#random.below(12)
        : this.#random.below(block.length);
      if (at >= 0) block[at] = this.#random.below(256);
    }
    return block;
  }
}

test('malformed blocks with sound checksums are damage or nonsense, never a crash or a hang', () => {
  let damaged = 0;
  for (let seed = 0; seed < 150; seed += 1) {
    const { world, entries } = bench(SHAPES[seed % SHAPES.length] as Shape, seed);
    const table = openTable(world.disk);
    const source = new CorruptSource(table, new SimRandom(seed));
    const lookup = new TableLookup();
    for (const { key } of entries) {
      const code = damagedOr(() => table.find(lookup.aim(key, 0, key.length, hashOf(key)), source));
      if (code === 'damaged') damaged += 1;
    }
    for (const backwards of [false, true]) {
      // An entry takes three bytes at least.
      if (walk(table, source, backwards, 100_000).at(-1) === 'damaged') damaged += 1;
    }
  }
  assert.ok(damaged > 150);
});

test('a block of another table or of another place does not pass', () => {
  const { world } = bench(SHAPES[2] as Shape, 2);
  const table = openTable(world.disk);
  const lookup = new TableLookup();
  const key = table.meta.lastKey;
  assert.equal(table.find(lookup.aim(key, 0, key.length, hashOf(key)), { peek: () => undefined }), NEEDS_DISK);
  const { handle } = lookup.wants as { handle: BlockHandle };
  const bytes = new Uint8Array(handle.storedBytes);
  table.file.readNow(bytes, 0, bytes.length, handle.offset);
  const check = (owner: BlockOwner, at: BlockHandle): unknown =>
    damagedOr(() => checkBlock(bytes, 0, bytes.length, owner, at, compressor).length > 0);
  assert.equal(check(table, handle), true);
  assert.equal(check({ number: 7, path: PATH, seed: table.seed ^ 1 }, handle), 'damaged');
  assert.equal(check(table, { ...handle, offset: handle.offset + 1 }), 'damaged');
  assert.equal(check(table, { ...handle, offset: handle.offset + 2 ** 32 }), 'damaged');
  assert.equal(check(table, { ...handle, storedBytes: handle.storedBytes - 1 }), 'damaged');
  assert.equal(
    damagedOr(() => Table.open(world.disk, PATH, 8, compressor)),
    'damaged',
    'a table under the number of another',
  );
});

function fail(): never {
  throw new Error('asked');
}

test('a sound checksum over impossible numbers is damage, before anything is allocated', () => {
  const owner = { number: 7, path: PATH, seed: 5 };
  const sealed = (codec: number, type: number, rawBytes: number, unpack: Compressor = compressor): unknown => {
    const bytes = new Uint8Array(20 + BLOCK_TRAILER_BYTES);
    sealBlock(bytes, 0, 20, { codec, type, rawBytes }, placedSeed(owner.seed, 64));
    const handle = { offset: 64, storedBytes: bytes.length, type: BLOCK_DATA };
    return damagedOr(() => checkBlock(bytes, 0, bytes.length, owner, handle, unpack).length);
  };
  assert.equal(sealed(0, BLOCK_DATA, 20), 20);
  assert.equal(sealed(0, BLOCK_DATA, 21), 'damaged');
  const never: Compressor = { codecs: [0, 1], compress: fail, decompress: fail };
  assert.throws(() => sealed(1, BLOCK_DATA, MAX_RAW_BLOCK_BYTES, never), { message: 'asked' });
  assert.equal(sealed(1, BLOCK_DATA, MAX_RAW_BLOCK_BYTES + 1, never), 'damaged');
  assert.equal(sealed(1, BLOCK_DATA, 4000), 'damaged', 'it does not decompress');
  assert.equal(sealed(9, BLOCK_DATA, 20), 'damaged', 'a codec that is not known');
  assert.equal(sealed(0, 0, 20), 'damaged');
  assert.equal(sealed(0, 6, 20), 'damaged');
  assert.equal(sealed(0, 3, 20), 'damaged', 'an index where data belong');
  const reserved = new Uint8Array(20 + BLOCK_TRAILER_BYTES);
  sealBlock(reserved, 0, 20, { codec: 0, type: BLOCK_DATA, rawBytes: 20 }, placedSeed(owner.seed, 64));
  writeU32(reserved, 20, 0x10000 | (BLOCK_DATA << 8));
  const handle = { offset: 64, storedBytes: reserved.length };
  assert.throws(() => checkBlock(reserved, 0, reserved.length, owner, handle, compressor), DamageError);
});

test('keys outside of the table are absent without a look at the disk', () => {
  const { world, entries } = bench(SHAPES[1] as Shape, 1);
  const table = openTable(world.disk);
  const lookup = new TableLookup();
  for (const key of [engineKey('', 0).fill(0), engineKey('z', 0xffff)]) {
    assert.equal(table.find(lookup.aim(key, 0, key.length, hashOf(key)), { peek: () => undefined }), 0);
    assert.equal(lookup.filterVerdict, 'none');
  }
  const { key } = entries[3] as Entry;
  const found = find(table, new ForgetfulSource(new SimRandom(1), 0), key);
  assert.deepEqual([found?.filterVerdict, found?.found], ['maybe', true]);
});
