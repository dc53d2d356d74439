/**
 * The memtable against maps and sorted arrays: writing over in place and beside, several times in a batch, taking batches
 * back, and snapshots that go on showing their moment while all that happens.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes, compareBytes } from '@torc/base/bytes';
import { SimRandom } from '@torc/sim/random';
import { ENTRY_PART, ENTRY_WHOLE } from '../../src/commit-log/entry.ts';
import { writeKeyPrefix } from '../../src/key.ts';
import { CHUNK_BYTES, ChunkPool } from '../../src/memtable/chunk-pool.ts';
import { Memtable } from '../../src/memtable/memtable.ts';
import { MemtableCursor, MemtableOrder } from '../../src/memtable/memtable-cursor.ts';
import { AT_END, AT_ENTRY, type CursorCode } from '../../src/read/cursor.ts';
import { keyOf } from '../support/world.ts';

const LONG = 3000;

const KEYS: readonly Uint8Array[] = [
  ...['__proto__', 'constructor', 'toString', 'a', 'b', 'ab', '{tag}', '{tag}a', '{tag}b', 'x{tag}', '{tag}ab'].map(
    asciiBytes,
  ),
  new Uint8Array(0),
  Uint8Array.of(0),
  Uint8Array.of(0, 0),
  Uint8Array.of(0xff, 0xfe, 0xc0, 0x80),
  Uint8Array.of(0xed, 0xa0, 0x80),
  new Uint8Array(LONG).fill(0x61),
  new Uint8Array(LONG).fill(0x61).fill(0x62, LONG - 1),
  ...Array.from({ length: 20 }, (_, n) => asciiBytes(`{tag}${n}`)),
  ...Array.from({ length: 20 }, (_, n) => asciiBytes(`key ${n}`)),
];
const BUCKETS = [0, 1, 0x100, 0xffff];

interface Held {
  /** Bucket, position, key. */
  readonly key: Uint8Array;
  readonly kind: number;
  readonly record: Uint8Array;
}

type Model = Map<string, Held>;

interface Open {
  readonly batch: number;
  /** Sorted. */
  readonly shown: readonly Held[];
  readonly cursor: MemtableCursor;
  at: number;
}

class Run {
  readonly #random: SimRandom;
  readonly #table = new Memtable(11, 22, new ChunkPool());
  readonly #order: MemtableOrder;
  #model: Model = new Map();
  #durable: Model = new Map();
  #snapshots: Open[] = [];
  #batch: number;
  inPlace = 0;
  undone = 0;

  constructor(seed: number) {
    this.#random = new SimRandom(seed);
    // The low 32 bits come round in the middle of some runs.
    this.#batch = this.#random.pick([1, 2 ** 32 - 40, 2 ** 31 - 40]);
    this.#order = new MemtableOrder(this.#table);
  }

