/**
 * The conformance suite of the `Disk` port: names, errors, and the life of files as one list. What only a crash can
 * show (durability) is not here: no real disk can be asked, and the simulated one has tests of its own.
 *
 * Every case writes and reads through `disk-bench.ts`, which continues short writes, as every caller must.
 */
import { InvariantError } from '../assert.ts';
import { ASYNC_FILE_CASES } from './disk-async.ts';
import { FILE_CASES } from './disk-file.ts';
import { type DiskBench, diskCase, readAll, refused, refusedWith, writeAll } from './disk-bench.ts';
import { LINK_CASES } from './disk-link.ts';
import { type Case, expect, expectBytes, expectEqual, expectList, expectThrows, noise } from './suite.ts';

const NAME_CASES: readonly Case<DiskBench>[] = [
  diskCase('a fresh disk is empty', async ({ disk }) => {
    expectList(disk.list(''), [], 'names');
  }),
  diskCase('open of a missing file is `missing`, with the path', async ({ disk }) => {
    refused('missing', 'no-file', () => disk.open('no-file'));
    refused('missing', 'no-directory/file', () => disk.open('no-directory/file'));
  }),
  diskCase('create of an existing file is `exists`, and leaves it alone', async ({ disk }) => {
    writeAll(disk.create('a'), noise(10), 0);
    refused('exists', 'a', () => disk.create('a'));
    expectBytes(readAll(disk.open('a')), noise(10), 'the file');
  }),
  diskCase('create below a missing directory is `missing`', async ({ disk }) => {
    refused('missing', 'd/a', () => disk.create('d/a'));
    expectList(disk.list(''), [], 'names');
  }),
  diskCase('create and open where a directory is are refused', async ({ disk }) => {
    disk.makeDirectory('d');
    refused('exists', 'd', () => disk.create('d'));
    refused('io', 'd', () => disk.open('d'));
  }),
  diskCase('a file in place of a directory is refused', async ({ disk }) => {
    disk.create('f').close();
    refused('io', 'f', () => disk.list('f'));
    refused('exists', 'f', () => disk.makeDirectory('f'));
  }),
  diskCase('list is sorted by code unit, and goes one level deep', async ({ disk }) => {
    const names = ['b', 'a10', 'a2', 'Z', '_', 'ä', 'a', '~', '0'];
    for (const name of names) disk.create(name).close();
    disk.makeDirectory('dir/deep');
    disk.create('dir/x').close();
    expectList(disk.list(''), [...names, 'dir'].sort(), 'the root');
    expectList(disk.list('dir'), ['deep', 'x'], 'a directory');
    expectList(disk.list('dir/deep'), [], 'an empty directory');
  }),
  diskCase('list names directories like files, in the root and below', async ({ disk }) => {
    disk.makeDirectory('b/z/deep');
    disk.create('a').close();
    disk.create('c').close();
    disk.create('b/y').close();
    expectList(disk.list(''), ['a', 'b', 'c'], 'the root');
    expectList(disk.list('b'), ['y', 'z'], 'below it');
    expectList(disk.list('b/z'), ['deep'], 'a directory with nothing but a directory');
  }),
  diskCase('files deep below the root are created, renamed, synced and removed as in the root', async ({ disk }) => {
    disk.makeDirectory('d/one');
    disk.makeDirectory('d/two');
    const file = disk.create('d/one/a');
    writeAll(file, noise(700), 0);
    file.syncNow();
    disk.syncDirectory('d/one');
    disk.rename('d/one/a', 'd/two/b');
    disk.syncDirectory('d/one');
    disk.syncDirectory('d/two');
    disk.syncDirectory('d');
    expectList([...disk.list('d/one'), ...disk.list('d/two')], ['b'], 'names');
    expectBytes(readAll(disk.open('d/two/b')), noise(700), 'the file');
    refused('missing', 'd/one/a', () => disk.open('d/one/a'));
    disk.remove('d/two/b');
    expectList(disk.list('d'), ['one', 'two'], 'the directories');
    expectList(disk.list('d/two'), [], 'the names after the removal');
  }),
  diskCase('list of a missing directory is `missing`', async ({ disk }) => {
    refused('missing', 'nowhere', () => disk.list('nowhere'));
  }),
  diskCase('list does not mistake a common beginning for a directory', async ({ disk }) => {
    disk.makeDirectory('log');
    disk.makeDirectory('log2');
    disk.create('log2/a').close();
    expectList(disk.list('log'), [], 'log');
  }),
  diskCase('makeDirectory makes parents; existing is fine', async ({ disk }) => {
    disk.makeDirectory('a/b/c');
    disk.create('a/b/c/f').close();
    disk.makeDirectory('a/b/c');
    disk.makeDirectory('a');
    expectList(disk.list('a/b/c'), ['f'], 'the deepest');
    expectList(disk.list('a'), ['b'], 'the first');
  }),
  diskCase('rename moves a file and replaces another', async ({ disk }) => {
    writeAll(disk.create('new'), noise(100, 1), 0);
    writeAll(disk.create('old'), noise(9000, 2), 0);
    disk.rename('new', 'old');
    expectList(disk.list(''), ['old'], 'names');
    expectBytes(readAll(disk.open('old')), noise(100, 1), 'the file');
  }),
  diskCase('rename moves between directories, and onto itself', async ({ disk }) => {
    disk.makeDirectory('a');
    disk.makeDirectory('b');
    writeAll(disk.create('a/f'), noise(10), 0);
    disk.rename('a/f', 'b/g');
    disk.rename('b/g', 'b/g');
    expectList([...disk.list('a'), ...disk.list('b')], ['g'], 'names');
    expectBytes(readAll(disk.open('b/g')), noise(10), 'the file');
  }),
  diskCase(
    'rename of a missing file, or to a missing directory, is `missing` and changes nothing',
    async ({ disk }) => {
      writeAll(disk.create('to'), noise(10), 0);
      refused('missing', 'from', () => disk.rename('from', 'to'));
      refusedWith('missing', () => disk.rename('to', 'nowhere/to'));
      expectList(disk.list(''), ['to'], 'names');
      expectBytes(readAll(disk.open('to')), noise(10), 'the file');
    },
  ),
  diskCase('remove removes; of a missing file it is `missing`', async ({ disk }) => {
    disk.create('a').close();
    disk.remove('a');
    expectList(disk.list(''), [], 'names');
    refused('missing', 'a', () => disk.open('a'));
    refused('missing', 'a', () => disk.remove('a'));
    expectEqual(disk.create('a').sizeBytes(), 0, 'size of a new file of that name');
  }),
  diskCase('a removed or replaced file lives on for who holds it open', async ({ disk }) => {
    const removed = disk.create('a');
    writeAll(removed, noise(100, 1), 0);
    disk.remove('a');
    const replaced = disk.create('a');
    writeAll(replaced, noise(100, 2), 0);
    writeAll(disk.create('b'), noise(100, 3), 0);
    disk.rename('b', 'a');
    expectBytes(readAll(removed), noise(100, 1), 'the removed file');
    expectBytes(readAll(replaced), noise(100, 2), 'the replaced file');
    expectBytes(readAll(disk.open('a')), noise(100, 3), 'the new file');
  }),
  diskCase('syncDirectory of what exists succeeds, of what does not is `missing`', async ({ disk }) => {
    disk.makeDirectory('d');
    disk.create('d/a').close();
    disk.syncDirectory('');
    disk.syncDirectory('d');
    refused('missing', 'nowhere', () => disk.syncDirectory('nowhere'));
  }),
  diskCase('syncDirectoryLater does the same, and settles after it returned', async ({ disk, settle }) => {
    disk.makeDirectory('d');
    disk.create('d/a').close();
    let settled = false;
    const works = ['', 'd', 'd'].map((path) => disk.syncDirectoryLater(path));
    void works[0]?.then(() => {
      settled = true;
    });
    expect(!settled, 'settled at once');
    await settle(Promise.all(works));
    expect(settled, 'settled in the end');
    expectList(disk.list('d'), ['a'], 'names');
    let refusal: unknown;
    await settle(
      disk.syncDirectoryLater('nowhere').then(undefined, (error: unknown) => {
        refusal = error;
      }),
    );
    refused('missing', 'nowhere', () => {
      throw refusal;
    });
  }),
  diskCase('a path that is absolute, climbs or is not plain is a bug of the caller', async ({ disk }) => {
    disk.create('kept').close();
    disk.makeDirectory('d');
    for (const path of ['../x', 'd/../../x', 'd/..', '..', '/x', 'd//x', './x', 'd/', 'a\0b']) {
      for (const call of [
        () => disk.open(path),
        () => disk.create(path),
        () => disk.list(path),
        () => disk.rename(path, 'to'),
        () => disk.rename('kept', path),
        () => disk.link(path, 'to'),
        () => disk.link('kept', path),
        () => disk.remove(path),
        () => disk.makeDirectory(path),
        () => disk.syncDirectory(path),
        () => void disk.syncDirectoryLater(path),
      ]) {
        expectThrows(InvariantError, call, `${call.toString()} with ${path}`);
      }
    }
    expectList(disk.list(''), ['d', 'kept'], 'names');
  }),
];

/** Every case of the port. */
export const DISK_CASES: readonly Case<DiskBench>[] = [
  ...NAME_CASES,
  ...LINK_CASES,
  ...FILE_CASES,
  ...ASYNC_FILE_CASES,
];
