/** Reports: what inspection says of directories that are sound, and of those that are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logName, manifestName } from '../../src/commit-log/names.ts';
import { inspectDirectory } from '../../src/inspect/directory-report.ts';
import type { InspectPorts } from '../../src/inspect/inspect-ports.ts';
import { inspectLog } from '../../src/inspect/log-report.ts';
import { inspectManifest } from '../../src/inspect/manifest-report.ts';
import { inspectTable } from '../../src/inspect/table-report.ts';
import { tableName } from '../../src/sstable/names.ts';
import { randomEntries } from '../sstable/bench.ts';
import { compressor, Directory, entriesOf, fileBytes, healthy, tamper } from './bench.ts';

const OPTIONS = { blocks: 1000, probes: 0, entries: 0 };

function portsOf({ disk, random }: Directory): InspectPorts {
  return { disk, compressor, random };
}

test('a directory is told as what it is made of, and not written to', async () => {
  const directory = await healthy();
  const { disk } = directory;
  const [before, operations] = [disk.digest(), disk.operations];
  const report = inspectDirectory(portsOf(directory), OPTIONS);
  assert.deepEqual(
    report.manifest?.runs.map(({ rank, tables }) => [rank, tables.map(({ meta }) => meta.number)]),
    [
      [3, [3]],
      [0, [1, 2]],
    ],
  );
  assert.deepEqual(
    report.tables.map(({ number, data, damaged }) => [number, data?.entries, damaged.length]),
    [
      [1, 24, 0],
      [2, 12, 0],
      [3, 110, 0],
    ],
  );
  assert.deepEqual(
    report.logs.map(({ number, end, frames, whole, states }) => [number, end, frames, whole, states]),
    [
      [4, 'followed', 3, 3, 3],
      [5, 'closed', 3, 2, 2],
    ],
  );
  assert.equal(report.totals.entries, 146);
  assert.equal(
    report.totals.bytes,
    disk.inspect().reduce((sum, { path }) => sum + fileBytes(disk, path), 0),
  );
  assert.deepEqual([report.orphans, report.others], [[], []]);
  assert.deepEqual([disk.digest(), disk.operations], [before, operations]);
});

test('a table is told by its codecs, blocks and restart points; entries are shown from the first', async () => {
  const directory = await healthy();
  const one = inspectTable(portsOf(directory), 1, { ...OPTIONS, entries: 10 });
  assert.equal(one.partitions, 3);
  assert.equal(one.data?.blocks, one.meta?.blocks);
  assert.ok(one.data?.codecs.some(({ codec, storedBytes, rawBytes }) => codec === 1 && storedBytes < rawBytes));
  assert.ok((one.data?.restarts ?? 0) >= (one.meta?.blocks ?? 0));
  assert.deepEqual(
    one.entries.map(({ key }) => key),
    entriesOf(0, 10).map(({ key }) => key),
  );
  assert.equal(one.entries[0]?.record?.siblings[0]?.tombstone, true);
  const sampled = inspectTable(portsOf(directory), 3, { ...OPTIONS, blocks: 5 });
  assert.ok((sampled.data?.blocks ?? 0) <= 5 && (sampled.data?.blocks ?? 0) >= 3);
});

test('the measured rate of false positives is that of theory, within a fifth', () => {
  const directory = Directory.make();
  const entries = randomEntries(directory.random.fork('entries'), 20_000);
  for (const [number, bits] of [
    [1, 5],
    [2, 10],
  ] as const) {
    directory.writeTable(number, entries, { settings: { filterBitsPerKey: bits, blockBytes: 4096 } });
    const { filter } = inspectTable(portsOf(directory), number, { ...OPTIONS, blocks: 10, probes: 60_000 });
    assert.ok(filter !== undefined && Math.abs(filter.bitsPerKey - bits) < 0.05);
    assert.ok(Math.abs(filter.rate / filter.theory - 1) < 0.2, `${filter.rate} and ${filter.theory} at ${bits} bits`);
    assert.equal(filter.probes, Math.round(bits * Math.LN2));
  }
  directory.writeTable(3, entriesOf(0, 5), { settings: { filterBitsPerKey: 0 } });
  assert.equal(inspectTable(portsOf(directory), 3, { ...OPTIONS, probes: 10 }).filter, undefined);
});

test('no flipped byte keeps a directory from being told, as far as it can be read', async () => {
  const { image } = await healthy();
  const directory = Directory.from(image);
  const ports = portsOf(directory);
  for (const path of [tableName(2), manifestName(1), logName(5)]) {
    const size = fileBytes(directory.disk, path);
    for (let offset = 0; offset < size; offset += 5) {
      directory.disk.flipBit(path, offset, 3);
      const { tables, manifest, logs } = inspectDirectory(ports, OPTIONS);
      if (path === tableName(2)) {
        const table = tables.find(({ number }) => number === 2);
        assert.ok(table !== undefined && tables.length === 3);
      }
      if (path === manifestName(1) && offset < size - 32) {
        assert.ok(manifest?.problem !== undefined || manifest?.reading?.end === 'damaged', `byte ${offset}`);
      }
      if (path === logName(5) && offset < size - 32) {
        assert.ok(logs[1]?.problem !== undefined || logs[1]?.end === 'damaged', `byte ${offset}`);
      }
      directory.disk.flipBit(path, offset, 3);
    }
  }
});

test('a log and a manifest say how they end', async () => {
  const directory = await healthy();
  const { disk } = directory;
  assert.equal(inspectManifest(disk, 1).reading?.end, 'closed');
  assert.equal(inspectManifest(disk, 2).problem, 'no such file');
  const shown = inspectLog(disk, 5, { entries: 1 });
  assert.equal(String.fromCharCode(...(shown.entries[0]?.key.subarray(6) ?? [])), 'log 12');
  const size = fileBytes(disk, logName(5));
  const end = (): string => inspectLog(disk, 5, { entries: 0 }).end;
  tamper(disk, logName(5), (file) => file.truncate(size - 32));
  assert.equal(end(), 'whole');
  tamper(disk, logName(5), (file) => file.truncate(size + 4096));
  assert.equal(end(), 'whole', 'zeros were written ahead');
  tamper(disk, logName(5), (file) => file.truncate(size - 40));
  assert.equal(end(), 'torn');
});
