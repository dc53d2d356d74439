/** `torc inspect` and `torc fsck` as people run them. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DiskError } from '@torc/base/errors';
import { liveHolder } from '@torc/server/lock-holder';
import { ReadOnlyDisk } from '../src/read-only-disk.ts';
import { makeDirectory, torc } from './data-directory.ts';

const TABLE = 'table-0000000001';

async function flip(path: string, offset: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = new Uint8Array(1);
  await file.read(byte, 0, 1, offset);
  await file.write(Uint8Array.of((byte[0] as number) ^ 4), 0, 1, offset);
  await file.close();
}

/** Names, bytes and times of change. */
async function pictureOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => {
      const { mtimeMs } = await stat(join(folder, name));
      return `${name} ${mtimeMs} ${(await readFile(join(folder, name))).toString('hex')}`;
    }),
  );
}

describe('torc inspect and torc fsck', { timeout: 60_000 }, () => {
  let root = '';
  let sound = '';
  let damaged = '';

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'torc-offline-'));
    sound = await makeDirectory();
    damaged = join(root, 'damaged');
    await cp(sound, damaged, { recursive: true });
    await flip(join(damaged, TABLE), 300);
  });

  after(() => Promise.all([root, sound].map((folder) => rm(folder, { recursive: true, force: true }))));

  it('says what a sound directory holds, and that it is sound; nothing is written, and no right to is needed', async () => {
    for (const name of await readdir(sound)) await chmod(join(sound, name), 0o444);
    await chmod(sound, 0o555);
    const picture = await pictureOf(sound);
    const [inspect, fsck] = await Promise.all([torc('inspect', sound), torc('fsck', sound)]);
    assert.deepEqual([inspect.code, inspect.stderr, fsck.code, fsck.stderr], [0, '', 0, '']);
    assert.match(inspect.stdout, /^manifest-0000000001 .*a snapshot and 1 edit, closed cleanly$/m);
    assert.match(inspect.stdout, /stamp ceiling 123456, boot 3, wall clock 2026-01-02T00:00:00.000Z/);
    assert.match(
      inspect.stdout,
      /^ {2}0 +1 .*10\.\d +\d\.\d\d % \(theory 0\.8\d %\).*LZ4.*0:"\{user\}:00000".*sound$/m,
    );
    assert.match(inspect.stdout, /^ +1 +64 B +none .*whole, not closed$/m);
    assert.match(fsck.stdout, /2 tables, \d+ blocks, 1,000 entries, 1 log segment, no batches/);
    assert.match(fsck.stdout, /^no errors, no warnings, 1 note$/m);
    assert.deepEqual(await pictureOf(sound), picture);
    assert.ok(!(inspect.stdout + fsck.stdout).includes('\u001b'), 'no colours where there is no terminal');
    await chmod(sound, 0o755);
  });

  it('shows one table, and the edits of the manifest', async () => {
    const [table, manifest] = await Promise.all([
      torc('inspect', sound, '--table', '2', '--entries', '2'),
      torc('inspect', sound, '--manifest'),
    ]);
    assert.deepEqual([table.code, manifest.code], [0, 0]);
    assert.match(table.stdout, /of 100000 absent keys pass: (0\.[67]\d|0\.8\d|0\.9[0-8]) % \(theory 0\.8\d %\)/);
    assert.match(table.stdout, /whole +0:"\{user\}:00500" +1500 +1 +1 +\d+ +"\{"name":"somebody"/);
    assert.match(manifest.stdout, /^ +2 .*\+1 \(run 0\) \+2 \(run 0\) log from 1/m);
  });

  it('names what is damaged, with its keys and what to do, and exits with 1; for a tool, as JSON', async () => {
    const [inspect, fsck] = await Promise.all([torc('inspect', damaged, '--json'), torc('fsck', damaged)]);
    assert.deepEqual([inspect.code, fsck.code], [1, 1]);
    assert.match(fsck.stdout, /^error {4}table-0000000001 at byte 64$/m);
    assert.match(fsck.stdout, /checksum of a block is wrong; keys from 0:"\{user\}:00000" up to/);
    assert.match(fsck.stdout, /^ +Next: Stop the node and put back this file/m);
    assert.match(fsck.stdout, /^1 error, no warnings, 1 note$/m);
    const { tables } = JSON.parse(inspect.stdout) as {
      tables: { meta: { firstKey: string }; damaged: { offset: number; range: { from: string } }[] }[];
    };
    assert.match(tables[0]?.meta.firstKey ?? '', /^0000[0-9a-f]{8}7b75736572/);
    assert.deepEqual(
      tables.map((table) => table.damaged.map(({ offset }) => offset)),
      [[64], []],
    );
    assert.equal(tables[0]?.damaged[0]?.range.from, tables[0]?.meta.firstKey);
  });

  it('makes no directory of what is not there, and exits with 2 when nothing was looked at', async () => {
    const missing = join(root, 'not-there');
    const [inspect, usage] = await Promise.all([
      torc('inspect', missing),
      torc('inspect', sound, '--table', '1', '--log', '1'),
    ]);
    const absent = await torc('inspect', sound, '--table', '9');
    assert.deepEqual([inspect.code, usage.code, absent.code], [2, 2, 2]);
    assert.equal(absent.stderr, 'torc: table-0000000009: there is no such file\n');
    assert.equal(inspect.stderr, `torc: ${missing}: there is no such directory\n`);
    assert.ok(!existsSync(missing));
    assert.throws(() => new ReadOnlyDisk(join(sound, TABLE)), DiskError);
    assert.throws(() => new ReadOnlyDisk(sound).create('new'), DiskError);
    assert.throws(() => new ReadOnlyDisk(root).open('damaged'), DiskError);
  });

  it('warns of a directory that is in use, and does not check it', async () => {
    const used = join(root, 'used');
    await cp(sound, used, { recursive: true });
    const lock = (holder: string): Promise<void> => writeFile(join(used, 'LOCK'), holder);
    // Without a start time any process with the pid is meant: this one.
    await lock(JSON.stringify({ pid: process.pid, startTime: '', bootId: '', nonce: 'x' }));
    assert.equal(liveHolder(used), process.pid);
    const [inspect, fsck] = await Promise.all([torc('inspect', used), torc('fsck', used)]);
    assert.deepEqual([inspect.code, fsck.code, fsck.stdout], [0, 2, '']);
    assert.match(inspect.stderr, new RegExp(`in use by process ${process.pid}`));
    assert.match(fsck.stderr, /stop the node first, or use --force/);
    await lock(JSON.stringify({ pid: process.pid, startTime: '1', bootId: '', nonce: 'x' }));
    if (process.platform === 'linux') assert.equal(liveHolder(used), undefined, 'the pid is another process by now');
    for (const text of ['', 'null', '{"pid":"x"}', '{"pid":4294967296}', '{']) {
      await lock(text);
      assert.equal(liveHolder(used), undefined);
    }
  });
});
