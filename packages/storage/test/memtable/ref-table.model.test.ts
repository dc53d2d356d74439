/** The table of hashes against a map: inserting, replacing and removing by shifting back, under collisions of every kind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RefTable } from '../../src/memtable/ref-table.ts';

/** Few homes, so that runs grow long, wrap round the end, and share prefixes with other runs. */
const hashes = fc.oneof(
  fc.constantFrom(0, 1, 14, 15, 16, 31, 0xffffffff, 0xfffffff0, 0x80000000, 0x7fffffff),
  fc.integer({ min: 0, max: 0xffffffff }),
);
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('insert' as const), hash: hashes }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('replace' as const), at: fc.nat() }) },
  ),
  { maxLength: 120, size: 'max' },
);

function placeOf(table: RefTable, hash: number, ref: number): number {
  let at = table.first(hash);
  for (let walked = 0; table.refAt(at) !== 0; walked += 1) {
    assert.ok(walked <= table.bytes / 8, 'a walk ends');
    if (table.refAt(at) === ref) return at;
    at = table.next(at);
  }
  return -1;
}

function check(table: RefTable, model: ReadonlyMap<number, number>): void {
  assert.equal(table.count, model.size);
  assert.ok(table.count <= (table.bytes / 8) * 0.625);
  for (const [ref, hash] of model) {
    const at = placeOf(table, hash, ref);
    assert.ok(at >= 0, `ref ${ref} of hash ${hash} is found`);
    assert.equal(table.hashAt(at), hash);
  }
  assert.deepEqual(
    [...table.refs()].sort((a, b) => a - b),
    [...model.keys()].sort((a, b) => a - b),
  );
}

test('whatever is inserted, replaced and removed, every walk finds what is there and nothing else', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const table = new RefTable();
      const model = new Map<number, number>();
      let nextRef = 1;
      for (const step of script) {
        const ref = step.kind === 'insert' ? undefined : [...model.keys()][step.at % Math.max(model.size, 1)];
        if (step.kind === 'insert') {
          table.insert(step.hash, nextRef);
          model.set(nextRef, step.hash);
          nextRef += 1;
        } else if (ref !== undefined) {
          const hash = model.get(ref) as number;
          const place = placeOf(table, hash, ref);
          model.delete(ref);
          if (step.kind === 'remove') {
            table.remove(place);
            assert.equal(placeOf(table, hash, ref), -1);
          } else {
            table.replace(place, nextRef);
            model.set(nextRef, hash);
            nextRef += 1;
          }
        }
        check(table, model);
      }
    }),
    { numRuns: 150 },
  );
});

test('a run of equal hashes that wraps round the end is emptied in any order', () => {
  for (let first = 0; first < 8; first += 1) {
    const table = new RefTable();
    const model = new Map<number, number>();
    for (let ref = 1; ref <= 8; ref += 1) {
      table.insert(13, ref);
      model.set(ref, 13);
    }
    for (let n = 0; n < 8; n += 1) {
      const ref = ((first + n * 3) % 8) + 1;
      table.remove(placeOf(table, 13, ref));
      model.delete(ref);
      check(table, model);
    }
  }
});

test('growing keeps refs up to the largest u32', () => {
  const table = new RefTable();
  const model = new Map<number, number>();
  for (let n = 0; n < 1000; n += 1) {
    const ref = 0xffffffff - n;
    table.insert((n * 2654435761) >>> 0, ref);
    model.set(ref, (n * 2654435761) >>> 0);
  }
  check(table, model);
});
