/**
 * The part of the disk suite about `…Later` calls: the same bytes as their blocking twins, any number at once.
 */
import { type DiskBench, diskCase, readAll, writeAll, writeAllLater } from './disk-bench.ts';
import { type Case, expect, expectBytes, expectEqual, noise } from './suite.ts';

export const ASYNC_FILE_CASES: readonly Case<DiskBench>[] = [
  diskCase('twins see the same bytes', async (bench) => {
    const file = bench.disk.create('a');
    await writeAllLater(bench, file, noise(3000), 0);
    expectBytes(readAll(file), noise(3000), 'written later, read now');
    writeAll(file, noise(100, 2), 1000);
    const into = new Uint8Array(3000);
    expectEqual(await bench.settle(file.readLater(into, 0, 3000, 0)), 3000, 'bytes read later');
    const wanted = noise(3000);
    wanted.set(noise(100, 2), 1000);
    expectBytes(into, wanted, 'written now, read later');
    await bench.settle(file.syncLater());
    expectBytes(readAll(file), wanted, 'after a sync');
  }),
  diskCase('a later read is short at the end of the file only', async ({ disk, settle }) => {
    const file = disk.create('a');
    writeAll(file, noise(100), 0);
    const into = new Uint8Array(200).fill(0xcc);
    expectEqual(await settle(file.readLater(into, 10, 150, 50)), 50, 'over the end');
    expectBytes(into.subarray(10, 60), noise(100).subarray(50), 'the bytes');
    expectBytes(into.slice(0, 10), new Uint8Array(10).fill(0xcc), 'before the range');
    expectEqual(await settle(file.readLater(into, 0, 10, 100)), 0, 'behind the end');
  }),
  diskCase('later calls at once all land, whatever their order', async (bench) => {
    const file = bench.disk.create('a');
    const works: Promise<void>[] = [];
    for (let i = 0; i < 40; i++) works.push(continueLater(file, noise(700, i + 1), i * 700));
    for (let i = 0; i < 5; i++) works.push(file.syncLater());
    await bench.settle(Promise.all(works));
    const bytes = readAll(file);
    expectEqual(bytes.length, 40 * 700, 'size');
    for (let i = 0; i < 40; i++) expectBytes(bytes.subarray(i * 700, i * 700 + 700), noise(700, i + 1), `write ${i}`);
    const reads = Array.from({ length: 40 }, async (_, i) => {
      const into = new Uint8Array(700);
      expectEqual(await file.readLater(into, 0, 700, i * 700), 700, `read ${i}`);
      expectBytes(into, noise(700, i + 1), `read ${i}`);
    });
    await bench.settle(Promise.all(reads));
  }),
  diskCase('a MiB goes in and out later', async (bench) => {
    const file = bench.disk.create('a');
    await writeAllLater(bench, file, noise(1 << 20), 0);
    await bench.settle(file.syncLater());
    const into = new Uint8Array(1 << 20);
    expectEqual(await bench.settle(file.readLater(into, 0, 1 << 20, 0)), 1 << 20, 'bytes read');
    expectBytes(into, noise(1 << 20), 'the bytes');
  }),
  diskCase('a file that is closed while a later call is under way ends it first', async ({ disk, settle }) => {
    const file = disk.create('a');
    writeAll(file, noise(5000), 0);
    const into = new Uint8Array(5000);
    const works = [file.syncLater(), file.readLater(into, 0, 5000, 0)] as const;
    file.close();
    expectEqual((await settle(Promise.all(works)))[1], 5000, 'bytes read');
    expectBytes(into, noise(5000), 'the bytes');
  }),
  diskCase('no later call settles before it returns', async ({ disk, settle }) => {
    const file = disk.create('a');
    let settled = false;
    const work = file.syncLater().then(() => {
      settled = true;
    });
    expect(!settled, 'settled at once');
    await settle(work);
    expect(settled, 'settled in the end');
  }),
  diskCase('a buffer is not kept once its promise has settled', async (bench) => {
    const file = bench.disk.create('a');
    const buffer = noise(5000);
    await writeAllLater(bench, file, buffer, 0);
    buffer.fill(0xee);
    await bench.settle(file.syncLater());
    expectBytes(readAll(file), noise(5000), 'the file');
  }),
];

async function continueLater(
  file: ReturnType<DiskBench['disk']['open']>,
  bytes: Uint8Array,
  at: number,
): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += await file.writeLater(bytes, done, bytes.length - done, at + done);
}
