/** The record cache against a map: never a wrong record, never one that was removed, never too many bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordCache } from '../../src/cache/record-cache.ts';
import { EngineKey } from '../../src/key.ts';

/** Few keys of different lengths in two buckets, one of them empty. */
const keys: EngineKey[] = [];
for (let n = 0; n < 60; n += 1) {
  const bytes = new Uint8Array(2 + Math.floor(n / 2) * 3).fill(Math.floor(n / 2));
  keys.push(new EngineKey().aim(n & 1, bytes, 1, bytes.length - (n === 0 ? 1 : 0)));
}
const hashings: ((n: number) => number)[] = [
  (n) => Math.imul(n + 1, 0x9e3779b1) >>> 0,
  () => 0xffffffff,
  (n) => ((n % 3) * 0x80000000) >>> 0,
];
const key = fc.nat(keys.length - 1);
const steps = fc.array(
  fc.oneof(
    { weight: 50, arbitrary: fc.record({ kind: fc.constant('put' as const), key, length: fc.nat(600) }) },
    { weight: 50, arbitrary: fc.record({ kind: fc.constant('find' as const), key }) },
    { weight: 15, arbitrary: fc.record({ kind: fc.constant('remove' as const), key }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('resize' as const), bytes: fc.nat(40_000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
  ),
  { maxLength: 400, size: 'max' },
);

class Run {
  readonly cache = new RecordCache(13_000);
  readonly model = new Map<number, Uint8Array>();
  readonly hashing: (n: number) => number;
  asked = 0;
  serial = 0;

  constructor(hashing: (n: number) => number) {
    this.hashing = hashing;
  }

  put(n: number, length: number): void {
    this.serial += 1;
    const record = new Uint8Array(length + 6).fill(this.serial, 3, 3 + length);
    this.model.set(n, record.slice(3, 3 + length));
    this.cache.put(keys[n] as EngineKey, this.hashing(n), record, 3, 3 + length);
    this.find(n);
  }

  find(n: number): void {
    this.asked += 1;
    const { cache } = this;
    const ref = cache.find(keys[n] as EngineKey, this.hashing(n));
    if (ref === 0) return;
    assert.deepEqual(cache.bytesOf(ref).slice(cache.recordAt(ref), cache.recordEnd(ref)), this.model.get(n));
  }

  remove(n: number): void {
    const removed = this.cache.remove(keys[n] as EngineKey, this.hashing(n));
    assert.ok(!removed || this.model.has(n));
    this.model.delete(n);
    this.asked += 1;
    assert.equal(this.cache.find(keys[n] as EngineKey, this.hashing(n)), 0);
  }

  check(): void {
    assert.ok(this.cache.bytes <= this.cache.limitBytes, `${this.cache.bytes} of ${this.cache.limitBytes} bytes`);
    assert.ok(this.cache.count <= this.model.size);
    assert.equal(this.cache.hits + this.cache.misses, this.asked);
  }
}

for (const [which, hashing] of hashings.entries()) {
  test(`random programs, hashing ${which}: the newest record or none, within the limit`, () => {
    fc.assert(
      fc.property(steps, (script) => {
        const run = new Run(hashing);
        for (const step of script) {
          if (step.kind === 'put') run.put(step.key, step.length);
          else if (step.kind === 'find') run.find(step.key);
          else if (step.kind === 'remove') run.remove(step.key);
          else if (step.kind === 'resize') run.cache.resize(step.bytes);
          else {
            run.cache.clear();
            run.model.clear();
          }
          run.check();
        }
        for (let n = 0; n < keys.length; n += 1) run.find(n);
      }),
      { numRuns: 60 },
    );
  });
}
