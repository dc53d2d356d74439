/** From measurements to aims: a ratio the wrong way round would be believed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FillMeasured, Measured } from './protocol.ts';
import type { RowResult } from './rounds.ts';
import { keysFor, rowsFor } from './rows.ts';
import { judge, summarise } from './summary.ts';

function at(...rates: readonly number[]): readonly Measured[] {
  return rates.map((opsPerSec) => ({ way: 'some', operations: 1, seconds: 1, opsPerSec, stallMs: opsPerSec / 100 }));
}

function row(stores: RowResult['stores'], valueBytes = 100): RowResult {
  return { row: 'put-16', valueBytes, keys: 10, stores };
}

describe('engine summary', () => {
  test('ratios are Torc over the other, round by round', () => {
    const [summary] = summarise([row({ torc: at(600, 100), 'classic-level': at(100, 100), lmdb: at(200, 100) })]);
    assert.deepEqual(summary?.torcOver['classic-level'], { min: 1, median: 3.5, max: 6 });
    assert.deepEqual(summary?.torcOver.lmdb, { min: 1, median: 2, max: 3 });
    assert.equal(summary?.torcOver.torc, undefined);
    assert.equal(summary?.stallMs.torc, 6);
  });

  test('an aim is met by the median, and only where its row was measured at 100 bytes', () => {
    const stores = { torc: at(300), 'classic-level': at(100), lmdb: at(101) };
    const verdicts = judge(summarise([row(stores)]));
    assert.deepEqual(
      verdicts.map(({ against, met }) => [against, met]),
      [
        ['classic-level', true],
        ['lmdb', false],
      ],
    );
    assert.deepEqual(judge(summarise([row(stores, 1024)])), []);
  });

  test('what filling cost is per byte of key and value, and per key', () => {
    const [measured] = at(1);
    const fill = { ...measured, memoryBytes: 500, writtenBytes: 2320, diskBytes: 1740 } as FillMeasured;
    const [summary] = summarise([{ row: 'fill', valueBytes: 100, keys: 10, stores: { torc: [fill] } }]);
    assert.deepEqual(summary?.cost, {
      torc: { writeAmplification: 2, spaceAmplification: 1.5, memoryBytesPerKey: 50 },
    });
  });
});

describe('rows', () => {
  test('larger values get fewer rows and fewer keys', () => {
    assert.deepEqual(
      rowsFor(1024, ['fill', 'put-1', 'ycsb-a', 'cold-get']).map(({ name }) => name),
      ['fill', 'ycsb-a'],
    );
    assert.equal(rowsFor(100, ['fill', 'put-1']).length, 2);
    assert.equal(keysFor(100, 300_000), 300_000);
    assert.equal(keysFor(10_240, 300_000), 2930);
    assert.equal(keysFor(1024 * 1024, 300_000), 1000);
  });
});
