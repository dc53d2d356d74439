/** fsck: a healthy directory passes, and every flipped byte, lost file and wrong word of a manifest is found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logName, manifestName } from '../../src/commit-log/names.ts';
import type { Finding } from '../../src/inspect/findings.ts';
import type { FsckReport } from '../../src/inspect/fsck.ts';
import { tableName } from '../../src/sstable/names.ts';
import { engineKey } from '../sstable/bench.ts';
import { Directory, entriesOf, fileBytes, healthy, placed, tamper } from './bench.ts';

const CLOSING_MARK_BYTES = 32;

function brief(findings: readonly Finding[]): string[] {
  return findings.map(({ path, detail }) => `${path}: ${detail}`);
}

function none(report: FsckReport): void {
  assert.deepEqual(brief([...report.errors, ...report.warnings, ...report.notes]), []);
}

test('a healthy directory has nothing to be said about, all of it was looked at, and nothing is written', async () => {
  const directory = await healthy();
  const { disk } = directory;
  const [before, operations] = [disk.digest(), disk.operations];
  const report = directory.fsck();
  none(report);
  const { bytes, ...counts } = report.checked;
  assert.deepEqual(counts, { tables: 3, blocks: counts.blocks, entries: 146, segments: 2, batches: 5 });
  assert.ok(counts.blocks > 60);
  const total = disk.inspect().reduce((sum, { path }) => sum + fileBytes(disk, path), 0);
  assert.ok(bytes > total - 3 * 128 - 1 && bytes <= total, 'all but headers and footers of tables is counted');
  assert.deepEqual([disk.digest(), disk.operations], [before, operations]);
});

test('every flipped byte of a table is an error in that file', async () => {
  const limits = { entries: 9, dataBytes: 1 << 20 };
  for (const settings of [{ codec: 1, blockBytes: 400 }, { filterBitsPerKey: 0 }] as const) {
    const directory = Directory.make();
    await directory.append({ put: [placed(directory.writeTable(1, entriesOf(0, 20), { settings, limits }))] });
    directory.manifest.close();
    const path = tableName(1);
    const size = fileBytes(directory.disk, path);
    for (let offset = 0; offset < size; offset += 1) {
      directory.disk.flipBit(path, offset, offset % 8);
      const { errors } = directory.fsck();
      assert.ok(errors.length > 0 && errors.every((error) => error.path === path), `byte ${offset}`);
      directory.disk.flipBit(path, offset, offset % 8);
    }
    none(directory.fsck());
  }
});

test('every flipped byte of a manifest or of a log is an error in that file; but the closing mark is a tail', async () => {
  const { image } = await healthy();
  for (const path of [manifestName(1), logName(4), logName(5)]) {
    const directory = Directory.from(image);
    const size = fileBytes(directory.disk, path);
    const closes = path !== logName(4);
    for (let offset = 0; offset < size; offset += 1) {
      directory.disk.flipBit(path, offset, offset % 8);
      const { errors, notes } = directory.fsck();
      const isMark = closes && offset >= size - CLOSING_MARK_BYTES;
      // A segment says how much of the one before counts: damage in its header is met there, too.
      if (!isMark) assert.equal(errors[0]?.path, path, `byte ${offset} of ${path}`);
      else assert.ok(errors.length === 0 && notes.some((note) => note.path === path), `byte ${offset} of ${path}`);
      directory.disk.flipBit(path, offset, offset % 8);
    }
    none(directory.fsck());
  }
});

test('files cut at any length never pass as what they were', async () => {
  const { image } = await healthy();
  for (const path of [tableName(2), manifestName(1), logName(4)]) {
    const size = fileBytes(Directory.from(image).disk, path);
    for (let cut = 0; cut < size; cut += 7) {
      const directory = Directory.from(image);
      tamper(directory.disk, path, (file) => file.truncate(cut));
      const { errors, notes } = directory.fsck();
      if (path === manifestName(1)) assert.ok(errors.length + notes.length > 0, `${path} at ${cut}`);
      else
        assert.ok(
          errors.some((error) => error.path === path),
          `${path} at ${cut}`,
        );
    }
  }
});

test('a lost file is an error that names it', async () => {
  const { image } = await healthy();
  for (const path of [tableName(3), logName(4)]) {
    const directory = Directory.from(image);
    directory.disk.remove(path);
    const { errors } = directory.fsck();
    assert.deepEqual(
      errors.map((error) => error.path),
      [path],
    );
    assert.match(errors[0]?.detail ?? '', /missing/);
  }
  const directory = Directory.from(image);
  directory.disk.remove(manifestName(1));
  const { errors } = directory.fsck();
  assert.match(brief(errors)[0] ?? '', /^manifest: there are tables, and no manifest/);
});

test('a segment under the name of another is an error', async () => {
  const directory = Directory.from((await healthy()).image);
  directory.disk.remove(logName(5));
  directory.disk.link(logName(4), logName(5));
  assert.ok(brief(directory.fsck().errors).some((line) => line.includes('this is segment 4')));
});

test('a table under the name of another is an error, and so is one that the manifest describes otherwise', async () => {
  const directory = Directory.from((await healthy()).image);
  directory.disk.rename(tableName(1), tableName(2));
  const { errors } = directory.fsck();
  assert.deepEqual(
    errors.map(({ path, offset }) => [path, offset]),
    [
      [tableName(1), undefined],
      [tableName(2), 12],
    ],
  );
  const other = Directory.make();
  const meta = other.writeTable(1, entriesOf(0, 5));
  await other.append({ put: [placed({ ...meta, entries: 6, lastKey: engineKey('{t}zz') })] });
  assert.deepEqual(brief(other.fsck().errors), [
    `${tableName(1)}: entries: the manifest says 6, the table 5`,
    `${tableName(1)}: lastKey: the manifest says 0:"{t}zz", the table 0:"{t}000004"`,
  ]);
});

test('runs that overlap, holes and marks that mean nothing, and ranges that are marked are named', async () => {
  const directory = Directory.make();
  const one = directory.writeTable(1, entriesOf(0, 10));
  const two = directory.writeTable(2, entriesOf(9, 10));
  const three = directory.writeTable(3, entriesOf(50, 10));
  const far = { from: engineKey('{t}9'), to: engineKey('{t}91') };
  const marked = { from: engineKey('{t}000052'), to: engineKey('{t}000053') };
  await directory.append({
    put: [
      placed(one, { holes: [{ from: new Uint8Array(0) }] }),
      placed(two),
      placed(three, { holes: [far], damaged: [marked] }),
    ],
  });
  const { errors, warnings } = directory.fsck();
  assert.deepEqual(brief(errors), [`${tableName(2)}: in run 0 it overlaps ${tableName(1)}`]);
  assert.deepEqual(brief(warnings), [
    `${tableName(1)}: holes cover all of the table, which should have been removed`,
    `${tableName(3)}: keys from 0:"{t}9" up to 0:"{t}91" are none of this table's`,
    `${tableName(3)}: keys from 0:"{t}000052" up to 0:"{t}000053" are marked as damaged`,
  ]);
});

test('a filter that denies its keys is an error', async () => {
  const directory = Directory.make();
  const meta = directory.writeTable(1, entriesOf(0, 10), { settings: { hashKey0: 12345 } });
  await directory.append({ put: [placed(meta)] });
  assert.match(brief(directory.fsck().errors)[0] ?? '', /a filter denies a key that is there/);
});

test('what a crash leaves is noted, and what is not of Torc too', async () => {
  const directory = Directory.from((await healthy()).image);
  const { disk } = directory;
  for (const path of ['table-0000000009.tmp', 'salvaged-log-0000000001', 'notes.txt', 'LOCK', 'reserve'])
    disk.create(path).close();
  disk.link(tableName(1), tableName(8));
  disk.link(logName(4), logName(3));
  const end = fileBytes(disk, logName(5)) - CLOSING_MARK_BYTES;
  tamper(disk, logName(5), (file) => file.writeNow(new Uint8Array(40).fill(9), 0, 40, end));
  const { errors, warnings, notes } = directory.fsck();
  assert.deepEqual(brief([...errors, ...warnings]), []);
  assert.deepEqual(brief(notes), [
    `${tableName(8)}: the manifest does not name this table`,
    `${logName(3)}: the manifest needs the log from segment 4 on only`,
    `${logName(5)}: no mark of a clean close`,
    `${logName(5)}: 40 bytes behind the last whole frame`,
    'notes.txt: a name that Torc does not give',
    'salvaged-log-0000000001: a file that was damaged',
    'table-0000000009.tmp: it was not finished',
  ]);
});

test('an empty directory, and one that only has a log, are said to be what they are', () => {
  const directory = Directory.make();
  directory.disk.remove(manifestName(1));
  assert.match(brief(directory.fsck().notes)[0] ?? '', /no manifest, no table, no log/);
  directory.writeLog(1, { firstBatch: 1, previousBytes: 0, batches: 2 });
  const { errors, notes, checked } = directory.fsck();
  assert.deepEqual([errors.length, checked.segments, checked.batches], [0, 1, 2]);
  assert.match(brief(notes).join(), /no manifest/);
});

test('bytes that the disk does not give are an error, and the rest is checked', async () => {
  const directory = Directory.from((await healthy()).image);
  directory.disk.faults.failNth('read', 30);
  const { errors } = directory.fsck();
  assert.equal(errors.length, 1);
  assert.match(errors[0]?.means ?? '', /does not give these bytes/);
});
