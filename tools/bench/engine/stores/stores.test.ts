/** Each contender does each of its ways right: a store that was measured doing something else would win or lose by it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openStore, storeNames } from './names.ts';

const folder = mkdtempSync(join(tmpdir(), 'torc-bench-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const keys = 200;
const numbers = Uint32Array.from({ length: keys }, (_, number) => number);

describe('stores of the engine bench', () => {
  for (const name of storeNames) {
    test(`${name}: what any way put is there for every way to read, also after opening again`, async () => {
      const options = { folder: join(folder, name), budgetBytes: 1024 * 1024, valueBytes: 100 };
      const store = await openStore(name, options);
      let put = 0;
      for (const way of store.fills) {
        await way.putBatch(numbers, put, put + 50);
        put += 50;
      }
      for (const way of store.puts) {
        await Promise.all(Array.from(numbers.subarray(put, put + 20), (number) => way.put(number)));
        put += 20;
      }
      assert.throws(() => store.get(put), /missing/);
      await store.close();

      const again = await openStore(name, options);
      for (const way of again.gets) await way.run(numbers, 0, put);
      for (const way of again.scans) {
        assert.equal(await way.run(keys), put);
        assert.equal(await way.run(30), 30);
      }
      for (const way of again.gets) await assert.rejects(async () => way.run(numbers, 0, put + 1), /missing/);
      await again.close();
    });

    test(`${name}: a value of another length is noticed`, async () => {
      const base = { folder: join(folder, `${name}-length`), budgetBytes: 1024 * 1024 };
      const store = await openStore(name, { ...base, valueBytes: 100 });
      await store.fills[0]?.putBatch(numbers, 0, 10);
      await store.close();
      const again = await openStore(name, { ...base, valueBytes: 101 });
      assert.throws(() => again.get(3), /100 bytes instead of 101/);
      await again.close();
    });
  }
});
