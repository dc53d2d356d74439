/** The memtable against a map and sorted arrays, under putting, undoing, dropping and compacting. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes, compareBytes } from '@torc/base/bytes';
import { decodeRecord, encodeRecord } from '@torc/base/record/codec';
import { SimRandom } from '@torc/sim/random';
import { CHUNK_BYTES } from '../../src/memtable/arena.ts';
import { Memtable } from '../../src/memtable/memtable.ts';
import { keyOf, recordOf } from '../support/world.ts';

const KEYS: readonly Uint8Array[] = [
  ...['__proto__', 'constructor', 'toString', 'a', 'b', 'ab', '{tag}', '{tag}a', '{tag}b', 'x{tag}', '{tag}ab'].map(
    asciiBytes,
  ),
  new Uint8Array(0),
  Uint8Array.of(0),
  Uint8Array.of(0, 0),
  Uint8Array.of(0xff, 0xfe, 0xc0, 0x80),
  Uint8Array.of(0xed, 0xa0, 0x80),
  new Uint8Array(64 * 1024).fill(0x61),
  new Uint8Array(64 * 1024).fill(0x61).fill(0x62, 64 * 1024 - 1),
  ...Array.from({ length: 40 }, (_, n) => asciiBytes(`{tag}${n}`)),
  ...Array.from({ length: 40 }, (_, n) => asciiBytes(`key ${n}`)),
];
const BUCKETS = [0, 1, 0xffff];

interface Held {
  readonly bucket: number;
  readonly key: Uint8Array;
  readonly stamp: number;
  /** Length of the value; `undefined`: a tombstone. */
  readonly valueBytes: number | undefined;
}

class Run {
  readonly #random: SimRandom;
  readonly #table = new Memtable(11, 22);
  #model = new Map<string, Held>();
  #durable = new Map<string, Held>();
  #open: number[] = [];
  #stamp = 0;
  #batch = 1;
  compacted = 0;

  constructor(seed: number) {
    this.#random = new SimRandom(seed);
  }

  go(steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      const kind = this.#random.below(100);
      if (kind < 70) this.#put();
      else if (kind < 80) this.#commit();
      else if (kind < 84) this.#undo();
      else if (kind < 90) this.#drop();
      else if (kind < 97) this.#find();
      else this.#order();
      if (step % 100 === 0) this.#checkAll();
    }
    this.#commit();
    this.#checkAll();
  }

  #put(): void {
    const bucket = this.#random.pick(BUCKETS);
    const at = this.#random.below(KEYS.length);
    const key = KEYS[at] as Uint8Array;
    const valueBytes = this.#random.chance(0.15) ? undefined : this.#valueBytes();
    this.#stamp += 1;
    const record = encodeRecord(
      recordOf(this.#stamp, valueBytes === undefined ? undefined : new Uint8Array(valueBytes)),
    );
    const ref = this.#table.stage(keyOf(key, bucket), record.length);
    this.#table.bytesOf(ref).set(record, this.#table.recordAt(ref));
    this.#table.link(ref, keyOf(key, bucket), this.#batch);
    this.#open.push(ref);
    this.#model.set(`${bucket} ${at}`, { bucket, key, stamp: this.#stamp, valueBytes });
  }

  #valueBytes(): number {
    if (this.#random.chance(0.004)) return CHUNK_BYTES + this.#random.below(100_000);
    if (this.#random.chance(0.004)) return CHUNK_BYTES / 2 + this.#random.below(100);
    return this.#random.chance(0.2) ? this.#random.below(40_000) : this.#random.below(100);
  }

  #commit(): void {
    this.#open = [];
    this.#batch += 1;
    this.#durable = new Map(this.#model);
    if (this.#table.compact()) this.compacted += 1;
  }

  #undo(): void {
    for (const ref of this.#open.reverse()) this.#table.undo(ref);
    this.#open = [];
    this.#model = new Map(this.#durable);
  }

  /** Only what is durable is dropped, and nothing is undone past it. */
  #drop(): void {
    this.#commit();
    const name = this.#random.pick([...this.#model.keys(), 'none']);
    const held = this.#model.get(name);
    if (held === undefined) return;
    this.#table.drop(this.#table.find(keyOf(held.key, held.bucket)));
    this.#model.delete(name);
    this.#durable.delete(name);
  }

  #find(): void {
    const bucket = this.#random.pick(BUCKETS);
    const at = this.#random.below(KEYS.length);
    this.#compare(bucket, KEYS[at] as Uint8Array, this.#model.get(`${bucket} ${at}`));
  }

  #compare(bucket: number, key: Uint8Array, held: Held | undefined): void {
    const ref = this.#table.find(keyOf(key, bucket));
    assert.equal(ref !== 0, held !== undefined);
    if (held !== undefined) this.#compareEntry(ref, held);
  }

  #compareEntry(ref: number, held: Held): void {
    const at = this.#table.recordAt(ref);
    const record = decodeRecord(this.#table.bytesOf(ref), at, at + this.#table.recordBytes(ref));
    const winner = record.siblings[0];
    assert.equal(winner?.dot.stamp, held.stamp);
    assert.equal(winner.tombstone === true ? undefined : winner.value.length, held.valueBytes);
  }

  #order(): void {
    const bucket = this.#random.pick(BUCKETS);
    const [a, b] = [this.#position(), this.#position()];
    const [from, to] = a < b ? [a, b] : [b, a];
    const expected = [...this.#model.values()]
      .map((held) => ({ held, position: keyOf(held.key).position }))
      .filter(({ held, position }) => held.bucket === bucket && position >= from && position <= to)
      .sort((x, y) => x.position - y.position || compare(x.held.key, y.held.key));
    const refs = [...this.#table.inOrder(bucket, from, to)];
    assert.equal(refs.length, expected.length);
    for (const [at, { held }] of expected.entries()) this.#compareEntry(refs[at] as number, held);
  }

  #position(): number {
    return this.#random.pick([0, 0xffffffff, keyOf(this.#random.pick(KEYS)).position, this.#random.uint32()]);
  }

  #checkAll(): void {
    assert.equal(this.#table.count, this.#model.size);
    for (const bucket of BUCKETS) {
      KEYS.forEach((key, at) => this.#compare(bucket, key, this.#model.get(`${bucket} ${at}`)));
      const values = [...this.#model.values()].filter(
        (held) => held.bucket === bucket && held.valueBytes !== undefined,
      );
      assert.equal(this.#table.valueCount(bucket), values.length);
    }
    const seen = Array.from({ length: this.#table.tableCount }, (_, n) => this.#table.tableRefs(n).length);
    assert.equal(
      seen.reduce((a, b) => a + b),
      this.#model.size,
    );
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}

test('random putting, undoing, dropping and compacting agrees with a map', () => {
  let compacted = 0;
  for (let seed = 1; seed <= 5; seed += 1) {
    const run = new Run(seed);
    try {
      run.go(3000);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
    compacted += run.compacted;
  }
  assert.ok(compacted > 0, 'compaction was reached');
});

test('a key that is undone is gone when nothing was there, and was never counted', () => {
  const table = new Memtable(1, 2);
  const record = encodeRecord(recordOf(1, 'x'));
  const ref = table.stage(keyOf('a'), record.length);
  table.bytesOf(ref).set(record, table.recordAt(ref));
  table.link(ref, keyOf('a'), 1);
  table.undo(ref);
  assert.deepEqual([table.find(keyOf('a')), table.count, table.valueCount(0), table.liveBytes], [0, 0, 0, 0]);
});
