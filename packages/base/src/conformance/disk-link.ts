/**
 * The part of the disk suite about hard links: two names of one file, equal in everything.
 */
import { type DiskBench, diskCase, readAll, refused, writeAll } from './disk-bench.ts';
import { type Case, expectBytes, expectEqual, expectList, noise } from './suite.ts';

export const LINK_CASES: readonly Case<DiskBench>[] = [
  diskCase('link gives a file a second name, and both show the same bytes', async ({ disk }) => {
    writeAll(disk.create('a'), noise(9000), 0);
    disk.link('a', 'b');
    expectList(disk.list(''), ['a', 'b'], 'names');
    expectBytes(readAll(disk.open('a')), noise(9000), 'under the first name');
    expectBytes(readAll(disk.open('b')), noise(9000), 'under the second');
    expectEqual(disk.open('b').path, 'b', 'path of the file opened under its second name');
  }),
  diskCase('what is written, cut or synced through one name is seen through the other', async ({ disk }) => {
    const first = disk.create('a');
    writeAll(first, noise(1000), 0);
    disk.link('a', 'b');
    const second = disk.open('b');
    writeAll(second, noise(10, 2), 500);
    second.syncNow();
    const wanted = noise(1000);
    wanted.set(noise(10, 2), 500);
    expectBytes(readAll(first), wanted, 'written through the second, read through the first');
    first.truncate(505);
    expectBytes(readAll(disk.open('b')), wanted.subarray(0, 505), 'cut through the first, read through the second');
  }),
  diskCase('removing either name leaves the other', async ({ disk }) => {
    for (const [removed, left] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      writeAll(disk.create('a'), noise(100), 0);
      disk.link('a', 'b');
      disk.remove(removed);
      expectList(disk.list(''), [left], 'names');
      expectBytes(readAll(disk.open(left)), noise(100), 'the file');
      refused('missing', removed, () => disk.open(removed));
      disk.remove(left);
      expectList(disk.list(''), [], 'names after the last one went');
    }
  }),
  diskCase('a name that is replaced or moved leaves the other alone', async ({ disk }) => {
    writeAll(disk.create('a'), noise(100, 1), 0);
    disk.link('a', 'b');
    disk.link('b', 'c');
    writeAll(disk.create('new'), noise(50, 2), 0);
    disk.rename('new', 'a');
    disk.rename('b', 'moved');
    expectList(disk.list(''), ['a', 'c', 'moved'], 'names');
    expectBytes(readAll(disk.open('a')), noise(50, 2), 'the file in place of the first name');
    expectBytes(readAll(disk.open('moved')), noise(100, 1), 'under the name that moved');
    expectBytes(readAll(disk.open('c')), noise(100, 1), 'under the third name');
  }),
  diskCase('a rename from one name of a file to another does nothing', async ({ disk }) => {
    writeAll(disk.create('a'), noise(10), 0);
    disk.link('a', 'b');
    disk.rename('a', 'b');
    expectList(disk.list(''), ['a', 'b'], 'names');
    disk.remove('a');
    expectBytes(readAll(disk.open('b')), noise(10), 'the file');
  }),
  diskCase('link to a name that is there is `exists`, and leaves it alone', async ({ disk }) => {
    disk.makeDirectory('d');
    writeAll(disk.create('a'), noise(10, 1), 0);
    writeAll(disk.create('b'), noise(10, 2), 0);
    refused('exists', 'b', () => disk.link('a', 'b'));
    refused('exists', 'a', () => disk.link('a', 'a'));
    refused('exists', 'd', () => disk.link('a', 'd'));
    refused('exists', '', () => disk.link('a', ''));
    expectList(disk.list(''), ['a', 'b', 'd'], 'names');
    expectBytes(readAll(disk.open('b')), noise(10, 2), 'the file that was there');
  }),
  diskCase('link of a missing file, or into a missing directory, is `missing`, with the path', async ({ disk }) => {
    disk.create('a').close();
    refused('missing', 'no-file', () => disk.link('no-file', 'b'));
    refused('missing', 'no-file', () => disk.link('no-file', 'a'));
    refused('missing', 'no-file', () => disk.link('no-file', 'nowhere/b'));
    refused('missing', 'nowhere/b', () => disk.link('a', 'nowhere/b'));
    expectList(disk.list(''), ['a'], 'names');
  }),
  diskCase('a directory has one name: link of it is `io`', async ({ disk }) => {
    disk.makeDirectory('d/e');
    refused('io', 'd', () => disk.link('d', 'other'));
    refused('io', '', () => disk.link('', 'other'));
    refused('io', 'd/e', () => disk.link('d/e', 'other'));
    expectList(disk.list(''), ['d'], 'names');
  }),
  diskCase('link goes into directories below the root, as a checkpoint needs it', async ({ disk }) => {
    disk.makeDirectory('checkpoints/monday');
    const file = disk.create('table');
    writeAll(file, noise(5000), 0);
    file.syncNow();
    disk.syncDirectory('');
    disk.link('table', 'checkpoints/monday/table');
    disk.syncDirectory('checkpoints/monday');
    disk.syncDirectory('checkpoints');
    disk.remove('table');
    disk.syncDirectory('');
    expectList(disk.list(''), ['checkpoints'], 'the root');
    expectList(disk.list('checkpoints/monday'), ['table'], 'the checkpoint');
    expectBytes(readAll(disk.open('checkpoints/monday/table')), noise(5000), 'the file in the checkpoint');
    disk.link('checkpoints/monday/table', 'back');
    expectBytes(readAll(disk.open('back')), noise(5000), 'the file linked back');
  }),
  diskCase('a file without a name lives on for who holds it open, whichever name he opened', async ({ disk }) => {
    writeAll(disk.create('a'), noise(100), 0);
    disk.link('a', 'b');
    const held = disk.open('b');
    disk.remove('a');
    disk.remove('b');
    expectBytes(readAll(held), noise(100), 'the file');
    writeAll(held, noise(100, 2), 100);
    expectEqual(held.sizeBytes(), 200, 'its size after a write');
    expectList(disk.list(''), [], 'names');
  }),
];