  go(steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      const kind = this.#random.below(100);
      if (kind < 75) this.#put();
      else if (kind < 83) this.#commit();
      else if (kind < 86) this.#undo();
      else if (kind < 89) this.#open();
      else if (kind < 91) this.#close();
      else if (kind < 96) this.#walkOn();
      else this.#walk(-1, sorted(this.#model), 12);
      if (step % 200 === 0) this.#checkAll();
    }
    this.#commit();
    this.#checkAll();
  }

  #put(): void {
    const bucket = this.#random.pick(BUCKETS);
    // A few keys again and again: only those are written over in place.
    const at = this.#random.below(this.#random.chance(0.5) ? 4 : KEYS.length);
    const key = keyOf(KEYS[at] as Uint8Array, bucket);
    const name = `${bucket} ${at}`;
    const record = new Uint8Array(this.#recordBytes()).map(() => this.#random.below(256));
    const kind = this.#random.chance(0.1) ? ENTRY_PART : ENTRY_WHOLE;
    const table = this.#table;
    const found = table.find(key);
    assert.equal(found !== 0, this.#model.has(name));
    const ref = table.stage(key, found, record.length, this.#batch, kind === ENTRY_WHOLE);
    if (ref === found) this.inPlace += 1;
    table.bytesOf(ref).set(record, table.recordAt(ref));
    table.publish(ref, key, found, this.#batch, kind);
    this.#model.set(name, { key: engineKey(bucket, KEYS[at] as Uint8Array), kind, record });
  }

  #recordBytes(): number {
    if (this.#random.chance(0.002)) return CHUNK_BYTES / 2 + this.#random.below(100);
    return this.#random.chance(0.05) ? this.#random.below(20_000) : this.#random.pick([5, 6, 7, 8, 40]);
  }

  #commit(): void {
    this.#batch += 1;
    this.#durable = new Map(this.#model);
  }

  #undo(): void {
    this.#table.undoBatch(this.#batch);
    this.#batch += 1;
    this.#model = new Map(this.#durable);
    this.undone += 1;
    if (this.#random.chance(0.2)) this.#checkAll();
  }

  #open(): void {
    if (this.#snapshots.length === 3) return;
    this.#commit();
    const batch = this.#batch - 1;
    const cursor = new MemtableCursor(this.#table, this.#order, batch);
    this.#snapshots.push({ batch, shown: sorted(this.#model), cursor, at: -1 });
    this.#protect();
  }

  #close(): void {
    if (this.#snapshots.length === 0) return;
    this.#snapshots.splice(this.#random.below(this.#snapshots.length), 1);
    this.#protect();
  }

  #protect(): void {
    this.#table.protect(Math.max(-1, ...this.#snapshots.map(({ batch }) => batch)));
  }

  /** A walk that began long ago goes on where it was, whatever was written meanwhile. */
  #walkOn(): void {
    if (this.#snapshots.length === 0) return;
    const open = this.#random.pick(this.#snapshots);
    for (let n = 0; n < 10; n += 1) {
      let code: CursorCode;
      if (open.at < 0 || open.at >= open.shown.length) {
        [code, open.at] = this.#seek(open.cursor, open.shown);
      } else if (this.#random.chance(0.6)) {
        open.at += 1;
        code = open.cursor.next();
      } else {
        open.at -= 1;
        code = open.cursor.previous();
      }
      expect(open.cursor, code, open.shown[open.at]);
      if (code === AT_END) open.at = -1;
    }
  }

  #walk(batch: number, shown: readonly Held[], seeks: number): void {
    const cursor = new MemtableCursor(this.#table, this.#order, batch);
    assert.deepEqual([cursor.next(), cursor.previous()], [AT_END, AT_END], 'a cursor that was not sought');
    for (let n = 0; n < seeks; n += 1) {
      const [code, at] = this.#seek(cursor, shown);
      expect(cursor, code, shown[at]);
    }
    expect(cursor, cursor.seek(NO_KEY, 0, 0), shown[0]);
    for (let at = 1; at <= shown.length; at += 1) expect(cursor, cursor.next(), shown[at]);
    assert.equal(cursor.previous(), AT_END, 'past the end it stays there');
    expect(cursor, cursor.seekBelow(HIGHEST, 0, HIGHEST.length), shown.at(-1));
    for (let at = shown.length - 2; at >= -1; at -= 1) expect(cursor, cursor.previous(), shown[at]);
    assert.equal(cursor.next(), AT_END, 'past the front it stays there');
  }

  #seek(cursor: MemtableCursor, shown: readonly Held[]): [CursorCode, number] {
    const target = this.#target();
    const padding = this.#random.below(3);
    const bytes = new Uint8Array(padding + target.length + 1).fill(7);
    bytes.set(target, padding);
    const below = shown.filter(({ key }) => compare(key, target) < 0).length;
    if (this.#random.chance(0.5)) return [cursor.seek(bytes, padding, padding + target.length), below];
    return [cursor.seekBelow(bytes, padding, padding + target.length), below - 1];
  }

  /** A key that may be there, one cut short to any length, or any few bytes. */
  #target(): Uint8Array {
    const key = engineKey(this.#random.pick(BUCKETS), this.#random.pick(KEYS));
    const kind = this.#random.below(4);
    if (kind === 0) return key;
    if (kind === 1) return key.subarray(0, this.#random.below(8));
    if (kind === 2) return Uint8Array.from([...key.subarray(0, 40), 0]);
    const few = new Uint8Array(this.#random.below(6)).map(() => this.#random.pick([0, 1, 2, 0x7f, 0xff]));
    return few;
  }

  #checkAll(): void {
    assert.equal(this.#table.count, this.#model.size);
    for (const bucket of BUCKETS) {
      for (const [at, key] of KEYS.entries()) this.#compare(bucket, key, this.#model.get(`${bucket} ${at}`));
    }
    this.#walk(-1, sorted(this.#model), 2);
    for (const { batch, shown } of this.#snapshots) this.#walk(batch, shown, 2);
  }

  #compare(bucket: number, key: Uint8Array, held: Held | undefined): void {
    const table = this.#table;
    const ref = table.find(keyOf(key, bucket));
    assert.equal(ref !== 0, held !== undefined);
    if (held === undefined) return;
    const at = table.recordAt(ref);
    assert.equal(table.kindOf(ref), held.kind);
    assert.equal(compare(table.bytesOf(ref).subarray(at, at + table.recordBytes(ref)), held.record), 0);
  }
}

const NO_KEY = new Uint8Array(0);
const HIGHEST = new Uint8Array(7).fill(0xff);

function engineKey(bucket: number, raw: Uint8Array): Uint8Array {
  const key = new Uint8Array(6 + raw.length);
  writeKeyPrefix(key, 0, bucket, keyOf(raw).position);
  key.set(raw, 6);
  return key;
}

function sorted(model: Model): Held[] {
  return [...model.values()].sort((a, b) => compare(a.key, b.key));
}

function compare(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}

function expect(cursor: MemtableCursor, code: CursorCode, held: Held | undefined): void {
  assert.equal(code, held === undefined ? AT_END : AT_ENTRY);
  if (held === undefined) return;
  const { keyBytes, keyStart, keyEnd, recordBytes, recordStart, recordEnd } = cursor;
  assert.equal(compare(keyBytes.subarray(keyStart, keyEnd), held.key), 0, 'another key');
  assert.equal(cursor.kind, held.kind);
  assert.equal(compare(recordBytes.subarray(recordStart, recordEnd), held.record), 0, 'another record');
}

test('random writing, undoing and snapshots agree with maps and sorted arrays', () => {
  let [inPlace, undone] = [0, 0];
  for (let seed = 1; seed <= 8; seed += 1) {
    const run = new Run(seed);
    try {
      run.go(1200);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
    inPlace += run.inPlace;
    undone += run.undone;
  }
  assert.ok(inPlace > 500 && undone > 50, `${inPlace} in place, ${undone} undone`);
});

const RECORDS = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'dddddddd'].map(asciiBytes);

function write(table: Memtable, batch: number, record: Uint8Array, sameShape = true): number {
  const key = keyOf('k');
  const found = table.find(key);
  const ref = table.stage(key, found, record.length, batch, sameShape);
  table.bytesOf(ref).set(record, table.recordAt(ref));
  table.publish(ref, key, found, batch, ENTRY_WHOLE);
  return ref;
}

function shown(table: Memtable, ref: number): string {
  const at = table.recordAt(ref);
  return String.fromCharCode(...table.bytesOf(ref).slice(at, at + table.recordBytes(ref)));
}

test('a key is written over in place, several times in a batch; the undo brings back what stood before the batch', () => {
  const table = new Memtable(1, 2, new ChunkPool());
  const first = write(table, 1, RECORDS[0] as Uint8Array);
  const { usedBytes } = table;
  assert.equal(write(table, 2, RECORDS[1] as Uint8Array), first);
  assert.equal(write(table, 2, RECORDS[2] as Uint8Array), first);
  assert.equal(table.usedBytes, usedBytes);
  table.undoBatch(2);
  assert.deepEqual([shown(table, table.find(keyOf('k'))), table.batchOf(first)], ['aaaaaaaa', 1]);
  assert.equal(write(table, 3, RECORDS[3] as Uint8Array), first);
  assert.notEqual(write(table, 3, new Uint8Array(50)), first, 'without room it stands beside');
  table.undoBatch(3);
  assert.deepEqual([table.find(keyOf('k')), shown(table, first), table.count], [first, 'aaaaaaaa', 1]);
});

test('what a snapshot sees is not written over; what came after it is', () => {
  const table = new Memtable(1, 2, new ChunkPool());
  const first = write(table, 1, RECORDS[0] as Uint8Array);
  table.protect(1);
  const second = write(table, 2, RECORDS[1] as Uint8Array);
  assert.notEqual(second, first);
  assert.equal(write(table, 3, RECORDS[2] as Uint8Array), second);
  table.protect(3);
  const third = write(table, 4, RECORDS[3] as Uint8Array);
  assert.deepEqual(
    [1, 2, 3, 4].map((batch) => table.visibleAt(third, batch)),
    [first, first, second, third],
  );
  assert.equal(table.visibleAt(third, 0), 0);
  table.protect(-1);
  assert.equal(write(table, 5, RECORDS[0] as Uint8Array), third);
});

test('a key that is undone is gone when nothing was there, and its bucket shows nothing', () => {
  const table = new Memtable(1, 2, new ChunkPool());
  write(table, 1, RECORDS[0] as Uint8Array);
  table.undoBatch(1);
  assert.deepEqual([table.find(keyOf('k')), table.count], [0, 0]);
  assert.equal(new MemtableCursor(table, new MemtableOrder(table)).seek(NO_KEY, 0, 0), AT_END);
});
