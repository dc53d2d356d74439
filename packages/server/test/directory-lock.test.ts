/** One process per directory: live holders are refused, dead ones are followed, and nobody gets a lock twice. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DiskError } from '@torc/base/errors';
import { DirectoryLock } from '../src/directory-lock.ts';

const HOLDER = fileURLToPath(new URL('./fixtures/lock-holder.ts', import.meta.url));

function directoryFor(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'torc-lock-'));
  context.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Starts a process that tries for the lock; gives it and what it said. */
async function rival(directory: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ['--conditions=torc-src', HOLDER, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}

async function kill9(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function refusal(directory: string): DiskError {
  try {
    DirectoryLock.acquire(directory);
  } catch (error: unknown) {
    if (error instanceof DiskError) return error;
    throw error;
  }
  throw new Error('the lock was given twice');
}

test('a second holder is refused, also in the same process, until the first releases', (context) => {
  const directory = directoryFor(context);
  const lock = DirectoryLock.acquire(directory);
  const error = refusal(directory);
  assert.equal(error.code, 'busy');
  assert.match(error.message, new RegExp(`process ${process.pid}`));
  assert.ok(error.message.includes(directory));
  lock.release();
  lock.release();
  DirectoryLock.acquire(directory).release();
  assert.deepEqual(readdirSync(directory), []);
});

test('a live holder in another process is named; after kill -9 its lock is taken over', async (context) => {
  const directory = directoryFor(context);
  const { child, said } = await rival(directory);
  assert.equal(said, 'held');
  assert.match(refusal(directory).message, new RegExp(`process ${child.pid}`));
  await kill9(child);
  const lock = DirectoryLock.acquire(directory);
  assert.equal((JSON.parse(readFileSync(join(directory, 'LOCK'), 'utf8')) as { pid: number }).pid, process.pid);
  lock.release();
  assert.deepEqual(readdirSync(directory), []);
});

test('a clean end releases', async (context) => {
  const directory = directoryFor(context);
  const { child } = await rival(directory);
  const exited = once(child, 'exit');
  child.stdin?.write('release\n');
  await exited;
  assert.deepEqual(readdirSync(directory), []);
});

test('of six that find a stale lock at once, one gets it', async (context) => {
  const directory = directoryFor(context);
  await kill9((await rival(directory)).child);
  const rivals = await Promise.all(Array.from({ length: 6 }, () => rival(directory)));
  const said = rivals.map((each) => each.said).sort();
  assert.deepEqual(said, ['held', ...Array<string>(5).fill('refused busy')]);
  await Promise.all(rivals.filter((each) => each.said === 'held').map((each) => kill9(each.child)));
});

test('a pid that was given to another process is not its old holder', {
  skip: process.platform !== 'linux',
}, (context) => {
  const directory = directoryFor(context);
  writeFileSync(join(directory, 'LOCK'), JSON.stringify({ pid: process.pid, startTime: '1', bootId: 'b', nonce: 'n' }));
  DirectoryLock.acquire(directory).release();
});

test('a lock from before a restart of the machine is stale', { skip: process.platform !== 'linux' }, (context) => {
  const directory = directoryFor(context);
  DirectoryLock.acquire(directory);
  const path = join(directory, 'LOCK');
  const holder = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...holder, bootId: 'an earlier one' }));
  DirectoryLock.acquire(directory).release();
});

test('a lock that power loss has emptied or torn, and a stale guard, stop nobody', (context) => {
  for (const content of ['', '\0\0\0\0', '{"pid":', 'null', '{"pid":-1}', '{"pid":999999999,"startTime":"1"}']) {
    const directory = directoryFor(context);
    writeFileSync(join(directory, 'LOCK'), content);
    writeFileSync(join(directory, 'LOCK.takeover'), content);
    DirectoryLock.acquire(directory).release();
    assert.deepEqual(readdirSync(directory), []);
  }
});

test('a takeover under way is respected', (context) => {
  const directory = directoryFor(context);
  const other = directoryFor(context);
  DirectoryLock.acquire(other);
  writeFileSync(join(directory, 'LOCK'), '');
  writeFileSync(join(directory, 'LOCK.takeover'), readFileSync(join(other, 'LOCK')));
  assert.match(refusal(directory).message, /being taken over/);
});

test('releasing does not remove the lock of another', (context) => {
  const directory = directoryFor(context);
  const lock = DirectoryLock.acquire(directory);
  writeFileSync(join(directory, 'LOCK'), '{"pid":1,"startTime":"1","bootId":"x","nonce":"another"}');
  lock.release();
  assert.deepEqual(readdirSync(directory), ['LOCK']);
});
