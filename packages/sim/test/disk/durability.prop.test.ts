/**
 * What was synced is never lost and nothing is invented: random programs, crashed at every moment and restarted in every
 * mode, against a plain model that knows for each byte, length and name what a crash may leave.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { DiskFile } from '@torc/base/ports/disk';
import { Crash } from '../../src/crash.ts';
import type { SimDisk } from '../../src/disk/disk.ts';
import { LOSS_MODES } from '../../src/disk/loss.ts';
import { CRASH_MOMENTS } from '../../src/disk/operations.ts';
import { contents, makeDisk } from './bench.ts';
import { DiskModel } from './model.ts';

const NAMES = ['a', 'b', 'd/a', 'd/b'] as const;

type Step =
  | { do: 'create' | 'remove' | 'sync'; name: string }
  | { do: 'write'; name: string; position: number; length: number }
  | { do: 'truncate'; name: string; size: number }
  | { do: 'rename' | 'link'; name: string; to: string }
  | { do: 'syncDirectory'; name: '' | 'd' };

const name = fc.constantFrom(...NAMES);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('create' as const), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), name }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('sync' as const), name }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      name,
      position: fc.nat(1500),
      length: fc.integer({ min: 1, max: 1200 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('truncate' as const), name, size: fc.nat(2000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rename' as const), name, to: name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('link' as const), name, to: name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('syncDirectory' as const), name: fc.constantFrom('', 'd') }) },
);

/** Runs one step on the disk and tells the model before and after. */
function run(disk: SimDisk, model: DiskModel, files: Map<string, DiskFile>, each: Step, value: number): void {
  const file = files.get(each.name);
  if (each.do === 'syncDirectory') {
    disk.syncDirectory(each.name);
    model.directorySynced(each.name);
  } else if (each.do === 'create') {
    if (file !== undefined) return;
    model.creating(each.name);
    files.set(each.name, disk.create(each.name));
  } else if (file === undefined) {
    return;
  } else if (each.do === 'remove') {
    model.removing(each.name);
    disk.remove(each.name);
    files.delete(each.name);
  } else if (each.do === 'rename') {
    if (model.areOne(each.name, each.to)) return;
    model.renaming(each.name, each.to);
    disk.rename(each.name, each.to);
    files.delete(each.name);
    files.set(each.to, file);
  } else if (each.do === 'link') {
    if (files.has(each.to)) return;
    model.linking(each.name, each.to);
    disk.link(each.name, each.to);
    files.set(each.to, disk.open(each.to));
  } else if (each.do === 'write') {
    model.writing(each.name, each.position, each.length, value);
    file.writeNow(new Uint8Array(each.length).fill(value), 0, each.length, each.position);
  } else if (each.do === 'truncate') {
    model.truncating(each.name, each.size);
    file.truncate(each.size);
  } else {
    file.syncNow();
    model.synced(each.name);
  }
}

test('synced bytes, lengths and names survive every crash, and nothing is invented', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.nat(),
      fc.nat(1_000_000),
      fc.constantFrom(...CRASH_MOMENTS),
      fc.constantFrom(0, 0.4),
      (steps, seed, point, moment, writeBack) => {
        const disk = makeDisk(seed, { faults: { writeBack } });
        disk.makeDirectory('d');
        disk.syncDirectory('');
        disk.armCrash({ operation: 3 + (point % steps.length), moment });
        const model = new DiskModel();
        const files = new Map<string, DiskFile>();
        try {
          steps.forEach((each, index) => run(disk, model, files, each, 1 + (index % 250)));
        } catch (error: unknown) {
          if (!(error instanceof Crash)) throw error;
        }
        for (const mode of LOSS_MODES) {
          const restarted = disk.restart(mode);
          for (const path of NAMES) {
            const [directory, base] = path.startsWith('d/') ? ['d', path.slice(2)] : ['', path];
            const found = restarted.list(directory).includes(base) ? contents(restarted, path) : undefined;
            assert.equal(model.complaint(path, found), undefined, `${mode} ${path} after ${String(disk.crashed)}`);
          }
        }
      },
    ),
    { numRuns: 4000 },
  );
});
