/** The record cache at its limits: who stays when a chunk is emptied, sizes, resizing, large tables made small. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes } from '@torc/base/bytes';
import { RecordCache } from '../../src/cache/record-cache.ts';
import { EngineKey } from '../../src/key.ts';
import { keyHash } from '../../src/key-hash.ts';

const MIB = 1024 * 1024;
const key = new EngineKey();

function aim(name: string): number {
  const bytes = asciiBytes(name);
  key.aim(0, bytes, 0, bytes.length);
  return keyHash(0, bytes, 0, bytes.length, 1, 2);
}

function put(cache: RecordCache, name: string, length: number): void {
  cache.put(key, aim(name), new Uint8Array(length), 0, length);
}

function has(cache: RecordCache, name: string): boolean {
  return cache.find(key, aim(name)) !== 0;
}

test('what is asked for again and again stays while ten times the cache passes by', () => {
  const cache = new RecordCache(MIB);
  for (let n = 0; n < 50; n += 1) {
    put(cache, `before ${n}`, 100);
    put(cache, `hot ${n}`, 100);
  }
  for (let n = 0; n < 100_000; n += 1) {
    put(cache, `cold ${n}`, 100);
    if (n % 100 === 0) for (let hot = 0; hot < 50; hot += 1) has(cache, `hot ${hot}`);
  }
  for (let n = 0; n < 50; n += 1) assert.ok(has(cache, `hot ${n}`), `hot ${n}`);
  assert.ok(!has(cache, 'cold 0'));
  assert.ok(has(cache, 'cold 99999'));
  assert.ok(cache.bytes > 0.8 * MIB && cache.bytes <= MIB);
});

test('where everything is asked for there is progress all the same: the newest is always there', () => {
  const cache = new RecordCache(256 * 1024);
  for (let n = 0; n < 20_000; n += 1) {
    put(cache, `key ${n}`, 50 + (n % 300));
    assert.ok(has(cache, `key ${n}`));
  }
  assert.ok(cache.count > 500);
});

test('the mark is cleared when an entry stays: asked for once, it goes the next time', () => {
  const cache = new RecordCache(MIB);
  put(cache, 'once', 100);
  assert.ok(has(cache, 'once'));
  for (let n = 0; n < 20_000; n += 1) put(cache, `cold ${n}`, 100);
  assert.ok(!has(cache, 'once'));
});

test('a record whose entry is above an eighth of a chunk is not kept, and what stood there has left', () => {
  const cache = new RecordCache(MIB);
  const limit = MIB / 8 / 8 - 16 - 6 - 3;
  put(cache, 'key', 10);
  put(cache, 'key', limit);
  assert.ok(has(cache, 'key'));
  put(cache, 'key', limit + 8);
  assert.ok(!has(cache, 'key'));
});

test('a removed key does not come back when its chunk is emptied, nor an older record of a key', () => {
  const cache = new RecordCache(64 * 1024);
  for (let n = 0; n < 300; n += 1) {
    put(cache, 'gone', 40);
    has(cache, 'gone');
    put(cache, 'twice', 41);
    has(cache, 'twice');
    put(cache, 'twice', 42);
    assert.ok(cache.remove(key, aim('gone')));
    for (let i = 0; i < 40; i += 1) {
      put(cache, `cold ${n} ${i}`, 100);
      assert.ok(!has(cache, 'gone'));
      const ref = cache.find(key, aim('twice'));
      assert.ok(ref === 0 || cache.recordEnd(ref) - cache.recordAt(ref) === 42);
    }
  }
  assert.ok(!cache.remove(key, aim('gone')));
});

test('resizing down keeps the newest, to nothing keeps nothing, and up again works', () => {
  const cache = new RecordCache(16 * MIB);
  for (let n = 0; n < 50_000; n += 1) put(cache, `key ${n}`, 200);
  assert.ok(cache.bytes > 10 * MIB);
  cache.resize(4 * MIB);
  assert.ok(cache.bytes <= 4 * MIB && has(cache, 'key 49999') && !has(cache, 'key 0'));
  for (let n = 0; n < 30_000; n += 1) put(cache, `again ${n}`, 200);
  assert.ok(cache.bytes <= 4 * MIB && cache.bytes > 3 * MIB);
  cache.resize(0);
  assert.equal(cache.bytes, 0);
  put(cache, 'a', 1);
  assert.ok(!has(cache, 'a'));
  cache.resize(MIB);
  put(cache, 'a', 1);
  assert.ok(has(cache, 'a'));
});

test('tables grown by small records become small again when large ones come', () => {
  const cache = new RecordCache(4 * MIB);
  for (let n = 0; n < 100_000; n += 1) {
    put(cache, `small ${n}`, 1);
    assert.ok(cache.bytes <= 4 * MIB);
  }
  const small = cache.count;
  for (let n = 0; n < 6_000; n += 1) put(cache, `large ${n}`, 8_000);
  assert.ok(small > 50_000 && cache.count > 400, `${small} and ${cache.count}`);
  assert.ok(cache.bytes > 3.4 * MIB && cache.count * 8_000 > 3.2 * MIB, `${cache.count} of 8 KB`);
});
