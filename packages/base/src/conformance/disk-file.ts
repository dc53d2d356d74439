/**
 * The part of the disk suite about one file and calls that block: positions, lengths, buffers.
 */
import { InvariantError } from '../assert.ts';
import { type DiskBench, diskCase, readAll, writeAll } from './disk-bench.ts';
import { type Case, expectBytes, expectEqual, expectThrows, noise } from './suite.ts';

export const FILE_CASES: readonly Case<DiskBench>[] = [
  diskCase('a new file is empty and knows its path', async ({ disk }) => {
    disk.makeDirectory('d');
    const file = disk.create('d/a');
    expectEqual(file.path, 'd/a', 'path');
    expectEqual(file.sizeBytes(), 0, 'size');
    expectEqual(file.readNow(new Uint8Array(10), 0, 10, 0), 0, 'bytes read');
    expectEqual(disk.open('d/a').path, 'd/a', 'path of the opened file');
  }),
  diskCase('what is written is read, also through another handle', async ({ disk }) => {
    const file = disk.create('a');
    writeAll(file, noise(1000), 0);
    expectBytes(readAll(file), noise(1000), 'through the same');
    expectBytes(readAll(disk.open('a')), noise(1000), 'through another');
    writeAll(disk.open('a'), noise(10, 2), 500);
    const wanted = noise(1000);
    wanted.set(noise(10, 2), 500);
    expectBytes(readAll(file), wanted, 'after a write through another');
  }),
  diskCase('an empty file can be synced, closed and opened', async ({ disk }) => {
    const file = disk.create('a');
    file.syncNow();
    file.close();
    expectEqual(disk.open('a').sizeBytes(), 0, 'size');
  }),
  diskCase('a read is short at the end of the file only', async ({ disk }) => {
    const file = disk.create('a');
    writeAll(file, noise(100), 0);
    const into = new Uint8Array(200);
    expectEqual(file.readNow(into, 0, 100, 0), 100, 'to the end');
    expectEqual(file.readNow(into, 0, 200, 0), 100, 'over the end');
    expectEqual(file.readNow(into, 0, 10, 95), 5, 'at the end');
    expectEqual(file.readNow(into, 0, 10, 100), 0, 'behind the end');
    expectEqual(file.readNow(into, 0, 10, 5000), 0, 'far behind the end');
  }),
  diskCase('a read touches its range of the buffer and no more', async ({ disk }) => {
    const file = disk.create('a');
    writeAll(file, noise(100), 0);
    const into = new Uint8Array(50).fill(0xcc);
    expectEqual(file.readNow(into, 10, 20, 30), 20, 'bytes read');
    expectBytes(into.subarray(10, 30), noise(100).subarray(30, 50), 'the range');
    expectBytes(into.slice(0, 10), new Uint8Array(10).fill(0xcc), 'before it');
    expectBytes(into.slice(30), new Uint8Array(20).fill(0xcc), 'behind it');
  }),
  diskCase('a write takes its range of the buffer and no more', async ({ disk }) => {
    const file = disk.create('a');
    const arena = noise(300);
    const view = arena.subarray(100, 200);
    let done = 0;
    while (done < 50) done += file.writeNow(view, 25 + done, 50 - done, done);
    expectBytes(readAll(file), noise(300).subarray(125, 175), 'the file');
  }),
  diskCase('overwriting changes its range and no more', async ({ disk }) => {
    const file = disk.create('a');
    writeAll(file, noise(5000), 0);
    writeAll(file, noise(1000, 2), 700);
    const wanted = noise(5000);
    wanted.set(noise(1000, 2), 700);
    expectBytes(readAll(file), wanted, 'the file');
  }),
  diskCase('a write behind the end leaves zeros between', async ({ disk }) => {
    const file = disk.create('a');
    writeAll(file, noise(10), 0);
    writeAll(file, noise(10, 2), 10_000);
    const wanted = new Uint8Array(10_010);
    wanted.set(noise(10), 0);
    wanted.set(noise(10, 2), 10_000);
    expectBytes(readAll(file), wanted, 'the file');
  }),
  diskCase('truncate cuts, and what was cut stays gone', async ({ disk }) => {
    const file = disk.create('a');
    writeAll(file, noise(10_000), 0);
    file.truncate(700);
    expectBytes(readAll(file), noise(10_000).subarray(0, 700), 'after cutting');
    file.truncate(9000);
    const wanted = new Uint8Array(9000);
    wanted.set(noise(10_000).subarray(0, 700), 0);
    expectBytes(readAll(file), wanted, 'after growing again');
    file.truncate(0);
    expectEqual(file.sizeBytes(), 0, 'size after truncating to nothing');
    writeAll(file, noise(5), 600);
    expectBytes(readAll(file).subarray(0, 600), new Uint8Array(600), 'zeros below a later write');
  }),
  diskCase('a MiB goes in and out', async ({ disk }) => {
    const file = disk.create('a');
    writeAll(file, noise(1 << 20), 3);
    file.syncNow();
    const bytes = readAll(disk.open('a'));
    expectEqual(bytes.length, (1 << 20) + 3, 'size');
    expectBytes(bytes.subarray(3), noise(1 << 20), 'the bytes');
  }),
  diskCase('many small writes make one file', async ({ disk }) => {
    const file = disk.create('a');
    for (let i = 0; i < 300; i++) {
      writeAll(file, noise(37, i + 1), i * 37);
      if (i % 50 === 0) file.syncNow();
    }
    const bytes = readAll(file);
    for (let i = 0; i < 300; i++) expectBytes(bytes.subarray(i * 37, i * 37 + 37), noise(37, i + 1), `write ${i}`);
  }),
  diskCase('a buffer is not kept: changing it later changes no file', async ({ disk }) => {
    const file = disk.create('a');
    const buffer = noise(5000);
    writeAll(file, buffer, 0);
    buffer.fill(0xee);
    expectBytes(readAll(file), noise(5000), 'after changing the written buffer');
    file.syncNow();
    const into = readAll(file);
    into.fill(0xdd);
    expectBytes(readAll(file), noise(5000), 'after changing the read buffer');
  }),
  diskCase('a renamed file keeps its open handle', async ({ disk }) => {
    const file = disk.create('a');
    disk.rename('a', 'b');
    writeAll(file, noise(10), 0);
    file.syncNow();
    expectBytes(readAll(disk.open('b')), noise(10), 'the file under its new name');
  }),
  diskCase('use after close, and ranges that are none, are bugs of the caller', async ({ disk }) => {
    const file = disk.create('a');
    const buffer = new Uint8Array(10);
    for (const call of [
      () => file.writeNow(buffer, 0, 0, 0),
      () => file.writeNow(buffer, 5, 6, 0),
      () => file.writeNow(buffer, -1, 2, 0),
      () => file.writeNow(buffer, 0, 1, -1),
      () => file.readNow(buffer, 0, 11, 0),
      () => file.readNow(buffer, 0, 1, 0.5),
      () => file.truncate(-1),
    ]) {
      expectThrows(InvariantError, call, call.toString());
    }
    file.close();
    file.close();
    for (const call of [
      () => file.writeNow(buffer, 0, 1, 0),
      () => file.readNow(buffer, 0, 1, 0),
      () => file.syncNow(),
      () => file.truncate(0),
      () => file.sizeBytes(),
    ]) {
      expectThrows(InvariantError, call, `after close: ${call.toString()}`);
    }
    expectEqual(disk.open('a').sizeBytes(), 0, 'size');
  }),
];
