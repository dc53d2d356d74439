/** The block cache against a map: whatever is put, asked for, dropped and resized, never a wrong block, never too many bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BLOCK_OVERHEAD_BYTES, BlockCache, blockHash } from '../../src/cache/block-cache.ts';

const TWO_40 = 2 ** 40;
const tables = fc.constantFrom(0, 1, 2, 7, 0xffffffff);
const offsets = fc.oneof(
  fc.nat(12).map((n) => n * 4096),
  fc.constantFrom(2 ** 32, 2 ** 32 + 4096, TWO_40, TWO_40 - 4096),
);
const block = fc.record({ table: tables, offset: offsets });
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('put' as const), block, length: fc.nat(3000) }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('get' as const), block }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), table: tables }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('resize' as const), bytes: fc.nat(40_000) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('hold' as const, 'release' as const) }) },
  ),
  { maxLength: 150, size: 'max' },
);

interface Seen {
  readonly got: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Runs a script, and keeps beside the cache what it must answer and what its readers may still look at. */
class Run {
  readonly cache = new BlockCache(20_000, { poison: true });
  readonly model = new Map<string, Uint8Array>();
  seen: Seen[] = [];
  holds = 0;
  asked = 0;
  serial = 0;

  see(got: Uint8Array | undefined, bytes: Uint8Array | undefined): void {
    if (got === undefined) return;
    assert.ok(bytes !== undefined, 'what was never put or has left is not found');
    assert.deepEqual(got, bytes);
    this.seen.push({ got, bytes });
  }

  put(table: number, offset: number, length: number): void {
    this.serial += 1;
    const bytes = new Uint8Array(length).fill(this.serial);
    const scratch = new Uint8Array(length + 9);
    scratch.set(bytes, 4);
    this.model.set(`${table} ${offset}`, bytes);
    this.see(this.cache.put(table, offset, scratch, 4, 4 + length), bytes);
    if (length + BLOCK_OVERHEAD_BYTES > this.cache.limitBytes / 8) {
      assert.equal(this.get(table, offset), undefined, 'too large, and what stood there has left');
    }
    scratch.fill(0xee);
  }

  get(table: number, offset: number): Uint8Array | undefined {
    this.asked += 1;
    const got = this.cache.get(table, offset);
    this.see(got, this.model.get(`${table} ${offset}`));
    return got;
  }

  drop(table: number): void {
    this.cache.dropTable(table);
    for (const name of this.model.keys()) if (name.startsWith(`${table} `)) this.model.delete(name);
  }

  endTurn(): void {
    this.check();
    this.cache.turnEnded();
    if (this.holds === 0) this.seen = [];
  }

  hold(change: 1 | -1): void {
    if (change < 0 && this.holds === 0) return;
    this.holds += change;
    if (change > 0) this.cache.hold();
    else this.cache.release();
  }

  check(): void {
    assert.ok(this.cache.bytes <= this.cache.limitBytes, `${this.cache.bytes} of ${this.cache.limitBytes} bytes`);
    assert.equal(this.cache.hits + this.cache.misses, this.asked);
    for (const { got, bytes } of this.seen) assert.deepEqual(got, bytes, 'a block that may be read stays as it is');
  }
}

test('random programs: the newest block or none, within the limit, and what is read stays as it is', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const run = new Run();
      for (const step of script) {
        if (step.kind === 'put') run.put(step.block.table, step.block.offset, step.length);
        else if (step.kind === 'get') run.get(step.block.table, step.block.offset);
        else if (step.kind === 'drop') run.drop(step.table);
        else if (step.kind === 'resize') run.cache.resize(step.bytes);
        else if (step.kind === 'turn') run.endTurn();
        else run.hold(step.kind === 'hold' ? 1 : -1);
        run.check();
      }
      run.cache.resize(0);
      assert.equal(run.cache.bytes, 0);
      assert.equal(run.cache.count, 0);
    }),
    { numRuns: 150 },
  );
});

test('blocks with the same hash are told apart, and removed one by one', () => {
  const byHash = new Map<number, [number, number]>();
  const pairs: [number, number][][] = [];
  for (let n = 0; n < 300_000; n += 1) {
    const name: [number, number] = [Math.imul(n, 0x9e3779b1) >>> 26, (Math.imul(n, 0x85ebca6b) >>> 4) * 4096];
    const hash = blockHash(...name);
    const other = byHash.get(hash);
    if (other === undefined) byHash.set(hash, name);
    else pairs.push([other, name]);
  }
  assert.ok(pairs.length > 2, `${pairs.length} pairs of names collide`);
  const cache = new BlockCache(1024 * 1024);
  for (const [a, b] of pairs as [[number, number], [number, number]][]) {
    cache.put(...a, Uint8Array.of(1));
    assert.equal(cache.get(...b), undefined);
    cache.put(...b, Uint8Array.of(2));
    assert.deepEqual(cache.get(...a), Uint8Array.of(1));
    assert.deepEqual(cache.get(...b), Uint8Array.of(2));
    cache.dropTable(a[0]);
    assert.equal(cache.get(...a), undefined);
    assert.deepEqual(cache.get(...b), a[0] === b[0] ? undefined : Uint8Array.of(2));
    cache.dropTable(b[0]);
  }
  assert.equal(cache.count, 0);
});

test('two blocks of one table with the same hash are told apart', () => {
  const low = 5 * 4096;
  const high = 2 ** 32 + ((low ^ 0xc2b2ae3d) >>> 0);
  assert.equal(blockHash(3, low), blockHash(3, high));
  const cache = new BlockCache(1024 * 1024);
  cache.put(3, low, Uint8Array.of(1));
  assert.equal(cache.get(3, high), undefined);
  cache.put(3, high, Uint8Array.of(2));
  assert.deepEqual(cache.get(3, low), Uint8Array.of(1));
  assert.deepEqual(cache.get(3, high), Uint8Array.of(2));
});

test('hashes of neighbouring offsets spread over tables and places', () => {
  const top = new Set<number>();
  const low = new Set<number>();
  for (let n = 0; n < 4096; n += 1) {
    top.add(blockHash(9, n * 4096) >>> 26);
    low.add(blockHash(9, TWO_40 - n * 4096) & 4095);
  }
  assert.equal(top.size, 64);
  // Random throws of 4096 into 4096 hit 63 %.
  assert.ok(low.size > 0.6 * 4096, `${low.size} places`);
});
